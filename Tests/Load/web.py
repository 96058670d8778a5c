"""Clients of an exporter, welcome and unwelcome, and files that it reads again."""
import itertools
import os
import signal
import socket
import subprocess

from churn import reset
from exporter import HASH, USER, Client
from exposition import lost_sockets
from load import Activity

# Every how many scrapes one is read as a whole.
CHECKED_EVERY = 8


class Untrue(Exception):
    """An answer that must not be."""


class Scrapes(Activity):
    """A client that knows the password: it gets its metrics whatever others do, and no socket is lost."""

    def __init__(self, exporter, paths=("/metrics",)):
        super().__init__()
        self.client, self.paths, self.number = Client(exporter), itertools.cycle(paths), itertools.count()

    def once(self):
        path = next(self.paths)
        status, text = self.client.get(path)
        if status != 200: raise Untrue(f"{path} is answered by {status}: {text[:100]}")
        if path == "/metrics" and next(self.number) % CHECKED_EVERY == 0 and (lost := lost_sockets(text)):
            raise Untrue("; ".join(lost))

    def __exit__(self, *_):
        self.client.connection.close()


class Guesses(Activity):
    """Wrong passwords and unknown users, from some addresses."""

    def __init__(self, exporter):
        super().__init__()
        self.exporter, self.number = exporter, itertools.count()

    def once(self):
        number = next(self.number)
        with Client(self.exporter, f"127.3.0.{number % 5 + 1}") as client:
            user = USER if number % 2 else f"user{number % 3}"
            status, _ = client.get(password=f"wrong{number % 50}", user=user)
        if status not in (401, 429, 503): raise Untrue(f"a wrong password is answered by {status}")


class Aborts(Activity):
    """Connections that end in the middle of something: a request, a response, a handshake."""

    beginnings = [b"", b"GET /met", b"GET /metrics HTTP/1.1\r\nHost: x\r\n", b"\x16\x03\x01\x02\x00\x01\x00",
                  b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 3, b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"]

    def __init__(self, exporter):
        super().__init__()
        self.port, self.number = exporter.port, itertools.count()

    def acquire(self):
        number = next(self.number)
        connection = socket.create_connection(
            ("127.0.0.1", self.port), 5, source_address=(f"127.4.0.{number % 7 + 1}", 0))
        connection.send(self.beginnings[number % len(self.beginnings)])
        return number, connection

    def release(self, one):
        number, connection = one
        if number % 2: reset(connection)
        else: connection.close()


class Reloads(Activity):
    """Files that change, for the better and for the worse, and SIGHUP."""

    def __init__(self, exporter, files):
        super().__init__()
        self.process, self.files, self.number = exporter.process, files, itertools.count(1)

    def once(self):
        number = next(self.number)
        self.files.write(number)
        if number % 3 == 0: self.process.send_signal(signal.SIGHUP)


class ReadFiles:
    """The files of --web.config.file and --collector.module.map, and certificates where TLS is wanted."""

    def __init__(self, directory, tls):
        self.directory, self.tls = directory, tls
        directory.mkdir()
        if tls:
            for name in ("first", "second"): make_certificate(directory, name)
            (directory / "authority.pem").write_bytes(
                b"".join((directory / f"{name}.pem").read_bytes() for name in ("first", "second")))
        self.write(0)

    @property
    def authority(self):
        return str(self.directory / "authority.pem") if self.tls else None

    @property
    def options(self):
        return [f"--web.config.file={self.directory / 'web.yml'}",
                f"--collector.module.map={self.directory / 'map.yml'}"]

    def write(self, number):
        """Another version of each; of some numbers, an invalid one. USER always has its password."""
        users = f"basic_auth_users:\n  {USER}: {HASH}\n" + (f"  bob: {HASH}\n" if number % 2 else "")
        headers = f"http_server_config:\n  headers:\n    X-Frame-Options: {'deny' if number % 3 else 'sameorigin'}\n"
        tls = "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n" if self.tls else ""
        self.put("web.yml", "nonsense: [" if number % 5 == 4 else users + (headers if not self.tls else "") + tls)
        self.put("map.yml", "rules: {" if number % 7 == 6 else
                 f"rules:\n  - name: held-{number % 4}\n    executable: .*/tcptable_holder\n")
        if self.tls and number % 2 == 0:
            name = "first" if number % 4 else "second"
            for kind in ("key", "pem"): self.put(f"server.{kind}", (self.directory / f"{name}.{kind}").read_text())

    def put(self, name, text):
        """At once, as editors and renewals do."""
        new = self.directory / f"{name}.new"
        new.write_text(text, encoding="utf-8")
        os.replace(new, self.directory / name)


def make_certificate(directory, name):
    """One that is its own authority."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-keyout", directory / f"{name}.key", "-out", directory / f"{name}.pem", "-subj", f"/CN={name}",
         "-addext", "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
