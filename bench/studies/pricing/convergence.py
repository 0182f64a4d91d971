"""Draws errors against intervals on log scales, a panel each, as an SVG, and prints the slope of every line (least squares
over all its points) and that of its last step, as a Markdown table.

usage: convergence.py FILE.svg < lines of "panel line intervals error", by tabs
"""

import math
import sys
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 380, 290, 46, 18, 46, 36
COLOURS = ["#1f6fb2", "#d9822b", "#2a9d63", "#b23a6f"]


def read(file):
    panels = {}
    for row in file:
        panel, line, intervals, error = row.rstrip("\n").split("\t")
        panels.setdefault(panel, {}).setdefault(line, []).append((int(intervals), float(error)))
    return panels


def orders(points):
    x = [math.log(1 / n) for n, _ in points]
    y = [math.log(e) for _, e in points]
    mx, my = sum(x) / len(x), sum(y) / len(y)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)
    return slope, (y[-1] - y[-2]) / (x[-1] - x[-2])


def text(x, y, words, anchor="middle", size=11):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{escape(words)}</text>'


def panel(name, lines, left, top):
    points = [p for line in lines.values() for p in line]
    low_x, high_x = (math.log2(f(n for n, _ in points)) for f in (min, max))
    low_y = math.floor(math.log10(min(e for _, e in points)))
    high_y = math.ceil(math.log10(max(e for _, e in points)))

    def at(n, e):
        return (left + LEFT + (math.log2(n) - low_x) / (high_x - low_x) * (WIDTH - LEFT - RIGHT),
                top + HEIGHT - BOTTOM - (math.log10(e) - low_y) / (high_y - low_y) * (HEIGHT - TOP - BOTTOM))

    yield text(left + LEFT, top + 14, name, "start", 13)
    for decade in range(low_y, high_y + 1):
        (x1, y), (x2, _) = at(2 ** low_x, 10.0 ** decade), at(2 ** high_x, 10.0 ** decade)
        yield f'<path d="M{x1:.1f} {y:.1f}H{x2:.1f}" stroke="#8885"/>' + text(x1 - 5, y + 4, f"1e{decade}", "end")
    for n in sorted({n for n, _ in points}):
        yield text(at(n, 1)[0], top + HEIGHT - BOTTOM + 15, str(n))
    yield text(left + (LEFT + WIDTH) / 2, top + HEIGHT - 6, "intervals in spot; the other axes and time in proportion")
    n, e = points[0]
    guide = [at(n, e), at(2 ** high_x, e * (n / 2 ** high_x) ** 2)]
    if guide[1][1] > top + HEIGHT - BOTTOM:  # cut where it leaves the panel
        end = n * (e / 10.0 ** low_y) ** 0.5
        guide[1] = at(end, 10.0 ** low_y)
    yield '<path d="M{0[0]:.1f} {0[1]:.1f}L{1[0]:.1f} {1[1]:.1f}" stroke="#888" stroke-dasharray="4 4"/>'.format(*guide)
    place = left + 10
    for colour, (line, values) in zip(COLOURS, lines.items()):
        path = "L".join("{:.1f} {:.1f}".format(*at(*p)) for p in values)
        yield f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.6"/>'
        yield from ('<circle cx="{:.1f}" cy="{:.1f}" r="2.6" fill="{}"/>'.format(*at(*p), colour) for p in values)
        yield f'<path d="M{place} {top + 27}h12" stroke="{colour}" stroke-width="2"/>' + text(place + 15, top + 31, line, "start", 10)
        place += 22 + 5.1 * len(line)


def draw(panels):
    wide, high = 2 * WIDTH, -(-len(panels) // 2) * HEIGHT
    yield (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" fill="#555">'
           f'<rect width="{wide}" height="{high}" fill="#fff"/>')
    for i, (name, lines) in enumerate(panels.items()):
        yield from panel(name, lines, i % 2 * WIDTH, i // 2 * HEIGHT)
    yield "</svg>"


def main():
    panels = read(sys.stdin)
    with open(sys.argv[1], "w") as out:
        print(*draw(panels), sep="\n", file=out)
    print("| | | error, coarsest | error, finest | order, all grids | order, last two |\n| --- | --- | --- | --- | --- | --- |")
    for name, lines in panels.items():
        for line, points in lines.items():
            print("| {} | {} | {:.1e} | {:.1e} | {:.2f} | {:.2f} |".format(name, line, points[0][1], points[-1][1], *orders(points)))


if __name__ == "__main__":
    main()
