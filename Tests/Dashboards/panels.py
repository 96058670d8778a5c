"""Panels as pictures: what Grafana shows of them, as far as layout, values, legends and colors go."""
import math
import re

from fields import NAMED, esc, mapping, no_data, override, step_color
from graphs import state_timeline, timeseries
from query import legend, written


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


KINDS = {"timeseries": timeseries, "stat": stat, "table": table, "bargauge": bargauge,
         "state-timeline": state_timeline}


def heading(text):
    return re.sub(r"\s+", " ", esc(text))
