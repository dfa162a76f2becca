#!/usr/bin/env python3
"""Counts the instructions of a fixed job under callgrind: a figure without noise.

Usage: instructions.py [--scenario FILE] [--trials N] [--top N] PROGRAM

PROGRAM is chokepoint. The job is run with N and with 2 N trials on one thread; the difference is N
trials without start, reading and writing. Valgrind knows no AVX-512: on a processor that has it the
program runs other vector code here, twice as many instructions where loops go over lanes. So
compare counts with counts, not with times.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# `12,345 (67.89%)  file:function [object]`
LINE = re.compile(r"^\s*([\d,]+) \(\s*[\d.]+%\)\s+[^:]*:(.+?)(?: \[[^\]]*\])?$")


def counts(program: str, scenario: Path, trials: int) -> tuple[int, dict[str, int]]:
    """All instructions, and those of each function by itself."""
    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "profile"
        job = [program, "run", str(scenario), "--trials", str(trials), "--threads", "1",
               "--out", str(Path(folder) / "results"), "--quiet"]
        measured = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", *job],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        if measured.returncode != 0:
            sys.exit(measured.stderr)
        listed = subprocess.run(
            ["callgrind_annotate", "--threshold=99.9", str(profile)],
            stdout=subprocess.PIPE, text=True, check=True).stdout
    functions: dict[str, int] = {}
    total = 0
    for line in listed.splitlines():
        if line.rstrip().endswith("PROGRAM TOTALS"):
            total = int(line.split()[0].replace(",", ""))
        elif match := LINE.match(line):
            name = match.group(2).replace("chokepoint::", "").replace("(anonymous namespace)::", "")
            name = re.sub(r"\(.*", "", name)
            functions[name] = functions.get(name, 0) + int(match.group(1).replace(",", ""))
    return total, functions


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("program", help="chokepoint")
    parser.add_argument("--scenario", type=Path, default=ROOT / "scenarios/rare_earths.yaml")
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--top", type=int, default=20, help="functions to list")
    options = parser.parse_args()

    once, of_once = counts(options.program, options.scenario, options.trials)
    twice, of_twice = counts(options.program, options.scenario, 2 * options.trials)
    job = twice - once
    print(f"{options.scenario.stem}: {job / options.trials:,.0f} instructions a trial "
          f"({once:,} for {options.trials} trials with start, reading and writing)\n")
    print("| function, by itself | instructions a trial | share |")
    print("|---|--:|--:|")
    own = {name: count - of_once.get(name, 0) for name, count in of_twice.items()}
    for name in sorted(own, key=own.__getitem__, reverse=True)[:options.top]:
        share = own[name] / job
        print(f"| `{name}` | {own[name] / options.trials:,.0f} | {100 * share:.1f} % |")


if __name__ == "__main__":
    main()
