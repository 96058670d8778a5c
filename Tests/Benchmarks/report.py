"""Results as a table and as a chart."""
import math


def print_table(run):
    print(f"\n{run['rows']} rows")
    head = ("", "ms", "quartiles", "ns/row", "floor ×", "CPU ms", "MB", "peak MB")
    lines = [head] + [(
        result["name"], f"{result['median_ns'] / 1e6:.2f}",
        "–".join(f"{q / 1e6:.2f}" for q in result["quartiles_ns"]), f"{result['ns_per_row']:.0f}",
        f"{result['ratio_to_floor']:.2f}",
        "" if result["cpu_ns"] is None else f"{result['cpu_ns'] / 1e6:.2f}",
        "" if result["resident_bytes"] is None else f"{result['resident_bytes'] / 1e6:.1f}",
        f"{result['peak_resident_bytes'] / 1e6:.1f}") for result in run["results"]]
    print_columns(lines)


def print_columns(lines):
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    for line in lines:
        print("  ".join([line[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]))


def svg(runs):
    """Bars of the ratio to the floor at the largest size, on a logarithmic scale."""
    chosen = runs[-1]
    results = [r for r in chosen["results"] if r["ratio_to_floor"] > 0]
    left, width, height = 330, 360, 22
    top = math.log10(max(r["ratio_to_floor"] for r in results) * 1.2) + 1
    rows = []
    for index, result in enumerate(results):
        y = 34 + index * height
        bar = max((math.log10(result["ratio_to_floor"]) + 1) / top * width, 1)
        name = result["name"].replace("&", "&amp;").replace("<", "&lt;")
        own = "own" if not name.startswith(("floor", "ss ", "HTTP: node")) else "other"
        rows.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{name}</text>'
                    f'<rect class="{own}" x="{left}" y="{y + 3}" width="{bar:.1f}" height="15"/>'
                    f'<text x="{left + bar + 5:.1f}" y="{y + 14}">{result["ratio_to_floor"]:.2f}</text>')
    total = 34 + len(results) * height + 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 70} {total}" '
        'font-family="sans-serif" font-size="12"><style>text{fill:#222}.own{fill:#2a7ab9}'
        '.other{fill:#999}@media(prefers-color-scheme:dark){text{fill:#ddd}.own{fill:#5aa9e6}}'
        f'</style><text x="8" y="18">Time to the kernel\'s own dump, {chosen["rows"]:,} rows '
        f'(logarithmic)</text>{"".join(rows)}</svg>\n')
