#!/usr/bin/env python3
"""timelapse.py FACTOR FILE: the rules of a file, with every duration divided by FACTOR.

They are the same rules for scrapes and evaluations that come FACTOR times as often, so that what takes
an hour can be seen within a minute. Durations stand in `for`, `keep_firing_for` and `interval`, and in
expressions as ranges, subqueries and offsets; rules here give each expression as a block of its own.
"""
import re
import sys

MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000,
                "w": 604_800_000, "y": 31_536_000_000}
DURATION = r"(?<![\w.])(?:\d+(?:ms|[smhdwy]))+(?!\w)"
STRING_OR_DURATION = re.compile(rf'("(?:[^"\\]|\\.)*")|({DURATION})')
KEY = re.compile(rf"( *)(- )?(for|keep_firing_for|interval): ({DURATION})\n")
EXPRESSION = re.compile(r"( *)(- )?expr: \|\n")


def divided(duration, factor):
    parts = re.findall(r"(\d+)(ms|[smhdwy])", duration)
    whole = sum(int(number) * MILLISECONDS[unit] for number, unit in parts)
    if whole % factor:
        sys.exit(f"timelapse.py: {duration} cannot be divided by {factor} into milliseconds")
    return f"{whole // factor}ms"


def lapsed(lines, factor):
    block = None  # how far the key of an expression's block is indented
    for line in lines:
        indent = len(line) - len(line.lstrip(" "))
        if block is not None and line.strip() and indent <= block:
            block = None
        if block is not None:
            yield STRING_OR_DURATION.sub(lambda m: m[1] or divided(m[2], factor), line)
        elif key := KEY.fullmatch(line):
            yield f"{key[1]}{key[2] or ''}{key[3]}: {divided(key[4], factor)}\n"
        else:
            if expression := EXPRESSION.fullmatch(line):
                block = len(expression[1])
            yield line


if __name__ == "__main__":
    if len(sys.argv) != 3 or not re.fullmatch("[1-9][0-9]*", sys.argv[1]):
        sys.exit("usage: timelapse.py FACTOR FILE")
    with open(sys.argv[2], encoding="utf-8") as file:
        sys.stdout.writelines(lapsed(file, int(sys.argv[1])))
