"""What a command says of its own options, by --experimental-dump-help of swift-argument-parser."""

import json
import subprocess


def command(program):
    result = subprocess.run([program, "--experimental-dump-help"], capture_output=True, check=True)
    return json.loads(result.stdout)["command"]


def options(arguments):
    """The section, the names with the argument of each, and the argument, of every option that --help
    shows. An inverted flag stands beside its positive."""
    shown = [argument for argument in arguments if argument["shouldDisplay"]]
    skip = False
    for argument, following in zip(shown, shown[1:] + [None]):
        if skip:
            skip = False
            continue
        group = [argument]
        if following and following["valueName"] == "no-" + argument["valueName"]:
            group.append(following)
            skip = True
        names = [(part, name) for part in group for name in part.get("names", [])]
        # What stands alone is called by its value.
        names = names or [(argument, {"kind": "value", "name": argument["valueName"]})]
        yield argument.get("sectionTitle") or "General", names, argument


def dashes(name):
    return {"long": "--", "value": ""}.get(name["kind"], "-")


def values_alone(arguments):
    """What may stand on the command line without an option."""
    return [value(argument) + ("..." if argument["isRepeating"] else "")
            for argument in arguments
            if argument["kind"] == "positional" and argument["shouldDisplay"]]


def value(argument):
    values = argument.get("allValues")
    return "|".join(values) if values else argument["valueName"]


def meaning(argument):
    text = argument.get("abstract", "")
    default = argument.get("defaultValue")
    if default is not None and "(default: " not in text:
        text += f" (default: {default})"
    return text
