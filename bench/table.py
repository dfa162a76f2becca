#!/usr/bin/env python3
"""Runs the benchmarks several times over, in random order, and prints a Markdown table.

Usage: table.py [--repetitions N] [--min-time SECONDS] [--filter REGEX] [--cpu N] PROGRAM
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

Row = dict[str, Any]

YARDSTICK = "standard_exp"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program", help="bench_chokepoint")
    parser.add_argument("--repetitions", type=int, default=9, help="of every benchmark")
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds of each repetition")
    parser.add_argument("--filter", default=".", help="which benchmarks; a regular expression")
    parser.add_argument("--cpu", type=int, help="the one core to run on")
    return parser.parse_args()


def run_once(program: str, benchmarks: str, repetitions: int, min_time: float) -> Row:
    """What the program reports. The repetitions of all benchmarks are shuffled, so that a slow
    spell of the machine does not fall on one benchmark alone."""
    command = [
        program,
        f"--benchmark_filter={benchmarks}|^{YARDSTICK}$",
        f"--benchmark_repetitions={repetitions}",
        f"--benchmark_min_time={min_time}",
        "--benchmark_enable_random_interleaving=true",
        "--benchmark_format=json",
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"{program} ended with {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def run(options: argparse.Namespace) -> Row:
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    return run_once(options.program, options.filter, options.repetitions, options.min_time)


def repetitions_by_name(result: Row) -> dict[str, list[float]]:
    """Nanoseconds of the single repetitions of each benchmark, in the order of the program."""

    def place(row: Row) -> tuple[int, int]:
        return row["family_index"], row["per_family_instance_index"]

    repetitions: dict[str, list[float]] = {}
    for row in sorted(result["benchmarks"], key=place):
        if row.get("error_occurred"):
            sys.exit(f"{row['name']}: {row['error_message']}")
        if row["run_type"] == "iteration":
            name = row["run_name"].removesuffix("/process_time")
            repetitions.setdefault(name, []).append(row["ns"])
    return repetitions


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def three_digits(value: float) -> str:
    """Three significant digits, thousands apart, e.g. `28,500` or `4.93`."""
    rounded = float(f"{value:.3g}")
    decimals = 0 if rounded >= 100 else 1 if rounded >= 10 else 2
    return f"{rounded:,.{decimals}f}"


def table(result: Row) -> str:
    context = result["context"]
    lines = [
        f"{processor()}, {context['num_cpus']} cores, {context['date'][:10]}",
        "",
        "| benchmark | median ns | least ns | noise | in exp | per second |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    repetitions = repetitions_by_name(result)
    # The least of repetitions that were spread over the run, as of all others: steadier than the
    # counter `in_exp`, whose exponential was timed at the start.
    exp = min(repetitions[YARDSTICK])
    for name, times in repetitions.items():
        least = min(times)
        median = statistics.median(times)
        cells = [
            f"`{name}`",
            three_digits(median),
            three_digits(least),
            f"{100 * (median / least - 1):.0f} %",
            three_digits(least / exp),
            three_digits(1e9 / least),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(run(arguments())))
