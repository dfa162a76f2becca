#!/usr/bin/env python3
"""Prints price peaks of a run beside the recorded ones: the Markdown tables of docs/validation.md.

Usage: peak_table.py RESULTS TABLE.csv [REGION]...

RESULTS is a folder that `chokepoint run` wrote, TABLE.csv a record with the columns of
scenarios/data/rare_earth_prices_2008_2014.csv. The first table is for `partners`, the second for
the regions named. Then come median prices of some months over their level in the first month, and
how many recorded prices the bands hold. Needs nothing but Python 3.
"""

import csv
import sys
from pathlib import Path

IMPORTERS, EXPORTER = "partners", "china"
MONTHS = ("2010-08", "2011-09", "2014-12")
NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December")


def month_number(month: str) -> int:
    year, of_year = month.split("-")
    return 12 * int(year) + int(of_year) - 1


def in_words(month: int) -> str:
    return f"{NAMES[month % 12][:3]} {month // 12}"


def rows_of(path: Path) -> list[dict]:
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digits(value: float) -> str:
    return f"{value:.0f}" if value >= 20 else f"{value:.1f}"


class Results:
    """What a run says of prices."""

    def __init__(self, folder: Path):
        self.figures = {}
        for row in rows_of(folder / "metrics.csv"):
            if row["metric"] in ("price_peak", "price_peak_month", "quoted_peak") and row["value"]:
                key = row["metric"], row["commodity"], row["region"], row["statistic"]
                self.figures[key] = float(row["value"])
        self.quoted: dict = {}
        self.spot: dict = {}
        for row in rows_of(folder / "paths.csv"):
            bands = {"quoted_price": self.quoted, "price": self.spot}.get(row["series"])
            if bands is not None and row["value"]:
                key = row["commodity"], row["region"], row["statistic"]
                bands.setdefault(key, {})[month_number(row["month"])] = float(row["value"])
        self.start = min(min(months) for months in self.quoted.values())

    def peak(self, metric: str, commodity: str, region: str) -> str:
        low, median, high = (digits(self.figures[metric, commodity, region, statistic])
                             for statistic in ("p5", "p50", "p95"))
        return f"{median} [{low}, {high}]"

    def spot_month(self, commodity: str, region: str) -> str:
        low, median, high = (
            in_words(self.start + int(self.figures["price_peak_month", commodity, region, level]))
            for level in ("p5", "p50", "p95"))
        return median if low == high else f"{median} [{low}, {high}]"

    def medians(self, commodity: str, month: int) -> str:
        """Outside spot and quoted, inside quoted; then outside over inside, spot and quoted."""
        outside = self.quoted[commodity, IMPORTERS, "p50"]
        inside = self.quoted[commodity, EXPORTER, "p50"]
        spot_outside = self.spot[commodity, IMPORTERS, "p50"][month]
        spot_inside = self.spot[commodity, EXPORTER, "p50"][month]
        figures = (spot_outside,
                   outside[month] / outside[self.start],
                   inside[month] / inside[self.start],
                   spot_outside * outside[self.start] / (spot_inside * inside[self.start]),
                   outside[month] / inside[month])
        return " | ".join(digits(figure) for figure in figures)

    def quoted_month(self, commodity: str, region: str) -> str:
        median = self.quoted[commodity, region, "p50"]
        return in_words(max(median, key=median.get))


def prices_of(record: list[dict], commodity: str) -> list[dict]:
    return [row for row in record
            if row["series"] == "price" and row["commodity"] == commodity
            and row["region"] == IMPORTERS]


def base_of(record: list[dict], commodity: str, start: int) -> float:
    """The recorded mean of the scenario's first year."""
    for row in prices_of(record, commodity):
        if (month_number(row["from"]), month_number(row["until"])) == (start, start + 12):
            return float(row["value"])
    raise SystemExit(f"the record has no mean of {commodity} over the first year")


def recorded_peak(record: list[dict], commodity: str, base: float) -> str:
    highest = max(prices_of(record, commodity), key=lambda row: float(row["value"]))
    first, last = month_number(highest["from"]), month_number(highest["until"]) - 1
    when = in_words(first) if first == last else f"{in_words(first)}–{in_words(last)}"
    return f"{digits(float(highest['value']) / base)} | {when}"


def coverage(results: Results, record: list[dict], commodities: list[str], since: int) -> str:
    """How many recorded prices lie in the 90 % band of the quoted price."""
    inside = total = 0
    for commodity in commodities:
        for row in prices_of(record, commodity):
            month = (month_number(row["from"]) + month_number(row["until"]) - 1) // 2
            low = results.quoted[commodity, IMPORTERS, "p5"]
            high = results.quoted[commodity, IMPORTERS, "p95"]
            if month >= since and month in low:
                total += 1
                inside += low[month] <= float(row["value"]) <= high[month]
    return f"{inside} of {total}"


def main() -> None:
    results = Results(Path(sys.argv[1]))
    record = rows_of(Path(sys.argv[2]))
    regions = sys.argv[3:]
    commodities = list(dict.fromkeys(key[0] for key in results.quoted))

    print("| element | recorded peak | when | spot peak | when | quoted peak | when |")
    print("|---|---|---|---|---|---|---|")
    for commodity in commodities:
        base = base_of(record, commodity, results.start)
        print(f"| {commodity} | {recorded_peak(record, commodity, base)} "
              f"| {results.peak('price_peak', commodity, IMPORTERS)} "
              f"| {results.spot_month(commodity, IMPORTERS)} "
              f"| {results.peak('quoted_peak', commodity, IMPORTERS)} "
              f"| {results.quoted_month(commodity, IMPORTERS)} |")

    print("\n| element | " + " | ".join(regions) + " |")
    print("|---|" + "---|" * len(regions))
    for commodity in commodities:
        cells = [f"{results.peak('price_peak', commodity, region)}, "
                 f"{results.spot_month(commodity, region).split(' [')[0]}; "
                 f"{results.peak('quoted_peak', commodity, region)}" for region in regions]
        print(f"| {commodity} | " + " | ".join(cells) + " |")

    print("\n| month | element | spot | quoted | quoted inside | outside / inside, spot | quoted |")
    print("|---|---|---|---|---|---|---|")
    for month in map(month_number, MONTHS):
        for commodity in commodities:
            print(f"| {in_words(month)} | {commodity} | {results.medians(commodity, month)} |")

    since = month_number("2010-07")
    print(f"\nrecorded prices since July 2010 in the 90 % band of the quoted price: "
          f"{coverage(results, record, commodities, since)}")


if __name__ == "__main__":
    main()
