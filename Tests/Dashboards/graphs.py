"""Values over time: graphs with axes, thresholds, annotations and legends, and timelines of states."""
import math
import time

from fields import NAMED, PALETTE, esc, mapping, no_data, override
from query import legend, written


def series(panel, queries):
    """Name, color and points of each line."""
    found = []
    for target in panel["targets"]:
        for labels, points in queries.lines(panel["title"], target["expr"]):
            found.append([legend(target.get("legendFormat"), labels), points])
    for index, one in enumerate(found):
        color = (override(panel, one[0], "color") or {}).get("fixedColor")
        one.insert(1, NAMED.get(color, color) or PALETTE[index % len(PALETTE)])
    return found


def ticks(low, high, is_log, is_binary):
    if is_log:
        return [10**power for power in range(round(math.log10(low)), round(math.log10(high)) + 1)]
    raw = (high - low) / 4
    if is_binary:
        step = 2 ** round(math.log2(raw))
    else:
        size = 10 ** math.floor(math.log10(raw))
        step = min((factor * size for factor in (1, 2, 2.5, 5, 10)), key=lambda one: abs(one - raw))
    return [step * index for index in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]


def limits(panel, lines, is_log):
    """The lowest and highest value of the axis."""
    defaults = panel["fieldConfig"]["defaults"]
    values = [value for line in lines for _, value in line[2]]
    if "stacking" in defaults["custom"]:
        sums = {}
        for line in lines:
            for at, value in line[2]:
                sums[at] = sums.get(at, 0) + value
        values = list(sums.values()) + [0]
    if is_log:
        above = [value for value in values if value > 0] or [1]
        return 10 ** math.floor(math.log10(min(above))), 10 ** math.ceil(math.log10(max(above)) + 0.01)
    low = defaults.get("min", min(values))
    high = defaults.get("max", max(values) * 1.05)
    return low, high if high > low else low + 1


class Plot:
    """The axes of a graph."""

    def __init__(self, panel, lines, queries, width, height):
        self.defaults = panel["fieldConfig"]["defaults"]
        self.custom = self.defaults["custom"]
        self.is_log = self.custom.get("scaleDistribution", {}).get("type") == "log"
        self.low, self.high = limits(panel, lines, self.is_log)
        self.width, self.height, self.queries = width - 62, height - 24, queries

    def x(self, at):
        return (at - self.queries.start) / self.queries.seconds * self.width

    def y(self, value):
        low, high = self.low, self.high
        if self.is_log:
            low, high, value = math.log10(low), math.log10(high), math.log10(max(value, low))
        return self.height - (value - low) / (high - low) * self.height

    def path(self, points):
        return " ".join(f"{self.x(at):.1f},{self.y(value):.1f}" for at, value in points)

    def grid(self):
        unit = self.defaults["unit"]
        for value in ticks(self.low, self.high, self.is_log, unit == "bytes"):
            y = self.y(value)
            yield f'<line x2={self.width} y1={y:.1f} y2={y:.1f} stroke=#2c3235 />'
            yield f'<text x=-6 y={y + 4:.1f} text-anchor=end>{written(value, unit)}</text>'
        for index in range(1, 6):
            at = self.queries.start + self.queries.seconds * index / 6
            text = time.strftime("%H:%M:%S", time.gmtime(at))
            yield f'<text x={self.x(at):.0f} y={self.height + 17} text-anchor=middle>{text}</text>'

    def thresholds(self):
        if self.custom.get("thresholdsStyle", {}).get("mode") != "dashed":
            return
        for step in self.defaults["thresholds"]["steps"]:
            if step["value"] is not None and self.low <= step["value"] <= self.high:
                y = self.y(step["value"])
                yield (f'<line x2={self.width} y1={y:.1f} y2={y:.1f} stroke="{NAMED[step["color"]]}" '
                       f'stroke-dasharray="10 6"/>')

    def graphs(self, lines):
        below = {}
        for _, color, points in lines:
            if "stacking" in self.custom:
                floor = [(at, below.get(at, 0)) for at, _ in points]
                points = [(at, value + below.get(at, 0)) for at, value in points]
                below.update(points)
            else:
                floor = [(at, self.low) for at, _ in points]
            opacity = self.custom.get("fillOpacity", 0) / 100
            yield f'<polygon points="{self.path(points + floor[::-1])}" fill="{color}" fill-opacity={opacity} />'
            yield f'<polyline points="{self.path(points)}" fill=none stroke="{color}" stroke-width={self.custom.get("lineWidth", 1.3)} />'


def timeseries(panel, queries, width, height):
    lines = series(panel, queries)
    if not lines:
        return no_data(panel)
    chosen = panel["options"]["legend"]
    unit, is_right = panel["fieldConfig"]["defaults"]["unit"], chosen["placement"] == "right"
    if chosen["displayMode"] == "table":
        widest = max(len(line[0]) for line in lines)
        key, keyed = legend_table(lines, unit), min(width * 0.42, widest * 7 + 180)
    else:
        total = sum(len(line[0]) * 6.6 + 34 for line in lines)
        key, keyed = legend_list(lines), min(height * 0.35, 21 * math.ceil(total / width))
    plot = Plot(panel, lines, queries, width - keyed if is_right else width,
                height if is_right else height - keyed)
    body = "".join((*plot.grid(), *plot.graphs(lines), *plot.thresholds(), *annotations(plot)))
    picture = (f'<svg width={plot.width + 60} height={plot.height + 22} style="flex:none">'
               f'<g transform="translate(52,4)">{body}</g></svg>')
    size = f"width:{keyed:.0f}px" if is_right else f"height:{keyed:.0f}px"
    return (f'<div style="display:flex;flex-direction:{"row" if is_right else "column"}">{picture}'
            f'<div style="overflow:hidden;{size}">{key}</div></div>')


def annotations(plot):
    for at in plot.queries.annotations:
        if plot.queries.start <= at <= plot.queries.end:
            yield (f'<line x1={plot.x(at):.1f} x2={plot.x(at):.1f} y2={plot.height} stroke="#5794f2" '
                   f'stroke-dasharray="4 3"/>')


def legend_list(lines):
    return "".join(f'<span class=key><i style="background:{color}"></i>{esc(name)}</span>'
                   for name, color, _ in lines)


def legend_table(lines, unit):
    rows = sorted(lines, key=lambda line: -max(value for _, value in line[2]))
    body = "".join(
        f'<tr><td><i style="background:{color}"></i>{esc(name)}<td class=number>{written(points[-1][1], unit)}'
        f'<td class=number>{written(max(value for _, value in points), unit)}' for name, color, points in rows)
    return f"<table class=legend><tr><th>Name<th class=number>Last *<th class=number>Max{body}</table>"


def state_timeline(panel, queries, width, height):
    lines = series(panel, queries)
    if not lines:
        return no_data(panel)
    tall, left = min(34, (height - 46) / len(lines)), 110
    drawn = ""
    for index, (name, _, points) in enumerate(lines):
        drawn += f'<text x={left - 8} y={index * tall + tall * 0.65:.0f} text-anchor=end>{esc(name)}</text>'
        for start, end, value in equal_runs(points):
            x, wide = ((at - queries.start) / queries.seconds * (width - left - 10) for at in (start, end))
            color = NAMED[mapping(panel["fieldConfig"]["defaults"]["mappings"], value)["color"]]
            drawn += (f'<rect x={left + x:.1f} y={index * tall + 2:.1f} width={wide - x:.1f} '
                      f'height={tall - 4:.1f} fill="{color}" fill-opacity=.7 />')
    return f"<svg width={width} height={height}>{drawn}</svg>"


def equal_runs(points):
    """From when to when each value stays the same."""
    start = points[0]
    for point in points[1:] + [(points[-1][0], None)]:
        if point[1] != start[1]:
            yield start[0], point[0], start[1]
            start = point
