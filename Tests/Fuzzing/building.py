"""Builds the program of the fuzzers; where it lies, and what they find."""
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / ".build-fuzz"
FOUND = WORK / "found"
PROGRAM = WORK / "release/tcptable_fuzz"
# Both in one flag: with two the compiler drops what tells libFuzzer where it has been.
FLAGS = ["-c", "release", "-Xswiftc", "-enable-testing", "-Xswiftc", "-sanitize=fuzzer,address"]


def build():
    """Ends this program with status 3 where that fails."""
    command = ["swift", "build", "--scratch-path", WORK, "--product", PROGRAM.name, *FLAGS]
    result = subprocess.run(command, cwd=ROOT, env=os.environ | {"TCPTABLE_FUZZING": "yes"}, check=False,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    FOUND.mkdir(parents=True, exist_ok=True)
    if result.returncode != 0:
        print(result.stdout, file=sys.stderr)
        sys.exit(3)
