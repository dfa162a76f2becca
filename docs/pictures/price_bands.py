#!/usr/bin/env python3
"""Draws the bands of quoted prices of a run, beside the recorded prices where given, as SVG.

Usage: price_bands.py RESULTS PICTURE.svg [--record TABLE.csv] [--mark YYYY-MM=TEXT]...
           [--note TEXT] [--importers NAME] [--exporter NAME]

One panel per commodity, at most four: price over its level in the first month, on a log axis; the
middle 90 % and 50 % of trials and the median, for those who import (`--importers`) and for the
region that restricts (`--exporter`). The record has the columns of
scenarios/data/rare_earth_prices_2008_2014.csv. Needs nothing but Python 3.
"""

import argparse
import csv
import json
import math
from pathlib import Path
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 900, 780
PANEL_WIDTH, PANEL_HEIGHT = 390, 240
LEFT, TOP, ACROSS, DOWN = 62, 156, 442, 300
LOWEST, HIGHEST = 0.2, 60
TICKS = (0.2, 0.5, 1, 2, 5, 10, 20, 50)

# Two colours that all common kinds of colour vision tell apart (Okabe and Ito).
IMPORTERS, EXPORTER = "#0072B2", "#D55E00"
INK, GREY, GRID = "#222222", "#666666", "#DDDDDD"
SPOT_DASH = 'stroke-dasharray="5 3"'


def month_number(month: str) -> int:
    year, of_year = month.split("-")
    return 12 * int(year) + int(of_year) - 1


def read_bands(folder: Path, series: str, regions: list[str]) -> dict:
    """[commodity][region][statistic][month] of one series."""
    bands: dict = {}
    with open(folder / "paths.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["series"] == series and row["region"] in regions and row["value"]:
                of_region = bands.setdefault(row["commodity"], {}).setdefault(row["region"], {})
                by_month = of_region.setdefault(row["statistic"], {})
                by_month[month_number(row["month"])] = float(row["value"])
    return bands


def read_record(path: Path) -> list[dict]:
    """Recorded prices: commodity, region, first month, month after the last, USD/kg, kind."""
    with open(path, encoding="utf-8", newline="") as file:
        return [
            {"commodity": row["commodity"], "region": row["region"], "kind": row["kind"],
             "from": month_number(row["from"]), "until": month_number(row["until"]),
             "price": float(row["value"])}
            for row in csv.DictReader(file)
            if row["series"] == "price"
        ]


class Panel:
    """A log axis over months."""

    def __init__(self, left: float, top: float, first: int, end: int):
        self.left, self.top, self.first, self.end = left, top, first, end

    def x(self, month: float) -> float:
        return self.left + PANEL_WIDTH * (month - self.first) / (self.end - self.first)

    def y(self, ratio: float) -> float:
        inside = min(max(ratio, LOWEST), HIGHEST)
        share = math.log(inside / LOWEST) / math.log(HIGHEST / LOWEST)
        return self.top + PANEL_HEIGHT * (1 - share)


def text(x: float, y: float, words: str, size: float = 12, anchor: str = "start",
         colour: str = INK, more: str = "") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
            f'fill="{colour}" {more}>{escape(words)}</text>')


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1,
         more: str = "") -> str:
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{colour}" stroke-width="{width}" {more}/>')


def points(pairs: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in pairs)


def frame(panel: Panel, title: str, marks: list[tuple[int, str]], labelled: bool) -> list[str]:
    right, bottom = panel.left + PANEL_WIDTH, panel.top + PANEL_HEIGHT
    parts = [text(panel.left, panel.top - 8, title, 13, more='font-weight="bold"')]
    for tick in TICKS:
        y = panel.y(tick)
        parts.append(line(panel.left, y, right, y, GREY if tick == 1 else GRID))
        parts.append(text(panel.left - 6, y + 4, f"{tick:g}", 11, "end", GREY))
    for month in range(panel.first, panel.end + 1):
        x = panel.x(month)
        if month % 12 == 0:
            parts.append(line(x, panel.top, x, bottom + 5, GRID))
        if month % 12 == 6 and month < panel.end:
            parts.append(text(x, bottom + 17, str(month // 12), 11, "middle", GREY))
    parts.append(f'<rect x="{panel.left}" y="{panel.top}" width="{PANEL_WIDTH}" '
                 f'height="{PANEL_HEIGHT}" fill="none" stroke="{GREY}"/>')
    for month, words in marks:
        x = panel.x(month)
        parts.append(line(x, panel.top, x, bottom, INK, 1, 'stroke-dasharray="4 3"'))
        if labelled:
            parts.append(text(x + 5, bottom - 8, words, 11))
    return parts


def band(panel: Panel, low: dict, high: dict, base: float, colour: str, opacity: float) -> str:
    months = sorted(low.keys() & high.keys())
    outline = [(panel.x(m + 0.5), panel.y(high[m] / base)) for m in months]
    outline += [(panel.x(m + 0.5), panel.y(low[m] / base)) for m in reversed(months)]
    return f'<polygon points="{points(outline)}" fill="{colour}" fill-opacity="{opacity}"/>'


def path(panel: Panel, prices: dict, base: float, colour: str, width: float,
         more: str = "") -> str:
    pairs = [(panel.x(m + 0.5), panel.y(price / base)) for m, price in sorted(prices.items())]
    return (f'<polyline points="{points(pairs)}" fill="none" stroke="{colour}" '
            f'stroke-width="{width}" {more}/>')


def curves(panel: Panel, prices: dict, base: float, colour: str) -> list[str]:
    parts = []
    for low, high, opacity in (("p5", "p95", 0.18), ("p25", "p75", 0.32)):
        if low in prices and high in prices:
            parts.append(band(panel, prices[low], prices[high], base, colour, opacity))
    parts.append(path(panel, prices["p50"], base, colour, 2))
    return parts


def mark(x: float, y: float, of_importers: bool) -> str:
    if of_importers:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.6" fill="{INK}"/>'
    diamond = points([(x, y - 5), (x + 4.5, y), (x, y + 5), (x - 4.5, y)])
    return f'<polygon points="{diamond}" fill="#FFFFFF" stroke="{INK}" stroke-width="1.4"/>'


def recorded(panel: Panel, entries: list[dict], bases: dict, importers: str) -> list[str]:
    parts = []
    for entry in entries:
        if entry["from"] < panel.first or entry["until"] > panel.end:
            continue
        y = panel.y(entry["price"] / bases[entry["region"]])
        if entry["kind"] == "mean":
            parts.append(line(panel.x(entry["from"]), y, panel.x(entry["until"]), y, INK, 1.6))
        parts.append(mark(panel.x((entry["from"] + entry["until"]) / 2), y,
                          entry["region"] == importers))
    return parts


def legend(importers: str, exporter: str, with_record: bool) -> list[str]:
    def swatch(x: float, y: float, colour: str, words: str) -> list[str]:
        return [f'<rect x="{x}" y="{y - 9}" width="34" height="18" fill="{colour}" '
                f'fill-opacity="0.18"/>',
                f'<rect x="{x}" y="{y - 4.5}" width="34" height="9" fill="{colour}" '
                f'fill-opacity="0.32"/>',
                line(x, y, x + 34, y, colour, 2), text(x + 42, y + 4, words)]

    parts = swatch(LEFT, 62, IMPORTERS, f"model, quoted price of {importers}: median, "
                                        "middle 50 % and 90 %")
    parts += swatch(LEFT, 87, EXPORTER, f"model, quoted price in {exporter}, likewise")
    parts += [line(LEFT, 112, LEFT + 34, 112, IMPORTERS, 1.3, SPOT_DASH),
              text(LEFT + 42, 116, f"model, spot price of {importers}: median")]
    if with_record:
        x = LEFT + 455
        parts += [mark(x + 8, 62, True),
                  text(x + 26, 66, f"recorded, free on board {exporter}: a quote"),
                  mark(x + 8, 87, True), line(x, 87, x + 16, 87, INK, 1.6),
                  text(x + 26, 91, "the same: mean over the bar"),
                  mark(x + 8, 112, False),
                  text(x + 26, 116, f"recorded within {exporter}, with VAT: a quote")]
    return parts


def draw(arguments: argparse.Namespace) -> str:
    importers, exporter = arguments.importers, arguments.exporter
    bands = read_bands(arguments.results, "quoted_price", [importers, exporter])
    spot = read_bands(arguments.results, "price", [importers])
    record = read_record(arguments.record) if arguments.record else []
    manifest = json.loads((arguments.results / "manifest.json").read_text(encoding="utf-8"))
    months = sorted(next(iter(bands.values()))[importers]["p50"])
    start = f"{months[0] // 12}"

    title = f"{manifest['scenario']['name']}: quoted prices over their level in {start}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#FFFFFF"/>',
        text(LEFT, 34, title, 17, more='font-weight="bold"'),
    ]
    parts += legend(importers, exporter, bool(record))
    for position, (commodity, prices) in enumerate(list(bands.items())[:4]):
        panel = Panel(LEFT + ACROSS * (position % 2), TOP + DOWN * (position // 2),
                      months[0], months[-1] + 1)
        bases = {region: prices[region]["mean"][months[0]] for region in (importers, exporter)}
        title = f"{commodity} ({bases[importers]:.4g} USD/kg in {start})"
        parts += frame(panel, title, arguments.mark, position == 0)
        parts += curves(panel, prices[exporter], bases[exporter], EXPORTER)
        parts += curves(panel, prices[importers], bases[importers], IMPORTERS)
        parts.append(path(panel, spot[commodity][importers]["p50"], 1, IMPORTERS, 1.3, SPOT_DASH))
        of_commodity = [entry for entry in record if entry["commodity"] == commodity
                        and entry["region"] in bases]
        parts += recorded(panel, of_commodity, bases, importers)
    parts += [
        text(16, HEIGHT / 2 + 40, f"price / price in {start} (log scale)", 12, "middle",
             GREY, f'transform="rotate(-90 16 {HEIGHT / 2 + 40})"'),
        text(LEFT, HEIGHT - 34, f"{manifest['trials']:,} trials, seed {manifest['seed']}. The "
             "quoted price is the assessed and contract price, which follows the spot price with "
             "a lag.", 11, colour=GREY),
        text(LEFT, HEIGHT - 16, arguments.note, 11, colour=GREY),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def month_and_words(argument: str) -> tuple[int, str]:
    month, _, words = argument.partition("=")
    return month_number(month), words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("results", type=Path, help="a folder that `chokepoint run` wrote")
    parser.add_argument("picture", type=Path, help="the SVG file to write")
    parser.add_argument("--record", type=Path, help="recorded prices to draw as dots")
    parser.add_argument("--importers", default="partners", help="region or group (partners)")
    parser.add_argument("--exporter", default="china", help="region (china)")
    parser.add_argument("--mark", type=month_and_words, action="append", default=[],
                        metavar="YYYY-MM=TEXT", help="a date to mark")
    parser.add_argument("--note", default="", help="a last line below the panels")
    arguments = parser.parse_args()
    arguments.picture.write_text(draw(arguments), encoding="utf-8")


if __name__ == "__main__":
    main()
