"""A running exporter, its numbers, and clients that may always be answered."""
import base64
import http.client
import os
import pathlib
import re
import ssl
import subprocess
import time

USER, PASSWORD = "alice", "secret"
# Of the lowest cost: passwords are not what is measured.
HASH = "$2y$04$Tr8ingG0CYy9SL2NC1NYL.8S9iGCK93SF/xKcEMRVoufXxVHJQjtG"
SECONDS_MAX = 60


class Exporter:
    """With plain HTTP, or with TLS where it has a certificate's authority; ends with the block."""

    def __init__(self, program, port, options=(), authority=None, environment=None, log=None):
        self.port, self.authority = port, authority
        self.process = subprocess.Popen([program, f"--web.listen-address=127.0.0.1:{port}", *options],
                                        stderr=log, env=os.environ | (environment or {}))

    def __enter__(self):
        deadline = time.monotonic() + SECONDS_MAX
        while True:
            try:
                with Client(self) as client: client.get("/-/healthy")
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.end()
                    raise
                time.sleep(0.05)

    def __exit__(self, *_):
        self.end()

    def end(self):
        """Ends it as systemd does, and gives its status; None where it had to be killed."""
        self.process.terminate()
        try:
            return self.process.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def number(self, key):
        """A number of /proc/PID/status: Threads, or a size in KiB."""
        text = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(rf"^{key}:\s+(\d+)", text, re.MULTILINE)[1])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def tasks(self):
        """Who traces each thread."""
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").iterdir():
            try:
                yield int(re.search(r"TracerPid:\s+(\d+)", (task / "status").read_text(encoding="utf-8"))[1])
            except (OSError, TypeError):
                continue  # It has ended.


class Client:
    """Requests over one connection, as long as the exporter keeps it."""

    def __init__(self, exporter, source=None, seconds=SECONDS_MAX):
        address = {"source_address": (source, 0)} if source else {}
        if exporter.authority is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", exporter.port, timeout=seconds, **address)
        else:
            context = ssl.create_default_context(cafile=exporter.authority)
            self.connection = http.client.HTTPSConnection(
                "127.0.0.1", exporter.port, timeout=seconds, context=context, **address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def get(self, path="/metrics", password=PASSWORD, user=USER, attempts=2):
        """Status and text. A connection that was closed meanwhile is opened again, once."""
        word = base64.b64encode(f"{user}:{password}".encode()).decode()
        for attempt in range(1, attempts + 1):
            try:
                self.connection.request("GET", path, headers={"Authorization": f"Basic {word}"})
                response = self.connection.getresponse()
                return response.status, response.read().decode()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self.connection.close()
                if attempt == attempts: raise
