"""A lively host: programs with sockets in network, process and host name namespaces of their own, and an
exporter that has watched them for half an hour, which takes seconds: its clock is moved.

nginx proxies to checkout, whose accept queue is full, and to orders-api, which leaks connections in
close_wait. search connects to a database that does not answer. Clients come from another network
namespace, so that the table has their connections once.
"""

import http.client
import math
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PRODUCTS = os.environ.get("PRODUCTS", ROOT + "/.build/debug")
HOST, CLIENT, LOCAL = "198.51.100.10", "198.51.100.20", "127.0.0.1"
NAMESPACES = ["unshare", "--net", "--uts", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
STEPS, STEP_SECONDS = 60, 30
SYN_COUNT, BACKLOG, DROPPED = 70, 128, 24


class Actor:
    """A copy of tcptable_actor under the name of another program."""

    def __init__(self, directory, name, prefix=()):
        path = f"{directory}/{name}"
        if not os.path.exists(path):
            shutil.copy(f"{directory}/programs/tcptable_actor", path)
        self.process = subprocess.Popen([*prefix, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __call__(self, command):
        """Gives a command, and waits until it is done."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
        if self.process.stdout.readline() != b"done\n":
            raise RuntimeError(f"{self.process.args}: not done: {command}")


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket: the exporter has no row in the table that it shows."""

    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class Scene:
    """The programs and their exporter; a context manager, to be used in NAMESPACES."""

    def __enter__(self):
        self.directory = tempfile.mkdtemp(prefix="tcptable-scene-")
        os.chmod(self.directory, 0o755)
        run = lambda *words: subprocess.run(words, check=True)
        run(f"{HERE}/../Programs/build", f"{self.directory}/programs")
        run("gcc", "-O2", "-shared", "-fPIC", "-o", f"{self.directory}/clock.so",
            f"{HERE}/moved_clock.c", "-ldl")
        run("hostname", "shop-1")
        run("ip", "link", "set", "lo", "up")
        self.clients_namespace = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
        self.connect_clients()
        self.start_programs()
        self.start_exporter()
        return self

    def __exit__(self, *_):
        """All else ends with the process namespace."""
        self.exporter.send_signal(signal.SIGTERM)
        self.exporter.wait()
        shutil.rmtree(self.directory)

    def connect_clients(self):
        """Makes a cable to the namespace of the clients, as soon as it is there."""
        number = str(self.clients_namespace.pid)
        own = os.readlink("/proc/self/ns/net")
        while os.readlink(f"/proc/{number}/ns/net") == own:
            time.sleep(0.01)
        inside = ["nsenter", "-t", number, "-n"]
        for words in (
                ["ip", "link", "add", "host0", "type", "veth", "peer", "name", "eth0", "netns", number],
                ["ip", "address", "add", f"{HOST}/24", "dev", "host0"],
                ["ip", "link", "set", "host0", "up"],
                [*inside, "ip", "address", "add", f"{CLIENT}/24", "dev", "eth0"],
                [*inside, "ip", "link", "set", "eth0", "up"]):
            subprocess.run(words, check=True)
        self.clients = Actor(self.directory, "clients", inside)
        self.administrators = Actor(self.directory, "administrators", inside)

    def start_programs(self):
        """What has no fault."""
        names = ("sshd", "nginx", "postgres", "redis-server", "checkout", "orders-api", "search", "cron")
        play = {name: Actor(self.directory, name) for name in names}
        self.worker = Actor(self.directory, "nginx")
        self.play = play
        for name, *listeners in (
                ("sshd", f"{HOST} 22 128"), ("nginx", f"{HOST} 443 511", f"{HOST} 80 511"),
                ("postgres", f"{LOCAL} 5432 200"), ("redis-server", f"{LOCAL} 6379 511"),
                ("checkout", f"{LOCAL} 8081 {BACKLOG}"), ("orders-api", f"{LOCAL} 8082 512"),
                ("search", f"{LOCAL} 9200 256"), ("cron", f"{LOCAL} 9101 64")):
            for listener in listeners:
                play[name](f"listen {listener}")
        for client, server, port, count in (
                ("checkout", "postgres", 5432, 24), ("orders-api", "postgres", 5432, 16),
                ("checkout", "redis-server", 6379, 8), ("orders-api", "redis-server", 6379, 4)):
            play[client](f"connect {LOCAL} {port} {count}")
            play[server](f"accept {port} {count}")
        self.administrators(f"connect {HOST} 22 2")
        play["sshd"]("accept 22 2")
        self.visitors = 0

    def start_exporter(self):
        """Its clock is in a file."""
        self.clock = f"{self.directory}/clock"
        self.moved = 0
        self.move_clock(0)
        self.socket = f"{self.directory}/exporter.socket"
        self.exporter = subprocess.Popen(
            [f"{PRODUCTS}/tcptable_exporter", f"--web.listen-address=unix:{self.socket}",
             f"--collector.peer=database={LOCAL}/32:5432", f"--collector.peer=cache={LOCAL}/32:6379",
             "--log.level=error"],
            env=os.environ | {"LD_PRELOAD": f"{self.directory}/clock.so", "MOVED_CLOCK": self.clock})
        while not os.path.exists(self.socket):
            time.sleep(0.01)

    def move_clock(self, seconds):
        self.moved += seconds
        mode = "r+b" if os.path.exists(self.clock) else "w+b"
        with open(self.clock, mode) as file:
            file.write(struct.pack("=q", self.moved))

    def get(self, path):
        """The exporter's response: status, headers, body."""
        connection = UnixConnection(self.socket)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()

    def pass_time(self):
        """Half an hour of visitors, in which faults begin."""
        for step in range(STEPS):
            self.visit(round(90 + 50 * math.sin(step / 7) + 12 * math.sin(step * 2.1)))
            if step >= 24:
                self.leak(3)
            if step == STEPS - 6:
                self.play["nginx"](f"fill {LOCAL} 8081 {BACKLOG + 1}")
            elif step > STEPS - 6:
                self.play["nginx"](f"fill {LOCAL} 8081 {DROPPED // 5}")
            if step == STEPS - 1:
                self.play["search"](f"try {LOCAL} 9300 {SYN_COUNT}")
            self.move_clock(STEP_SECONDS)
            self.get("/metrics")

    def visit(self, count):
        """So many visitors are there now."""
        more = count - self.visitors
        if more > 0:
            self.clients(f"connect {HOST} 443 {more}")
            self.play["nginx"](f"accept 443 {more}")
        else:
            self.play["nginx"](f"drop {-more}")
            self.clients(f"hangup {-more}")
        self.visitors = count

    def leak(self, count):
        """nginx closes, and orders-api does not."""
        self.worker(f"connect {LOCAL} 8082 {count}")
        self.play["orders-api"](f"accept 8082 {count}")
        self.worker(f"hangup {count}")
