"""The steps of a scrape on made-up input, for each row or series."""
import os
import re
import shutil
import subprocess
import sys

from programs import PRODUCTS, WORK, build_products, progress
from report import print_columns

# As many rows or series as one repetition of a step goes through.
UNITS = 10_000
COUNTED_REPETITIONS = 3


def instructions(name):
    """Of one row or series, without what has to be prepared."""
    progress(f"counting instructions: {name}")
    # Of a stripped copy: valgrind gives up on Swift's debugging information.
    stripped = WORK / "microbenchmark"
    subprocess.run(["strip", "--keep-symbol=micro_counted", "-o", stripped,
                    PRODUCTS / "tcptable_microbenchmark"], check=True)
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
         "--toggle-collect=micro_counted", stripped, "--only", name,
         "--repetitions", str(COUNTED_REPETITIONS)],
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, check=True)
    count = int(re.search(r"Collected : (\d+)", run.stderr)[1])
    return f"{count / UNITS / COUNTED_REPETITIONS:.0f}"


def measure_steps():
    """Measures and prints them, and gives the exit status."""
    os.environ["TCPTABLE_MICROBENCHMARK"] = "yes"  # Package.swift has the program only then.
    build_products("tcptable_microbenchmark")
    progress("measuring")
    run = subprocess.run([PRODUCTS / "tcptable_microbenchmark"], stdout=subprocess.PIPE, text=True)
    steps = [line.split() for line in run.stdout.splitlines()]
    counts = {step[0]: instructions(step[0]) if shutil.which("valgrind") else "" for step in steps}
    if sys.stderr.isatty(): progress("")
    head = ("", "of", "ns", "instructions", "allocations in 10,000", "limit", "heap growth")
    print_columns([head] + [
        (name, unit, nanoseconds, counts[name], allocations, limit, growth)
        for name, unit, nanoseconds, allocations, limit, growth in steps])
    return run.returncode
