"""What happens on a host: sockets, processes, containers and network namespaces come and go."""
import itertools
import json
import os
import pathlib
import random
import socket
import struct
import subprocess
import time

from load import Activity


class Sockets(Activity):
    """A listener and its connections, closed by either side, with FIN or RST, read or unread."""

    connections = 16

    def acquire(self):
        family, address = random.choice([(socket.AF_INET, "127.0.0.3"), (socket.AF_INET6, "::1")])
        listener = socket.create_server((address, 0), family=family, backlog=self.connections)
        clients = [socket.create_connection(listener.getsockname()[:2], 5) for _ in range(self.connections)]
        servers = [listener.accept()[0] for _ in range(self.connections // 2)]
        for index, client in enumerate(clients):
            client.send(b"x" * index)
            if index % 4 == 0: reset(client)
            if index % 4 == 1: client.shutdown(socket.SHUT_WR)
        return [listener, *clients, *servers]

    def release(self, one):
        random.shuffle(one)
        for end in one: end.close()


def reset(connection):
    """Closes it by RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Processes(Activity):
    """A program with a listener, in a cgroup or network namespace if wanted."""

    def __init__(self, programs):
        super().__init__()
        self.program, self.number = programs / "tcptable_holder", itertools.count()

    def acquire(self):
        return self.start([])

    def start(self, before, *options):
        process = subprocess.Popen([*before, self.program, *options, "listen"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        if process.stdout.readline() != b"ready\n": raise OSError("a holder did not get ready")
        return process

    def release(self, one):
        with one: one.kill()


class Containers(Processes):
    """A process in a cgroup like Docker's, and Docker's file about it."""

    def __init__(self, programs, directory):
        super().__init__(programs)
        self.files = directory / "docker"
        self.cgroups = cgroup2() / f"tcptable-load-{os.getpid()}-{time.monotonic_ns()}/docker"

    def __enter__(self):
        self.cgroups.mkdir(parents=True)
        return self

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.cgroups.rmdir()
        self.cgroups.parent.rmdir()

    def acquire(self):
        number = next(self.number)
        identifier = f"{number:012x}" + 26 * "ab"
        (self.cgroups / identifier).mkdir()
        described = self.files / "containers" / identifier
        described.mkdir(parents=True)
        (described / "config.v2.json").write_text(json.dumps(
            {"ID": identifier, "Name": f"/web-{number % 7}", "Config": {"Labels": {}}}), encoding="utf-8")
        return identifier, self.start([], f"--cgroup={self.cgroups / identifier}")

    def release(self, one):
        identifier, process = one
        super().release(process)
        await_gone(lambda: (self.cgroups / identifier).rmdir())
        described = self.files / "containers" / identifier
        (described / "config.v2.json").unlink()
        described.rmdir()


class Namespaces(Processes):
    """A process in a network namespace, which has a name every other time."""

    def acquire(self):
        number = next(self.number)
        if number % 2: return None, self.start(["unshare", "--net", "--"])
        name = f"load{number}"
        subprocess.run(["ip", "netns", "add", name], check=True)
        return name, self.start(["ip", "netns", "exec", name])

    def release(self, one):
        name, process = one
        super().release(process)
        if name: await_gone(lambda: subprocess.run(["ip", "netns", "delete", name], check=True))


def cgroup2():
    for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, path, kind, *_ = line.split()
        if kind == "cgroup2": return pathlib.Path(path)
    raise OSError("this host has no cgroup v2")


def await_gone(remove):
    """The kernel lets go of a process's cgroup a moment after its end."""
    for _ in range(500):
        try:
            return remove()
        except OSError:
            time.sleep(0.01)
    return remove()
