"""A host at work and two exporters on it, one with TLS: what the soak and the sanitizers look at."""
import contextlib
import subprocess

from churn import Containers, Namespaces, Processes, Sockets
from exporter import Exporter
from load import Load
from web import Aborts, Guesses, ReadFiles, Reloads, Scrapes

PORTS = {"http": 10793, "https": 10794}
PATHS = ("/metrics", "/", "/metrics?collect[]=state", "/-/ready", "/metrics")


class Scene(contextlib.ExitStack):
    """Exporters with all collectors, all network namespaces and every kind of client."""

    def __init__(self, program, directory, programs, environment=None, log=None):
        super().__init__()
        self.directory, self.programs = directory, programs
        self.program, self.environment, self.log = program, environment, log
        self.exporters, self.files = {}, {}

    def __enter__(self):
        super().__enter__()
        try:
            for family in ([], ["--ipv6"]): self.hold(*family)
            for scheme, port in PORTS.items():
                self.files[scheme] = ReadFiles(self.directory / scheme, tls=scheme == "https")
                self.exporters[scheme] = self.enter_context(self.start(scheme, port))
        except BaseException:
            self.close()
            raise
        return self

    def start(self, scheme, port):
        files = self.files[scheme]
        options = [*files.options, "--collector.netns=all", f"--path.docker={self.directory / 'docker'}",
                   "--collector.peer=own=127.0.0.0/8", "--log.level=error"]
        return Exporter(self.program, port, options, files.authority, self.environment, self.log)

    def hold(self, *options):
        """Connections of both families that stay."""
        program = self.enter_context(subprocess.Popen(
            [self.programs / "tcptable_testload", "20", "2", "--listening", *options],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        self.callback(program.kill)
        program.stdout.readline()

    def load(self, pace=1.0):
        """Everything at once. A higher pace is less of it."""
        load = Load()
        load.add("sockets", Sockets(), 0.1 * pace)
        load.add("processes", Processes(self.programs), 0.2 * pace)
        load.add("containers", Containers(self.programs, self.directory), 0.3 * pace)
        load.add("namespaces", Namespaces(self.programs), 0.5 * pace)
        for scheme, exporter in self.exporters.items():
            load.add(f"{scheme} scrapes", Scrapes(exporter, PATHS), 0.05 * pace)
            load.add(f"{scheme} wrong passwords", Guesses(exporter), 0.1 * pace)
            load.add(f"{scheme} aborted", Aborts(exporter), 0.05 * pace)
            load.add(f"{scheme} reloads", Reloads(exporter, self.files[scheme]), 0.7 * pace)
        return load
