"""What is measured, and how: each measurement is nanoseconds, processor time and memory."""
import http.client
import pathlib
import re
import shutil
import subprocess
import sys
import time

from programs import PRODUCTS, WORK, spawn

PORT = 18791
NODE_PORT = 18792
STATE_AND_OFFLOAD = [
    f"--no-collector.{name}" for name in ("module", "queue", "listener", "ephemeral-port")]
# ss looks through every process for every socket's holder: beyond this it takes minutes.
SS_OWNERS_ROWS_MAX = 100_000


class Once:
    """A program that runs once: "told" finds its own nanoseconds in what it prints."""

    def __init__(self, name, command, told=None, before=None):
        self.name, self.command, self.told, self.before = name, command, told, before

    def __enter__(self): return self
    def __exit__(self, *_): pass

    def measure(self):
        if self.before: self.before()
        with open(WORK / "output", "w+b") as output:
            command = ["sh", "-c", 'exec "$@" 3>"$0"', WORK / "report", WORK / "measured"]
            subprocess.run([*command, *self.command], stdout=output, stderr=subprocess.DEVNULL,
                           check=True)
            words = (WORK / "report").read_text().split()
            report = {key: int(value) for key, value in zip(words[::2], words[1::2])}
            if report["status"] != 0:
                sys.exit(f"benchmark: {self.command} ended with {report['status']}")
            output.seek(0)
            nanoseconds = self.told(output.read().decode()) if self.told else report["ns"]
        return {"ns": nanoseconds, "cpu_ns": report["cpu_ns"],
                "resident_bytes": None, "peak_resident_bytes": report["resident_bytes"]}


class Server:
    """A program that serves metrics, scraped on a kept connection."""

    def __init__(self, name, command, port, before=None, told=None, clients=1):
        self.name, self.command, self.port = name, command, port
        self.before, self.told, self.clients = before, told, clients

    def __enter__(self):
        self.child = spawn(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connections = [
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
            for _ in range(self.clients)]
        deadline = time.monotonic() + 30
        while True:
            try:
                self.get(self.connections[0])
                break
            except OSError:
                self.connections[0].close()
                if time.monotonic() > deadline: sys.exit(f"benchmark: {self.name} does not answer")
                time.sleep(0.02)
        # At the second scrape the answers of the first are verified.
        for _ in range(2): self.get(self.connections[0])
        return self

    def __exit__(self, *_):
        for connection in self.connections: connection.close()
        self.child.terminate()
        self.child.wait()

    def get(self, connection):
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        return answer.read().decode()

    def cpu_ns(self):
        # clock_getcpuclockid(3): the process's own clock, with the time of threads that have ended.
        return time.clock_gettime_ns(~self.child.pid << 3 | 2)

    def measure(self):
        if self.before: self.before()
        cpu, start = self.cpu_ns(), time.monotonic_ns()
        for connection in self.connections: connection.request("GET", "/metrics")
        text = [c.getresponse().read().decode() for c in self.connections][0]
        nanoseconds = time.monotonic_ns() - start
        if self.told: nanoseconds = self.told(text)
        return {"ns": nanoseconds, "cpu_ns": self.cpu_ns() - cpu} | memory(self.child)


class Caller:
    """GetTcpTable2 in a process that stays."""

    name = "GetTcpTable2 and GetTcp6Table2, owners known"

    def __enter__(self):
        self.child = spawn(
            [WORK / "get_tcp_table"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(3): self.call()
        return self

    def __exit__(self, *_):
        self.child.stdin.close()
        self.child.wait()

    def call(self):
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        return int(self.child.stdout.readline().split()[3])

    def measure(self):
        nanoseconds = self.call()
        return {"ns": nanoseconds, "cpu_ns": None} | memory(self.child)


def memory(child):
    """Of a process that goes on: what is resident now, and the most that was."""
    status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
    now, peak = (int(re.search(rf"{name}:\s+(\d+)", status)[1]) * 1024
                 for name in ("VmRSS", "VmHWM"))
    return {"resident_bytes": now, "peak_resident_bytes": peak}


def told_by_line(text):
    """bare_dump and descriptor_scan: "WHAT N ns T"."""
    return int(text.split()[3])


def told_by_collector(text):
    """The exporter: from the start of a scrape until its collectors had seen all rows."""
    found = re.findall(r"scrape_collector_duration_seconds\{collector=\"(?:state|module)\"\} (\S+)", text)
    return round(max(map(float, found)) * 1e9)


FLOOR = Once("floor: a bare C walk", [WORK / "bare_dump"], told_by_line)


def subjects(load):
    """Everything that is measured at this size, the floor apart."""
    exporter = PRODUCTS / "tcptable_exporter"
    listen = ["--log.level=error", f"--web.listen-address=127.0.0.1:{PORT}"]
    yield Once("exporter --once, state and offload", [exporter, "--once", *STATE_AND_OFFLOAD],
               told_by_collector)
    yield Once("exporter --once, all collectors (cold)", [exporter, "--once"], told_by_collector)
    yield Once("the same, without BPF", [exporter, "--once", "--collector.holders=procfs"],
               told_by_collector)
    yield Once("floor of that: a bare C scan of all descriptors", [WORK / "descriptor_scan"],
               told_by_line)
    yield Server("scrape, state and offload", [exporter, *listen, *STATE_AND_OFFLOAD], PORT,
                 told=told_by_collector)
    yield Server("scrape, all collectors, table unchanged", [exporter, *listen], PORT,
                 told=told_by_collector)
    yield Server("scrape, all collectors, 1 % of the sockets new", [exporter, *listen], PORT,
                 before=load.renew, told=told_by_collector)
    yield Server("HTTP: asking to answer, all collectors", [exporter, *listen], PORT)
    yield Server("HTTP: 100 scrapers at once, all collectors", [exporter, *listen,
                 "--web.max-requests=0"], PORT, clients=100)
    yield Caller()
    yield Once("tcptable", [PRODUCTS / "tcptable"])
    yield Once("tcptable --by state", [PRODUCTS / "tcptable", "--by", "state"])
    if shutil.which("ss"):
        yield Once("ss -tan", ["ss", "-tan"])
        if load.rows <= SS_OWNERS_ROWS_MAX: yield Once("ss -tanp", ["ss", "-tanp"])
    node = shutil.which("prometheus-node-exporter")
    if node:
        yield Server("HTTP: node_exporter, tcpstat alone",
                     [node, "--collector.disable-defaults", "--collector.tcpstat",
                      f"--web.listen-address=127.0.0.1:{NODE_PORT}"], NODE_PORT)
