"""Namespaces for a program and all that it starts: nothing outside is touched, and nothing of it stays."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NAMESPACES = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
              "--propagation", "private"]


def run_inside(arguments):
    """Runs this script again, in a network, mount and PID namespace, and gives its status."""
    return subprocess.run([*NAMESPACES, sys.executable, os.path.abspath(sys.argv[0]), *arguments],
                          check=False).returncode


def settle():
    """What a new namespace needs: a loopback that is up, and a /run for the names of namespaces."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)


def build_programs(directory):
    """The C programs of the tests."""
    subprocess.run([ROOT / "Tests/Programs/build", directory], check=True)


def scratch(name):
    """A directory for the block."""
    return tempfile.TemporaryDirectory(prefix=f"tcptable-{name}-")
