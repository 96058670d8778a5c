"""The programs that are measured and what they need, and how progress is told."""
import ctypes
import pathlib
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PRODUCTS = ROOT / ".build/release"
WORK = ROOT / ".build/benchmark"


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
    else:
        print(text, file=sys.stderr, flush=True)


def spawn(command, **options):
    """A program that ends with this one, however this one ends (man 2 prctl, PR_SET_PDEATHSIG)."""
    die_with_parent = ctypes.CDLL(None).prctl
    return subprocess.Popen(
        command, preexec_fn=lambda: die_with_parent(1, signal.SIGKILL), **options)


def build_products(*products):
    progress("building")
    swift = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product"]
    for product in products:
        subprocess.run([*swift, product], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    WORK.mkdir(parents=True, exist_ok=True)


def build():
    build_products("tcptable_exporter", "tcptable", "IPHelper")
    subprocess.run([HERE.parent / "Programs/build", WORK], check=True)
    cc = ["gcc", "-O2", "-Wall", "-Wextra", "-Werror"]
    for name in ("descriptor_scan", "measured"):
        subprocess.run([*cc, "-o", WORK / name, HERE / f"{name}.c"], check=True)
    subprocess.run(
        [*cc, "-o", WORK / "get_tcp_table", HERE / "get_tcp_table.c",
         "-I", ROOT / "Sources/CIPHelper/include", "-L", PRODUCTS, "-lIPHelper",
         f"-Wl,-rpath,{PRODUCTS}"], check=True)
