"""Exporters to which system calls fail, what else happens meanwhile, and what they must say."""
import os
import signal
import subprocess

from churn import Containers, Processes
from exposition import samples, total
from web import ReadFiles

# What says that there is nothing: the kernel's own word that a process or its descriptor is gone.
GONE = ["ENOENT", "ESRCH", "retval=0"]
SERVING = ["recvfrom", "recvmsg", "sendto", "sendmsg", "read", "accept4", "epoll_wait", "mmap", "clone3"]
READING = ["openat", "read", "newfstatat", "fstat", "getdents64", "readlinkat"]


class Lie(Exception):
    """Something that must not be."""


class Plain(Processes):
    """Three processes with a listener each, of which one is new in each trial, and the exporter with another."""

    calls = None
    """The calls that fail; all unless it names some."""
    authority = None
    own_listeners = 1

    def __init__(self, directory):
        super().__init__(directory / "programs")
        self.directory, self.held_max = directory, 3

    def __enter__(self):
        while len(self.held) < self.held_max: self.held.append(self.acquire())
        return self

    def options(self):
        return []

    def change(self):
        """Before a scrape that meets a fault: what it has to find out."""
        self.once()

    def check(self, text, fault=None):
        """Raises Lie for a number that is not true; the collectors and reasons that tell of what is missing."""
        found = samples(text)
        return self.check_table(found, self.held_max, fault)

    def check_table(self, found, holders, fault, own_listeners=None, netns=None):
        """Of one network namespace."""
        own_listeners = self.own_listeners if own_listeners is None else own_listeners
        where = {} if netns is None else {"netns": netns}
        here = {key: value for key, value in found.items()
                if dict(key[1]).get("netns") == netns or key[0] == "tcptable_scrape_collector_success"}
        missing = {dict(own)["collector"] for (name, own), value in here.items()
                   if name == "tcptable_scrape_collector_success" and value == 0}
        reasons = {dict(own)["reason"] for (name, own), value in here.items()
                   if name == "tcptable_unattributed_connections" and value > 0 and dict(own)["state"] == "listen"}
        listeners = total(here, "tcptable_connections", state="listen")
        if "state" not in missing and listeners != holders + own_listeners:
            raise Lie(f"{listeners:.0f} listeners {where or ''}, and all is said to be well")
        owned = self.owned(here)
        told = "module" in missing or reasons and (fault in GONE or reasons != {"not_found"})
        if owned > holders or owned < holders and not told:
            raise Lie(f"{owned:.0f} of {holders} listeners {where or ''} have their owner; missing {sorted(missing)}, "
                      f"{sorted(reasons)}")
        attributed = total(here, "tcptable_module_connections") + total(here, "tcptable_unattributed_connections")
        everything = total(here, "tcptable_connections")
        if "state" not in missing and attributed != everything and "module" not in missing:
            raise Lie(f"{attributed:.0f} are attributed or not, of {everything:.0f}")
        return missing | reasons

    def owned(self, found):
        """The listeners of the processes that have their owner."""
        return total(found, "tcptable_module_connections", module="tcptable_holder", state="listen")


class TLS(Plain):
    """The same by TLS."""

    calls = SERVING

    def __init__(self, directory):
        super().__init__(directory)
        self.files = ReadFiles(directory / "files", tls=True)
        self.authority = self.files.authority

    def options(self):
        return [f"--web.config.file={self.directory / 'files/web.yml'}"]


class Reload(TLS):
    """A configuration and a certificate that are new, and SIGHUP: the old or the new ones are in force, never none."""

    calls = [*READING, "mmap", "clone3"]
    exporter, version = None, 0

    def change(self):
        super().change()
        self.version += 2
        if self.version % 5 == 4: self.version += 2  # An invalid one.
        self.files.write(self.version)
        self.exporter.process.send_signal(signal.SIGHUP)

    def check(self, text, fault=None):
        told = super().check(text, fault)
        successful = samples(text).get(("tcptable_web_config_last_reload_successful", ()))
        if successful is None: raise Lie("nothing is said of the last reload")
        return told | ({"reload"} if successful == 0 else set())

    def prepare(self):
        """So that the next scrape is whole: what failed is read again."""
        os.utime(self.directory / "files/web.yml")
        self.exporter.process.send_signal(signal.SIGHUP)


class Namespaces(Plain):
    """Two of the processes in a network namespace with a name, and --collector.netns=all."""

    calls = ["openat", "newfstatat", "fstat", "getdents64", "readlinkat", "read", "setns", "socket", "clone3",
             "sendto", "recvfrom", "mmap"]
    others = 2

    def __enter__(self):
        super().__enter__()
        subprocess.run(["ip", "netns", "add", "other"], check=True)
        self.away = [self.start(["ip", "netns", "exec", "other"]) for _ in range(self.others)]
        return self

    def __exit__(self, *arguments):
        for process in self.away: self.release(process)
        subprocess.run(["ip", "netns", "delete", "other"], check=True)
        super().__exit__(*arguments)

    def options(self):
        return ["--collector.netns=all"]

    def check(self, text, fault=None):
        found = samples(text)
        strange = {dict(own)["netns"] for _, own in found if dict(own).get("netns", "other") != "other"}
        told = self.check_table(found, self.held_max, fault)
        # Where the right to find or enter it is missing, or it seems gone, nothing is said of it in the metrics.
        if not total(found, "tcptable_connections", netns="other") and fault in [*GONE, "EACCES", "EPERM"]:
            return told | {"no namespace"}
        told |= self.check_table(found, self.others, fault, 0, "other")
        if strange and "state" not in told: raise Lie(f"the namespace is called {sorted(strange)}")
        return told


class Names(Plain):
    """The processes in containers with names: each has its name or its ID, and the reason is told."""

    calls = [*READING, "mmap", "clone3"]

    def __init__(self, directory):
        super().__init__(directory)
        self.containers = Containers(directory / "programs", directory)

    def __enter__(self):
        self.containers.held_max = self.held_max
        self.containers.__enter__()
        while len(self.containers.held) < self.held_max: self.containers.held.append(self.containers.acquire())
        return self

    def __exit__(self, *arguments):
        self.containers.__exit__(*arguments)

    def options(self):
        return [f"--path.docker={self.directory / 'docker'}", "--path.pod-logs=/nonexistent"]

    def change(self):
        self.containers.once()

    def owned(self, found):
        return total(found, "tcptable_module_connections", kind="container", state="listen")

    def check(self, text, fault=None):
        found = samples(text)
        told = super().check(text, fault)
        names = {f"docker-web-{int(identifier[:12], 16) % 7}" for identifier, _ in self.containers.held}
        identifiers = {f"docker-{identifier[:12]}" for identifier, _ in self.containers.held}
        shown = {dict(own)["module"] for (name, own), value in found.items()
                 if name == "tcptable_module_connections" and dict(own)["kind"] == "container"
                 and dict(own)["state"] == "listen" and value > 0}
        if shown - names - identifiers: raise Lie(f"a container is called {sorted(shown - names - identifiers)}")
        failed = {dict(own)["result"] for (name, own), value in found.items()
                  if name == "tcptable_container_names" and dict(own)["result"] != "named" and value > 0}
        if shown & identifiers and not failed: raise Lie("a container has no name, and no reason is told")
        return told | ({"name: " + ", ".join(sorted(failed))} if shown & identifiers else set())


SCENES = {"plain": Plain, "tls": TLS, "reload": Reload, "netns": Namespaces, "names": Names}
