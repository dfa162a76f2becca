#!/usr/bin/env python3
"""What threads bring and what trials take of memory, in whole runs as a user starts them.

Usage: whole_runs.py [--repetitions N] PROGRAM

PROGRAM is chokepoint. Times are on the wall and include reading the scenario and writing the
results; one and two threads take turns, and the least of each counts. Memory is the largest
resident set.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(program: str, scenario: str, trials: int, threads: int) -> tuple[float, float]:
    """Seconds, and megabytes at the peak."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        child = subprocess.Popen(
            [program, "run", str(ROOT / f"scenarios/{scenario}.yaml"), "--trials", str(trials),
             "--threads", str(threads), "--out", str(Path(folder) / "results"), "--quiet"],
            stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.monotonic() - began
    if status != 0:
        sys.exit(f"{program} failed on {scenario}")
    return seconds, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="chokepoint")
    parser.add_argument("--repetitions", type=int, default=5)
    options = parser.parse_args()

    print("| scenario | trials | 1 thread s | 2 threads s | times as fast |")
    print("|---|--:|--:|--:|--:|")
    for scenario, trials in [("first_steps", 100_000), ("rare_earths", 2_000)]:
        least = {1: math.inf, 2: math.inf}
        for _ in range(options.repetitions):
            for threads in least:
                seconds, _ = run(options.program, scenario, trials, threads)
                least[threads] = min(least[threads], seconds)
        print(f"| {scenario} | {trials:,} | {least[1]:.2f} | {least[2]:.2f} | "
              f"{least[1] / least[2]:.2f} |")

    print("\n| scenario | trials | peak MB, 1 thread |")
    print("|---|--:|--:|")
    for scenario, trials in [("first_steps", 10_000), ("first_steps", 100_000),
                             ("rare_earths", 1_000), ("rare_earths", 4_000)]:
        _, megabytes = run(options.program, scenario, trials, 1)
        print(f"| {scenario} | {trials:,} | {megabytes:.0f} |")


if __name__ == "__main__":
    main()
