#!/usr/bin/env python3
"""The library neither prints nor exits, and all randomness comes from the keyed streams.

Usage: forbidden_calls.py ROOT
"""

import fnmatch
import re
import sys
from pathlib import Path
from typing import NamedTuple

from sources import Fault, code_lines, report, source_files


class Rule(NamedTuple):
    pattern: re.Pattern[str]
    allowed_in: list[str]
    reason: str


TOUCHES_STREAMS = ["include/chokepoint/app/*", "src/app/*", "src/main.cpp", "tests/*", "bench/*"]

RULES = [
    Rule(
        re.compile(r"\bstd::(cout|cerr|clog|wcout|wcerr)\b"),
        TOUCHES_STREAMS,
        "the library neither prints nor exits; only app touches streams",
    ),
    Rule(
        re.compile(r"(?<![\w.>])(?:std::|fmt::|::)?(v?f?printf|f?puts|putchar|print|println)\s*\("),
        TOUCHES_STREAMS,
        "the library neither prints nor exits; only app touches streams",
    ),
    Rule(
        re.compile(r"(?<![\w.>])(?:std::|::)?(exit|_exit|_Exit|quick_exit|abort|terminate)\s*\("),
        TOUCHES_STREAMS,
        "the library neither prints nor exits; throw instead",
    ),
    Rule(
        re.compile(r"\brandom_device\b|(?<![\w.>])(?:std::|::)?(s?rand|s?random|[dlm]rand48)\s*\("),
        [],
        "entropy and hidden state cannot be replayed; use make_stream",
    ),
    Rule(
        re.compile(r"\bstd::(mt19937(_64)?|default_random_engine|minstd_rand0?|\w+_distribution)\b"),
        ["tests/*", "bench/*"],
        "engines are keyed streams, and std:: distributions differ between libraries",
    ),
    Rule(
        re.compile(r"\bfriend\b|\bextern\s+(?!\")|\bthread_local\b"),
        ["tests/*", "bench/*", "src/app/*"],
        "no back doors and no mutable globals",
    ),
    Rule(
        re.compile(r"^\s*using\s+namespace\b(?!\s+std::(string_view_|chrono_)?literals)"),
        ["tests/*", "bench/*"],
        "names say where they come from",
    ),
]


def check_text(path: Path, text: str) -> list[Fault]:
    rules = [
        rule
        for rule in RULES
        if not any(fnmatch.fnmatch(path.as_posix(), place) for place in rule.allowed_in)
    ]
    faults = []
    for number, line in code_lines(text):
        for rule in rules:
            match = rule.pattern.search(line)
            if match:
                what = match.group().strip().rstrip("( ")
                faults.append(Fault(str(path), number, f"uses {what}", rule.reason))
    if path.suffix == ".hpp" and "#pragma once" not in text:
        faults.append(Fault(str(path), 1, "lacks #pragma once", "a header may be met twice"))
    return faults


def check(root: Path) -> list[Fault]:
    faults = []
    for path in source_files(root):
        faults += check_text(path, (root / path).read_text(encoding="utf-8"))
    return faults


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(report("forbidden calls", check(folder), len(source_files(folder))))
