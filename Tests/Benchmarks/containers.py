"""What the names of containers cost: scrapes with and without them, of containers that are all made up."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from programs import PRODUCTS, progress
from report import print_columns
from subjects import told_by_collector

CONTAINERS = 1_000
PORT = 18793
# How much longer a scrape may take in which all containers are new.
NEW_MS_MAX = 60
# A known name is looked at again after 64 scrapes.
UNCHANGED_SCRAPES = 128


class Containers:
    """A process with a listener in a cgroup like Docker's for each, and Docker's file about it."""

    def __init__(self, count):
        # The first 12 digits are what they are called without names.
        self.ids = [f"{number:012x}" + 26 * "ab" for number in range(count)]
        self.children = []

    def __enter__(self):
        self.data = pathlib.Path(tempfile.mkdtemp(prefix="containers."))
        self.cgroups = cgroup2() / f"docker.benchmark.{os.getpid()}"
        self.cgroups.mkdir()
        for number, identifier in enumerate(self.ids):
            directory = self.data / "containers" / identifier
            directory.mkdir(parents=True)
            (directory / "config.v2.json").write_text(json.dumps(description(number, identifier)))
            (self.cgroups / identifier).mkdir()
            self.children.append(self.start(self.cgroups / identifier))
        return self

    @staticmethod
    def start(cgroup):
        heard, said = os.pipe()
        child = os.fork()
        if child == 0:
            (cgroup / "cgroup.procs").write_text(str(os.getpid()))
            with socket.create_server(("127.0.0.1", 0)):
                os.write(said, b"!")
                while True: signal.pause()
        os.close(said)
        os.read(heard, 1)
        os.close(heard)
        return child

    def __exit__(self, *_):
        for child in self.children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        for identifier in self.ids: (self.cgroups / identifier).rmdir()
        self.cgroups.rmdir()
        shutil.rmtree(self.data)


def cgroup2():
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, path, kind, *_ = line.split()
        if kind == "cgroup2": return pathlib.Path(path)
    sys.exit("benchmark: this host has no cgroup v2")


def description(number, identifier):
    """As much as Docker writes about a container, about 4 KB."""
    environment = [f"SETTING_{index}={'x' * 40}" for index in range(40)]
    labels = {f"org.example.label.{index}": "y" * 20 for index in range(20)}
    return {"StreamConfig": {}, "State": {"Running": True, "Pid": 1000 + number}, "ID": identifier,
            "Config": {"Env": environment, "Cmd": ["/app"], "Labels": labels},
            "NetworkSettings": {"Ports": {"80/tcp": None}}, "Name": f"/web-{number}"}


def scrapes(containers, names, count):
    """How long its collectors took in each of an exporter's first scrapes, in milliseconds, and the last text."""
    command = [PRODUCTS / "tcptable_exporter", f"--web.listen-address=127.0.0.1:{PORT}", "--log.level=error",
               f"--collector.module.container-names={names}", f"--path.docker={containers.data}",
               "--path.pod-logs=/nonexistent", f"--collector.module.limit={2 * CONTAINERS}"]
    exporter = subprocess.Popen(command)
    try:
        client = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
        await_answer(client)
        texts = [get(client, "/metrics") for _ in range(count)]
    finally:
        exporter.terminate()
        exporter.wait()
    return [told_by_collector(text) / 1e6 for text in texts], texts[-1]


def get(client, path):
    client.request("GET", path)
    return client.getresponse().read().decode()


def await_answer(client):
    """Until it responds, and without a scrape."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return get(client, "/-/healthy")
        except OSError:
            client.close()
            if time.monotonic() > deadline: sys.exit("benchmark: the exporter does not answer")
            time.sleep(0.02)


def measure_containers(repeat):
    """Measures and prints, and gives the exit status. It runs in namespaces of its own."""
    with Containers(CONTAINERS) as containers:
        pairs = {"all new": [], "all known, median": [], "all known, mean": []}
        for index in range(repeat):
            progress(f"{CONTAINERS} containers: {index + 1}/{repeat}")
            times = {}
            for names in ("off", "auto"):
                times[names], text = scrapes(containers, names, 8 + UNCHANGED_SCRAPES)
                named = text.count('tcptable_module_info{module="docker-web-')
                if named != (CONTAINERS if names == "auto" else 0):
                    sys.exit(f"benchmark: {named} of {CONTAINERS} containers have names")
            for what, figure in zip(pairs, (lambda all: all[0], lambda all: statistics.median(all[8:]),
                                            lambda all: statistics.fmean(all[8:]))):
                pairs[what].append([figure(times[names]) for names in ("off", "auto")])
    if sys.stderr.isatty(): progress("")
    rows = [(what, *(statistics.median(column) for column in zip(*figures)),
             statistics.median(auto - off for off, auto in figures)) for what, figures in pairs.items()]
    print_columns([(f"a scrape of {CONTAINERS} containers", "without names, ms", "with names, ms",
                    "difference, ms")] + [
        (what, f"{off:.1f}", f"{auto:.1f}", f"{more:.1f}") for what, off, auto, more in rows])
    return 0 if rows[0][3] <= NEW_MS_MAX else 1
