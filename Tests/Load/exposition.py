"""What /metrics says, read without the project's code."""
import re

SAMPLE = re.compile(r'(\w+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """Values by name and labels."""
    found = {}
    for line in text.splitlines():
        if match := SAMPLE.fullmatch(line):
            labels = dict(LABEL.findall(match[2] or ""))
            found[match[1], tuple(sorted(labels.items()))] = float(match[3])
    return found


def total(found, family, **labels):
    return sum(value for (name, own), value in found.items()
               if name == family and labels.items() <= dict(own).items())


def lost_sockets(text):
    """Where sockets are not counted once, as the README promises: a sentence each."""
    found = samples(text)
    failing = {dict(own)["collector"] for (name, own), value in found.items()
               if name == "tcptable_scrape_collector_success" and value == 0}
    if "state" in failing: return []
    everything = total(found, "tcptable_connections")
    sums = {"module": total(found, "tcptable_module_connections")
            + total(found, "tcptable_unattributed_connections"),
            "offload": total(found, "tcptable_offload_connections")}
    return [f"{collector} counts {count:.0f} of {everything:.0f} sockets"
            for collector, count in sums.items() if collector not in failing and count != everything]
