"""What Grafana asks of Prometheus for a panel, and how it writes the values."""
import re
import time
import urllib.error

import stage

INTERVALS = {"$__rate_interval": "8s", "$__interval": "2s"}


class Queries:
    """The queries of one dashboard over the last seconds, with chosen values of its variables."""

    def __init__(self, dashboard, chosen, seconds):
        self.end = time.time()
        self.seconds = seconds
        self.start = self.end - seconds
        self.variables = {}
        self.complaints = []
        self.errors = 0
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query":
                self.choose(variable, chosen.get(variable["name"]))

    def choose(self, variable, value):
        """A chosen value; else all or, where that is no choice, the first."""
        name, query = variable["name"], variable["query"]["query"]
        selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
        values = stage.ask(f"label/{label}/values", **{"match[]": self.expanded(selector)})
        every = variable.get("allValue") or "(" + "|".join(values) + ")"
        if variable.get("includeAll"):
            self.variables[name] = (value or every, value or "All")
        else:
            first = value or next(iter(values), "")
            self.variables[name] = (first, first)
        if not values and name != "netns":
            self.complaints.append(f"the variable {name} has no values")

    def expanded(self, text):
        for name, value in INTERVALS.items():
            text = text.replace(name, value)
        text = text.replace("$__range", f"{self.seconds}s")
        for name, (value, _) in sorted(self.variables.items(), reverse=True):
            text = text.replace("$" + name, value)
        return text

    def ask(self, path, title, expression, **parameters):
        try:
            found = stage.ask(path, query=self.expanded(expression), **parameters)["result"]
        except urllib.error.HTTPError as error:
            found = []
            self.complaints.append(f"{title}: {error.read().decode()}")
            self.errors += 1
        if not found:
            self.complaints.append(f"{title}: no data")
        return found

    def instant(self, title, expression):
        """Pairs of labels and the current value."""
        found = self.ask("query", title, expression, time=self.end)
        return [(one["metric"], float(one["value"][1])) for one in found]

    def lines(self, title, expression):
        """Pairs of labels and points, each a time and a value."""
        step = max(2, self.seconds / 300)
        found = self.ask("query_range", title, expression, start=self.start, end=self.end, step=step)
        return [(one["metric"], [(at, float(value)) for at, value in one["values"]]) for one in found]


def legend(template, labels):
    if template is None:
        pairs = ", ".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
        return labels.get("__name__", "") + "{" + pairs + "}"
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: labels.get(match[1], ""), template)


def plain(value, decimals=None):
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
        text = f"{value:.{decimals}f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return f"{value:.{decimals}f}"


def scaled(value, decimals, steps):
    for size, name in steps:
        if abs(value) >= size:
            return plain(value / size, decimals) + name
    return plain(value, decimals) + steps[-1][1]


SHORT = ((1e9, " Bil"), (1e6, " Mil"), (1e3, " K"), (1, ""))
BYTES = ((2**30, " GiB"), (2**20, " MiB"), (2**10, " KiB"), (1, " B"))
SECONDS = ((86400, " days"), (3600, " hours"), (60, " mins"), (1, " s"), (1e-3, " ms"), (1e-6, " µs"))


def written(value, unit, decimals=None):
    """A value as Grafana writes it in a unit."""
    if isinstance(value, str):
        return value
    if unit == "percentunit":
        return plain(value * 100, decimals) + "%"
    if unit == "bytes":
        return scaled(value, decimals, BYTES)
    if unit == "s":
        return scaled(value, decimals, SECONDS) if value else "0 s"
    if unit == "cps":
        return plain(value, decimals) + " c/s"
    if unit == "dateTimeFromNow":
        return scaled(max(1, time.time() - value / 1000), 0, SECONDS) + " ago"
    if unit == "locale":
        return f"{value:,.{2 if decimals is None and value != int(value) else decimals or 0}f}"
    return scaled(value, decimals, SHORT)
