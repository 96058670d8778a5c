"""What Python's parser says about a JSON text, by the rules of JSONText in Sources/ContainerNames.

Run, it reads a text in base64 a line, and prints a line for each: "!" for one that is refused, else "+" and
the string at the key Name in base64, that of "-" where there is none.
"""
import base64
import json
import sys

# Jansson's own limit.
DEPTH_MAX = 2048
sys.setrecursionlimit(4 * DEPTH_MAX)


def pairs(items):
    if len({key for key, _ in items}) != len(items): raise ValueError("a key stands twice")
    return dict(items)


def integer(text):
    if not -2**63 <= int(text) < 2**63: raise ValueError("not in 64 bits")
    return 0


def real(text):
    if abs(float(text)) == float("inf"): raise ValueError("not in a double")
    return 0.0


def constant(text):
    raise ValueError("no JSON")


def check(value, depth=1):
    """Raises for what has zeros or lone surrogates in a string, or is nested too deep."""
    if isinstance(value, str):
        value.encode("utf-8")
        if "\0" in value: raise ValueError("a zero")
    elif isinstance(value, (list, dict)):
        if depth > DEPTH_MAX: raise ValueError("too deep")
        for element in value: check(element, depth + 1)
        if isinstance(value, dict):
            for element in value.values(): check(element, depth + 1)


def parse(text):
    """The value of a text in bytes; raises ValueError for one that is refused."""
    value = json.loads(text.decode("utf-8"), object_pairs_hook=pairs, parse_int=integer,
                       parse_float=real, parse_constant=constant)
    if not isinstance(value, (list, dict)): raise ValueError("neither an object nor an array")
    check(value)
    return value


def string(value, *keys):
    """The string at the end of a path of keys; None where there is none."""
    for key in keys:
        if not isinstance(value, dict) or key not in value: return None
        value = value[key]
    return value if isinstance(value, str) else None


def main():
    for line in sys.stdin:
        try:
            name = string(parse(base64.b64decode(line)), "Name")
        except ValueError:
            print("!")
        else:
            print("+" + base64.b64encode(("-" if name is None else name).encode()).decode())


if __name__ == "__main__":
    main()
