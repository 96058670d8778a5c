#!/usr/bin/env python3
"""host.py PORT < EXPOSITION: a fleet of hosts that all answer like one, on every address of loopback.

The exposition is one real answer of the exporter. Its modules get the states that those of a busy host
have beside their own, all counts move from answer to answer and differ from host to host, and accept
queues are empty: a fleet that is well, with an alert here and there.
"""
import http.server
import random
import re
import socketserver
import sys

VARIANTS = 16
MOVE = 15  # below what alerts ask for
STATES = ("established", "close_wait", "fin_wait2")  # what a module adds to what it has
SAMPLE = re.compile(r"(\w+)(\{.*\})? (\S+)")
STATIC = re.compile("process_|tcptable_(exporter|scrape|.*_info|.*_limit|.*_total|.*_folded|"
                    "ephemeral_ports$|listener_sockets)")
QUEUE = re.compile("tcptable_listener_(backlog|full)")


def widened(lines):
    """The lines, and behind each module's listeners its further states."""
    for line in lines:
        yield line
        if line.startswith("tcptable_module_connections{") and 'state="listen"' in line:
            for state in STATES:
                if (other := line.replace('state="listen"', f'state="{state}"')) not in lines:
                    yield other


def variant(lines, seed):
    numbers = random.Random(seed)
    for line in lines:
        sample = SAMPLE.fullmatch(line)
        if line.startswith("#") or not sample or STATIC.match(sample[1]):
            yield line
        else:
            value = 0 if QUEUE.match(sample[1]) else int(float(sample[3])) + numbers.randrange(MOVE)
            yield f"{sample[1]}{sample[2] or ''} {value}"


class Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    bodies = []
    count = 0

    def do_GET(self):
        host = sum(int(part) for part in self.connection.getsockname()[0].split("."))
        Answers.count += 1
        body = self.bodies[(host + Answers.count) % len(self.bodies)]
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: host.py PORT < EXPOSITION")
    real = list(dict.fromkeys(widened(sys.stdin.read().splitlines())))
    Answers.bodies = [
        "".join(f"{line}\n" for line in variant(real, seed)).encode() for seed in range(VARIANTS)]
    server = Server(("0.0.0.0", int(sys.argv[1])), Answers)
    print("ready", flush=True)
    server.serve_forever()
