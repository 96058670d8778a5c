"""A copy of the repository, changed for a build of its own."""
import subprocess

from isolation import ROOT


def update(copy, change, added=()):
    """Makes the copy what the repository is, but for what `change` makes of a path and its bytes, and added files.

    A file that stays the same is not written, so that it is not built again.
    """
    added = dict(added)
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            check=True, stdout=subprocess.PIPE).stdout.decode().split("\0")
    wanted = {path for path in listed if path and (ROOT / path).is_file()}
    if (ROOT / "Package.resolved").exists(): wanted.add("Package.resolved")
    for path in wanted: put(copy / path, change(path, (ROOT / path).read_bytes()), (ROOT / path).stat().st_mode)
    for path, data in added.items(): put(copy / path, data)
    for path in copy.rglob("*"):
        inner = str(path.relative_to(copy))
        if path.is_file() and inner not in wanted and inner not in added and not inner.startswith(".build"):
            path.unlink()


def put(path, data, mode=0o644):
    if path.exists() and path.read_bytes() == data: return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(mode)
