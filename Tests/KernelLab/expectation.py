"""What an exposition must say, from the rows of the kernel's table: no word of the exporter's here.

The rules are the README's: whose a socket is, and what its offload state is.
"""

from collections import Counter

TLS_STATISTICS = {
    "TlsCurrTxSw": ("transmit", "software"),
    "TlsCurrRxSw": ("receive", "software"),
    "TlsCurrTxDevice": ("transmit", "device"),
    "TlsCurrRxDevice": ("receive", "device"),
}


def owner(row, is_unprivileged):
    """(module, kind), or why there is none.

    A descriptor in flight (man 7 unix) is in nobody's table, and may be in somebody's the next time.
    Where a program has closed its socket, only a cgroup can tell, and those of processes outside of
    services and containers name nobody. Without rights no other user's descriptors can be read:
    processes stay unknown; services and containers are known by their sockets' cgroups.
    """
    is_process = row["kind"] == "process"
    if row["via"] == "flight":
        return "partial"
    if row["via"] == "nothing" or (row["via"] == "cgroup" and is_process):
        return "not_found"
    if is_process and is_unprivileged:
        return "protected"
    return row["module"], row["kind"]


def offload_state(row, step):
    """Netlink, which the exporter asks where BPF is not permitted, does not tell what was handed back."""
    directions = (row.get("transmit"), row.get("receive"))
    if "device" not in directions:
        return "in_host"
    is_netlink = step.is_unprivileged or step.name.endswith("-netlink") or step.name == "lockdown"
    if "handed_back" in row and not is_netlink:
        return "uploading"
    return "offloading" if "none" in directions else "offloaded"


class Expectation:
    """The values of each family that are not 0, by its labels' values in the README's order; the
    network namespace comes first."""

    def __init__(self, step):
        rows = [r for r in step.rows if step.namespaces == "all" or r["netns"] == ""]
        self.rows = rows
        self.families = {
            "tcptable_connections": (("family", "state"), Counter()),
            "tcptable_module_connections": (("module", "kind", "state"), Counter()),
            "tcptable_unattributed_connections": (("reason", "state"), Counter()),
            "tcptable_offload_connections": (("family", "offload_state"), Counter()),
            "tcptable_module_offload_connections": (
                ("module", "kind", "offload_state"), Counter()),
            "tcptable_tls_connections": (
                ("direction", "mode", "version", "cipher"), Counter()),
        }
        for row in rows:
            self._count(row, owner(row, step.is_unprivileged), offload_state(row, step))
        self._keep_offloading_modules()

    def _count(self, row, owner, offload):
        netns, state = row["netns"], row["state"]
        self._add("tcptable_connections", netns, row["family"], state)
        self._add("tcptable_offload_connections", netns, row["family"], offload)
        if isinstance(owner, tuple):
            self._add("tcptable_module_connections", netns, *owner, state)
            self._add("tcptable_module_offload_connections", netns, *owner, offload)
        else:
            self._add("tcptable_unattributed_connections", netns, owner, state)
        for direction in ("transmit", "receive"):
            if direction in row:
                labels = row[direction], row["version"], row["cipher"]
                self._add("tcptable_tls_connections", netns, direction, *labels)

    def _add(self, family, *values):
        self.families[family][1][values] += 1

    def _keep_offloading_modules(self):
        """Only modules with something that is not in_host have series of their offload states."""
        counts = self.families["tcptable_module_offload_connections"][1]
        kept = {values[:3] for values in counts if values[3] != "in_host"}
        for values in [values for values in counts if values[:3] not in kept]:
            del counts[values]

    @property
    def has_tls(self):
        return any("transmit" in row for row in self.rows)

    @property
    def backlog(self):
        """Connections that wait to be accepted."""
        return sum(r["via"] == "listener" and r["state"] == "established" for r in self.rows)
