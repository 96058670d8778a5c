"""A TCP table of a wanted size, held by processes of its own."""
import resource
import socket
import subprocess
import sys

from programs import WORK, spawn


class Load:
    """Connections held by child processes, until the end of the block."""

    def __init__(self, rows):
        self.rows = rows
        self.children = []

    def __enter__(self):
        pairs = max(self.rows // 2, 8)
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 100
        for share, options in ((0.75, []), (0.25, ["--ipv6"])):
            count = max(int(pairs * share), 1)
            processes = min(max(round(20 * share), -(-2 * count // limit)), count)
            self.children.append(spawn(
                [WORK / "tcptable_testload", str(count), str(processes), "--listening", *options],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True))
        for child in self.children:
            self.hear(child, "ready")
        make_time_wait(self.rows // 100)
        return self

    @staticmethod
    def hear(child, word):
        line = child.stdout.readline()
        if not line.startswith(word):
            sys.exit(f"benchmark: the load said {line!r} instead of {word!r}")

    def renew(self):
        """A hundredth of the connections are new now."""
        for child in self.children:
            child.stdin.write("\n")
            child.stdin.flush()
        for child in self.children:
            self.hear(child, "renewed")

    def __exit__(self, *_):
        for child in self.children:
            child.stdin.close()
            child.wait()


def make_time_wait(count):
    """Connections whose first end has closed a moment ago; the kernel keeps them for a minute."""
    with socket.create_server(("127.0.0.9", 0), backlog=128) as listener:
        for _ in range(count):
            with socket.create_connection(listener.getsockname()) as client:
                server, _ = listener.accept()
            server.close()
