#!/usr/bin/env python3
"""Runs the hindcasts and puts their output into docs/validation.md, between its two markers.

Usage, at the root of the project: python3 docs/refresh_hindcasts.py
"""

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent / "validation.md"
COMMAND = ["build/release/bin/chokepoint", "hindcast", "scenarios/hindcasts",
           "--out", "results/hindcasts", "--force"]
BEGIN, END = "<!-- hindcasts: begin -->\n", "<!-- hindcasts: end -->"


def with_output(page: str, output: str) -> str:
    """The page with the command and its output in a block of code between the markers."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise SystemExit(f"{PAGE.name}: needs {BEGIN.strip()} and, after it, {END}, once each")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}```\n$ {' '.join(COMMAND)}\n{output.rstrip()}\n```\n{END}{after}"


def main() -> None:
    run = subprocess.run([*COMMAND, "--quiet"], cwd=PAGE.parent.parent, stdout=subprocess.PIPE,
                         text=True, check=False)
    if run.returncode != 0:
        sys.exit(run.returncode)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_output(page, run.stdout), encoding="utf-8")


if __name__ == "__main__":
    main()
