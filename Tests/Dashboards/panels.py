"""Panels as pictures: what Grafana shows of them, as far as layout, values, legends and colors go."""
import html
import math
import re
import time

from query import legend, written

NAMED = {
    "green": "#73bf69", "red": "#f2495c", "orange": "#ff9830", "yellow": "#fade2a", "blue": "#5794f2",
    "purple": "#b877d9", "text": "#ccccdc", "transparent": "transparent", "light-purple": "#ca95e5",
    "super-light-purple": "#deb6f2", "dark-orange": "#fa6400", "dark-yellow": "#e0b400",
    "dark-green": "#37872d",
}
PALETTE = ("#73bf69", "#f2cc0c", "#8ab8ff", "#ff780a", "#f2495c", "#5794f2", "#b877d9", "#705da0",
           "#37872d", "#fade2a", "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477")
esc = html.escape


def override(panel, field, name):
    """A property of one field, else its default."""
    found = panel["fieldConfig"]["defaults"].get(name)
    for one in panel["fieldConfig"]["overrides"]:
        matcher = one["matcher"]
        if matcher["id"] == "byName" and matcher["options"] == field:
            found = next((entry["value"] for entry in one["properties"] if entry["id"] == name), found)
    return found


def step_color(thresholds, value):
    color = None
    for step in (thresholds or {"steps": []})["steps"]:
        if step["value"] is None or value >= step["value"]:
            color = step["color"]
    return NAMED.get(color, color)


def mapping(mappings, value):
    """The text and color of a value, where it has any."""
    for one in mappings or []:
        for key, result in one["options"].items():
            if str(value) == key or (isinstance(value, float) and value == float(key)):
                return result
    return {}


def stat(panel, queries, width, height):
    defaults, options = panel["fieldConfig"]["defaults"], panel["options"]
    found = [(legend(target["legendFormat"], labels), value) for target in panel["targets"]
             for labels, value in queries.instant(panel["title"], target["expr"])]
    if not found:
        color = step_color(defaults["thresholds"], -math.inf)
        text = defaults.get("noValue", "No data")
        return stat_box("", text, options["colorMode"] != "none" and color, width, height)
    boxes = ""
    for name, value in found:
        known = mapping(defaults.get("mappings"), value)
        color = NAMED.get(known.get("color")) or step_color(defaults["thresholds"], value)
        text = known.get("text") or written(value, defaults["unit"], defaults.get("decimals"))
        if options["textMode"] == "name":
            name, text = "", name
        boxes += stat_box(name if options["textMode"] != "value" else "", text,
                          options["colorMode"] != "none" and color, width, height / len(found))
    return boxes


def stat_box(name, text, color, width, height):
    size = min(38, height * (0.42 if name else 0.5), width * 1.5 / max(1, len(text)))
    label = min(16, width * 1.7 / max(1, len(name)))
    name = f'<div style="font-size:{label:.0f}px">{esc(name)}</div>' if name else ""
    return (f'<div class=stat style="background:{color or "none"};height:{height:.0f}px">{name}'
            f'<div style="font-size:{size:.0f}px;font-weight:500">{esc(text)}</div></div>')


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


def no_data(panel):
    return f'<div class=none>{esc(panel["fieldConfig"]["defaults"].get("noValue", "No data"))}</div>'


def merged(panel, queries):
    """The rows of a table: results of several queries that agree in their labels are one."""
    rows = []
    for target in panel["targets"]:
        column = f'Value #{target["refId"]}' if len(panel["targets"]) > 1 else "Value"
        for labels, value in queries.instant(panel["title"], target["expr"]):
            fits = (row for row in rows if column not in row and labels.keys() & row.keys()
                    and all(row.get(name, text) == text for name, text in labels.items()))
            row = next(fits, None)
            if row is None:
                rows.append(row := {})
            row.update(labels)
            row[column] = value
    return rows


def table(panel, queries, width, height):
    rows = merged(panel, queries)
    if not rows:
        return no_data(panel)
    options = panel["transformations"][-1]["options"]
    columns = [name for name in options["indexByName"] if any(name in row for row in rows)]
    columns += sorted({name for row in rows for name in row} - set(options["indexByName"])
                      - set(options["excludeByName"]))
    names = {name: options["renameByName"].get(name, name) for name in columns}
    columns = [name for name in columns if not override(panel, names[name], "custom.hidden")]
    for order in reversed(panel["options"].get("sortBy", [])):
        key = next(name for name in columns if names[name] == order["displayName"])
        rows.sort(key=lambda row: row.get(key, -1), reverse=order["desc"])
    fit = int(height / 29) - 1
    widths = column_widths(panel, [names[name] for name in columns], width)
    head = "".join(f'<th class={"number" if is_number(rows, name) else "text"} style="width:{wide:.0f}px">'
                   f'{esc(names[name])}' for name, wide in zip(columns, widths))
    body = "".join("<tr>" + "".join(cell(panel, names[name], row.get(name)) for name in columns)
                   for row in rows[:fit])
    return f'<table class=table style="width:{sum(widths):.0f}px"><tr>{head}{body}</table>'


def column_widths(panel, names, width):
    """Columns without a width share what is left, but none gets less than its minimum."""
    widths = [override(panel, name, "custom.width") or 0 for name in names]
    custom = panel["fieldConfig"]["defaults"]["custom"]
    least = [override(panel, name, "custom.minWidth") or custom.get("minWidth", 150) for name in names]
    open_columns = [index for index, wide in enumerate(widths) if not wide]
    while open_columns:
        share = (width - sum(widths)) / len(open_columns)
        narrow = [index for index in open_columns if least[index] > share]
        for index in narrow or open_columns:
            widths[index] = least[index] if narrow else share
        open_columns = [index for index in open_columns if narrow and index not in narrow]
    return widths


def is_number(rows, name):
    return any(isinstance(row.get(name), float) for row in rows)


def cell(panel, name, value):
    if value is None:
        return "<td>"
    is_text = isinstance(value, str)
    known = mapping(override(panel, name, "mappings"), value)
    text = known.get("text") or written(value, override(panel, name, "unit"), override(panel, name, "decimals"))
    style, kind = "", (override(panel, name, "custom.cellOptions") or {}).get("type")
    color = NAMED.get(known.get("color"))
    if kind and not color and not is_text:
        color = step_color(override(panel, name, "thresholds"), value)
    if kind == "color-background" and color not in (None, "transparent"):
        style = f' style="background:{color};color:#111"'
    text = f"<u>{esc(text)}</u>" if override(panel, name, "links") else esc(text)
    return f'<td class={"text" if is_text else "number"}{style}>{text}'


def bargauge(panel, queries, width, height):
    target, defaults = panel["targets"][0], panel["fieldConfig"]["defaults"]
    found = queries.instant(panel["title"], target["expr"])
    if not found:
        return no_data(panel)
    highest = max(*(value for _, value in found), 1e-9)
    bars = ""
    for labels, value in found:
        bars += (f'<div class=bar><span>{esc(legend(target["legendFormat"], labels))}</span>'
                 f'<b style="width:{max(0, value) / highest * 45:.0f}%;'
                 f'background:{step_color(defaults["thresholds"], value)}"></b>'
                 f'{written(value, defaults["unit"], defaults.get("decimals"))}</div>')
    return bars


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


KINDS = {"timeseries": timeseries, "stat": stat, "table": table, "bargauge": bargauge,
         "state-timeline": state_timeline}


def heading(text):
    return re.sub(r"\s+", " ", esc(text))
