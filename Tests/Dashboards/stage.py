"""A few hosts with programs, exporters on them, and a Prometheus with the rules of dashboards/.

Each host is a network namespace on one bridge, and its address has the host's number. The rules run FACTOR
times as fast (Tests/Fleet/timelapse.py), so that an hour takes two minutes.
"""
import json
import os
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROMETHEUS = "127.0.0.1:9090"
FACTOR = 30
RECORDINGS = f"{ROOT}/Tests/DashboardTests/Fixtures"  # kernel-tls.prom: a host with kernel TLS
RULES = ("alerts", "alerts-absent", "alerts-kernel-tls", "rules")
UNANSWERED = "192.0.2.1"  # an address that no host has, so that packets to it are lost

# The programs of each host: a name, and what it does as programs.py has it.
HOSTS = {
    "web-1": [
        "nginx serve 443", "nginx serve 80", "sshd serve 22", "orders-api serve 8081",
        "orders-api clients 10.9.0.3 5432 40 20", "orders-api clients 10.9.0.4 6379 20 30",
        "orders-api leak 10.9.0.5 8443 1.5", "checkout-api hang 8080 64",
        "checkout-api clients 10.9.0.3 5432 12 40", "mail-relay attempts 192.0.2.1 25 70",
        "report-worker unread 9000", "metrics-agent clients 127.0.0.1 443 4 1",
    ],
    "web-2": [
        "nginx serve 443", "nginx serve 80", "sshd serve 22", "orders-api serve 8081",
        "orders-api clients 10.9.0.3 5432 40 20", "checkout-api serve 8080 64",
    ],
    "db-1": ["postgres serve 5432 244", "sshd serve 22"],
    "cache-1": ["redis-server serve 6379 511", "sshd serve 22"],
    "edge-1": [
        "haproxy clients 10.9.0.1 443 180 15", "haproxy clients 10.9.0.2 443 140 12",
        "haproxy clients 10.9.0.1 80 12 1", "haproxy flood 10.9.0.1 8080 60",
        "payments serve 443", "payments farewell 8443", "backup upload 10.9.0.1 9000", "sshd serve 22",
    ],
}

CONFIGURATION = """
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 1s}
rule_files: [RULES]
scrape_configs:
  - job_name: tcptable
    static_configs:
      - {targets: ["127.0.0.1:9092"], labels: {instance: tls-1, __metrics_path__: /kernel-tls.prom}}
TARGETS
"""


def run(*command):
    subprocess.run(command, check=True)


class Stage:
    """Everything, until its processes end with the process namespace that they are in."""

    def __init__(self, directory, exporter):
        self.directory = directory
        self.exporter = exporter
        os.makedirs("/run/netns", exist_ok=True)
        run("mount", "-t", "tmpfs", "hosts", "/run/netns")  # in a mount namespace of its own
        run("ip", "link", "set", "lo", "up")
        run("ip", "link", "add", "bridge", "type", "bridge")
        run("ip", "address", "add", "10.9.0.254/24", "dev", "bridge")
        run("ip", "link", "set", "bridge", "up")
        for number, name in enumerate(HOSTS, 1):
            self.add_host(name, f"10.9.0.{number}")
        self.start_prometheus()
        self.started = time.time()

    def start(self, *command):
        environment = dict(os.environ, PYTHONHOME=sys.base_prefix)  # for copies of Python
        with open(f"{self.directory}/log", "ab") as log:
            subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)

    def add_host(self, name, address):
        inside = ["ip", "netns", "exec", name]
        run("ip", "netns", "add", name)
        run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", name, "up", "master", "bridge")
        for arguments in (["link", "set", "lo", "up"], ["link", "set", "eth0", "up"],
                          ["address", "add", f"{address}/24", "dev", "eth0"],
                          ["route", "add", UNANSWERED, "dev", "eth0"],
                          ["neighbor", "add", UNANSWERED, "lladdr", "02:00:00:00:00:01", "dev", "eth0"]):
            run(*inside, "ip", *arguments)
        for program in HOSTS[name]:
            executable, *arguments = program.split()
            self.start(*inside, self.named(executable), f"{HERE}/programs.py", *arguments)
        self.start(*inside, self.exporter, "--collector.peer=postgres=10.9.0.3/32:5432",
                   "--collector.peer=redis=10.9.0.4/32:6379")

    def named(self, name):
        """A copy of Python, as executables name modules."""
        path = f"{self.directory}/{name}"
        if not os.path.exists(path):
            shutil.copy(os.path.realpath(f"{sys.base_prefix}/bin/python3"), path)
        return path

    def start_prometheus(self):
        for name in RULES:
            with open(f"{self.directory}/{name}.yml", "w", encoding="utf-8") as file:
                run_rules = [f"{ROOT}/Tests/Fleet/timelapse.py", str(FACTOR), f"{ROOT}/dashboards/{name}.yml"]
                subprocess.run(run_rules, check=True, stdout=file)
        self.start(sys.executable, "-m", "http.server", "9092", "--bind", "127.0.0.1", "--directory", RECORDINGS)
        targets = "\n".join(f"      - {{targets: ['10.9.0.{number}:10793'], labels: {{instance: {name}}}}}"
                            for number, name in enumerate(HOSTS, 1))
        rules = ", ".join(f"{name}.yml" for name in RULES)
        path = f"{self.directory}/prometheus.yml"
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.replace("RULES", rules).replace("TARGETS", targets))
        self.start("prometheus", f"--config.file={path}", f"--storage.tsdb.path={self.directory}/data",
                   f"--web.listen-address={PROMETHEUS}")


def ask(path, **parameters):
    """What Prometheus answers; an error of a query is one of the dashboard."""
    query = urllib.parse.urlencode(parameters, doseq=True)
    with urllib.request.urlopen(f"http://{PROMETHEUS}/api/v1/{path}?{query}", timeout=30) as answer:
        return json.load(answer)["data"]
