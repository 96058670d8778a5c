"""Lines over time, one panel for each thing that was watched."""

PANELS = [("memory", "anonymous memory, KiB"), ("descriptors", "descriptors"), ("threads", "threads"),
          ("scrape", "a scrape, ms")]
COLOURS = {"http": "a", "https": "b"}
LEFT, WIDTH, HEIGHT, GAP = 80, 620, 110, 36


def svg(rows):
    """Of rows by scheme."""
    last = max(row["minutes"] for lines in rows.values() for row in lines) or 1
    parts, top = [], 40
    for key, title in PANELS:
        highest = max(row[key] for lines in rows.values() for row in lines) or 1
        parts.append(f'<text x="{LEFT}" y="{top - 6}">{title}</text>'
                     f'<path class="axis" d="M{LEFT} {top}v{HEIGHT}h{WIDTH}"/>'
                     f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{highest:,.0f}</text>'
                     f'<text x="{LEFT - 6}" y="{top + HEIGHT}" text-anchor="end">0</text>')
        for scheme, lines in rows.items():
            points = " ".join(f"{LEFT + row['minutes'] / last * WIDTH:.1f},{top + HEIGHT - row[key] / highest * HEIGHT:.1f}"
                              for row in lines)
            parts.append(f'<polyline class="{COLOURS[scheme]}" points="{points}"/>')
        top += HEIGHT + GAP
    parts.append(f'<text x="{LEFT + WIDTH}" y="{top - GAP + 16}" text-anchor="end">{last:.1f} minutes</text>')
    legend = "".join(f'<text class="{colour}" x="{LEFT + 60 * index}" y="16">{scheme}</text>'
                     for index, (scheme, colour) in enumerate(COLOURS.items()))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 20} {top}" '
            'font-family="sans-serif" font-size="12"><style>text{fill:#222}polyline{fill:none;stroke-width:1.5}'
            '.axis{fill:none;stroke:#999}.a{stroke:#2a7ab9}.b{stroke:#c2571a}text.a{fill:#2a7ab9;stroke:none}'
            'text.b{fill:#c2571a;stroke:none}@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>'
            f'{legend}{"".join(parts)}</svg>\n')
