"""How panels show a value: its text and color, by defaults, overrides, mappings and thresholds."""
import html

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


def no_data(panel):
    return f'<div class=none>{esc(panel["fieldConfig"]["defaults"].get("noValue", "No data"))}</div>'
