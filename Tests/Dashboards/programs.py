#!/usr/bin/env python3
"""programs.py ROLE [ARGUMENTS]: a program with the connections that its role has, until it is killed.

  serve PORT [BACKLOG]        accepts, answers and reads until the client closes
  hang PORT BACKLOG           listens and does not accept
  farewell PORT               accepts, and closes soon
  clients HOST PORT COUNT SECONDS
                              COUNT clients, more and fewer in turn, each of which stays for about SECONDS
  flood HOST PORT SECONDS     after SECONDS, more clients than the listener's queue holds
  leak HOST PORT PER_SECOND   connections that it does not close when the server does
  attempts HOST PORT COUNT    COUNT connection attempts that are not answered
  unread PORT                 accepts, and does not read what it is sent
  upload HOST PORT            sends until nothing more fits
"""
import math
import random
import resource
import socket
import sys
import threading
import time


def listener(port, backlog=128):
    return socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True,
                                backlog=int(backlog))


def read_all(connection):
    with connection:
        while connection.recv(4096):
            pass


def serve(port, backlog=128):
    with listener(port, backlog) as server:
        while True:
            threading.Thread(target=read_all, args=[server.accept()[0]], daemon=True).start()


def hang(port, backlog):
    with listener(port, backlog):
        time.sleep(3600)


def farewell(port):
    with listener(port) as server:
        while True:
            connection = server.accept()[0]
            threading.Timer(1, connection.close).start()


def client(host, port, seconds, index, count):
    """One of `count`: more of them are there at the top of a wave of 50 seconds."""
    while True:
        level = 0.75 + 0.25 * math.sin(time.time() / 8)
        if index > level * count:
            time.sleep(1)
            continue
        try:
            with socket.create_connection((host, int(port)), timeout=5) as connection:
                connection.sendall(b"x" * random.randrange(10, 1000))
                time.sleep(random.expovariate(1 / float(seconds)))
        except OSError:
            time.sleep(0.5)


def clients(host, port, count, seconds):
    for index in range(int(count)):
        threading.Thread(target=client, args=[host, port, seconds, index, int(count)], daemon=True).start()
    time.sleep(3600)


def attempt(host, port, kept):
    connection = socket.socket()
    connection.setblocking(False)
    connection.connect_ex((host, int(port)))
    kept.append(connection)


def flood(host, port, seconds):
    time.sleep(float(seconds))
    kept = []
    while True:
        attempt(host, port, kept)
        if len(kept) > 120:
            kept.pop(0).close()
        time.sleep(0.2)


def leak(host, port, per_second):
    kept = []
    while True:
        try:
            kept.append(socket.create_connection((host, int(port)), timeout=5))
        except OSError:
            pass
        time.sleep(1 / float(per_second))


def attempts(host, port, count):
    kept = []
    while True:
        while len(kept) < int(count):
            attempt(host, port, kept)
        time.sleep(random.random())
        kept.pop(0).close()


def unread(port):
    kept = []
    with listener(port) as server:
        while True:
            kept.append(server.accept()[0])


def upload(host, port):
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.settimeout(None)
        connection.sendall(bytes(64 << 20))


ROLES = {role.__name__: role for role in (
    serve, hang, farewell, clients, flood, leak, attempts, unread, upload)}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in ROLES:
        sys.exit(__doc__)
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
    threading.stack_size(256 << 10)
    while True:
        try:
            ROLES[sys.argv[1]](*sys.argv[2:])
        except ConnectionError:
            time.sleep(0.5)  # Its server is not there yet.
