#!/usr/bin/env python3
"""Compares two builds benchmark by benchmark, running them in turn; prints a Markdown table.

Usage: compare.py [--rounds N] [--min-time SECONDS] [--filter REGEX] [--cpu N] BEFORE AFTER

Each round runs both programs once, the other one first in every second round. The ratio is that of
the leasts, after over before: below 1 is faster. The spread is the middle half of the rounds'
own ratios: if 1 lies in it, the machine cannot tell the two apart. If it does not, look at how far
`standard_exp`, the same code in both, is off 1: on a busy machine less than twice that means nothing.
"""

import argparse
import os
import statistics
import sys

from table import repetitions_by_name, run_once, three_digits


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("before", help="bench_chokepoint of one commit")
    parser.add_argument("after", help="bench_chokepoint of another")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds of each benchmark")
    parser.add_argument("--filter", default=".", help="which benchmarks; a regular expression")
    parser.add_argument("--cpu", type=int, help="the one core to run on")
    return parser.parse_args()


def rounds_of(options: argparse.Namespace) -> dict[str, dict[str, list[float]]]:
    """By program, then benchmark: the nanoseconds of every round."""
    if options.cpu is not None:
        os.sched_setaffinity(0, {options.cpu})
    times: dict[str, dict[str, list[float]]] = {options.before: {}, options.after: {}}
    programs = [options.before, options.after]
    for _ in range(options.rounds):
        for program in programs:
            result = run_once(program, options.filter, 1, options.min_time)
            for name, of_round in repetitions_by_name(result).items():
                times[program].setdefault(name, []).extend(of_round)
        programs.reverse()
    return times


def main() -> None:
    options = arguments()
    if os.path.samefile(options.before, options.after):
        sys.exit("both are the same program")
    times = rounds_of(options)
    before, after = times[options.before], times[options.after]
    print("| benchmark | before ns | after ns | ratio | spread |")
    print("|---|--:|--:|--:|--:|")
    for name in (name for name in before if name in after):
        ratios = [late / early for early, late in zip(before[name], after[name])]
        low, _, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        cells = [f"`{name}`", three_digits(min(before[name])), three_digits(min(after[name])),
                 f"{min(after[name]) / min(before[name]):.3f}", f"{low:.3f} – {high:.3f}"]
        print(f"| {' | '.join(cells)} |")
    for name in sorted(before.keys() ^ after.keys()):
        print(f"\nonly {'before' if name in before else 'after'}: `{name}`", end="")
    print()


if __name__ == "__main__":
    main()
