"""Reads a guest's console (guest/init tells its form), and the expositions on it."""

import re
from dataclasses import dataclass, field


class Malformed(Exception):
    """A console or an exposition that cannot be read; the message says where."""


@dataclass
class Step:
    """One thing that the guest asked of the exporter, and what was true at that time."""

    name: str
    user: str
    namespaces: str
    rows: list = field(default_factory=list)  # of the kernel's table: a dictionary each
    tls_stat: dict = field(default_factory=dict)  # namespace label -> counter -> number
    output: list = field(default_factory=list)
    errors: list = field(default_factory=list)
    status: int = -1
    stuck: int = 0  # threads of the exporter that wait for a lock in the kernel
    milliseconds: int = 0  # from the request to the end of the answer
    listen_drops: int = -1  # connection attempts that the kernel counts as dropped
    refused: int = 0  # requests refused by the kernel since the guest's start

    @property
    def is_unprivileged(self):
        return self.user != "root"


def words(text):
    """`a=1 b=` as a dictionary."""
    return dict(word.split("=", 1) for word in text.split())


class Console:
    """The steps of one boot, the ciphers that the kernel had not, and how the guest ended."""

    def __init__(self, path):
        self.steps, self.skipped, self.end = [], [], "the guest did not finish"
        self._into = None
        # The serial line ends lines in CR LF, and a line that ended so already in CR CR LF.
        with open(path, encoding="utf-8", errors="replace", newline="\n") as file:
            for line in file:
                self._read(line.rstrip("\r\n"))

    def _read(self, line):
        if line.startswith("LAB "):
            keyword, _, rest = line[4:].partition(" ")
            self._mark(keyword, rest)
        elif line.startswith("EXPECT ") and self.steps:
            self.steps[-1].rows.append(words(line[7:]))
        elif self._into is not None:
            self._into(line)

    def _mark(self, keyword, rest):
        step = self.steps[-1] if self.steps else None
        self._into = None
        match keyword:
            case "STEP":
                self.steps.append(Step(**words(rest)))
            case "TLS_STAT":
                counters = step.tls_stat.setdefault(words(rest)["netns"], {})
                self._into = lambda line: counters.update([self._counter(line)])
            case "OUTPUT":
                self._into = step.output.append
            case "ERRORS":
                self._into = step.errors.append
            case "STATUS":
                step.status = int(rest)
            case "REFUSED":
                step.refused = int(rest)
            case "MILLISECONDS":
                step.milliseconds = int(rest)
            case "STUCK":
                step.stuck = int(rest)
            case "LISTEN_DROPS":
                step.listen_drops = int(rest)
            case "SKIPPED":
                self.skipped.append(rest)
            case "STOPPED":
                self.end = f"the guest stopped: {rest}"
            case "FINISHED":
                self.end = None

    @staticmethod
    def _counter(line):
        name, value = line.split()
        return name, int(value)


SAMPLE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)')


def samples(lines):
    """Metric name -> list of (labels, value) of an exposition without hostile names."""
    found = {}
    for line in lines:
        if not line or line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        if match is None:
            raise Malformed(f"no sample: {line!r}")
        name, labels, value = match.groups()
        found.setdefault(name, []).append((dict(LABEL.findall(labels or "")), float(value)))
    return found
