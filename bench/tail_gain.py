#!/usr/bin/env python3
"""How many plain trials one drawn by importance is worth, for one figure of a tail.

Usage: tail_gain.py [--figure F] [--plain N] [--trials N] [--seeds K] PROGRAM SCENARIO

One long plain run beside K runs by importance with seeds of their own. Their mean is to agree with
the plain figure (z: their difference in standard errors); their scatter over seeds, set beside the
interval that each gives itself, says whether that interval is honest. The gain is
(plain half width / half width)^2 x plain trials / trials; with the trials of the pilot it is lower,
the more so the shorter the run.
"""

import argparse
import csv
import math
import statistics
import subprocess
import tempfile
from pathlib import Path

PILOT_TRIALS = 5 * 4096  # PilotSettings


def figure_of(folder: Path, statistic: str, metric: str) -> tuple[float, float]:
    """Value and half of its interval, world, all commodities."""
    with open(folder / "metrics.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            key = (row["metric"], row["commodity"], row["region"], row["statistic"])
            if key == (metric, "all", "world", statistic):
                return float(row["value"]), (float(row["upper"]) - float(row["lower"])) / 2
    raise SystemExit(f"no {statistic} of {metric}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="chokepoint")
    parser.add_argument("scenario")
    parser.add_argument("--figure", default="es99.9(shortfall_share)")
    parser.add_argument("--plain", type=int, default=300_000)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=8)
    options = parser.parse_args()
    statistic, metric = options.figure.rstrip(")").split("(")

    with tempfile.TemporaryDirectory() as scratch:
        def run(name: str, trials: int, *more: str) -> tuple[float, float]:
            folder = Path(scratch) / name
            subprocess.run([options.program, "run", options.scenario, "--trials", str(trials),
                            "--memory", "8GB", "--quiet", "--out", str(folder), *more],
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
            return figure_of(folder, statistic, metric)

        plain, plain_half = run("plain", options.plain, "--seed", "1000")
        found = [run(f"seed_{seed}", options.trials, "--seed", str(seed),
                     "--importance", options.figure) for seed in range(1, options.seeds + 1)]
    values = [value for value, _ in found]
    halves = [half for _, half in found]
    mean, half = statistics.mean(values), math.sqrt(statistics.mean(h * h for h in halves))
    error = math.hypot(plain_half, half / math.sqrt(len(values))) / 1.96
    gain = (plain_half / half) ** 2 * options.plain / options.trials
    print(f"{options.figure} of {options.scenario}")
    print(f"plain, {options.plain:,} trials: {plain:.5f} +- {plain_half:.5f}")
    print(f"by importance, {options.trials:,} trials, {len(values)} seeds: mean {mean:.5f}, "
          f"half width {half:.5f}, scatter over seeds x 1.96: "
          f"{1.96 * statistics.stdev(values):.5f}")
    print(f"z of the difference: {(mean - plain) / error:.2f}")
    print(f"one trial is worth {gain:.1f} plain ones; with the pilot "
          f"{gain * options.trials / (options.trials + PILOT_TRIALS):.1f}")


if __name__ == "__main__":
    main()
