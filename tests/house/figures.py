#!/usr/bin/env python3
"""Every figure of a shipped scenario has a source or is marked as judgement; hindcasts and markets
share how users behave.

Usage: figures.py ROOT

A number must stand in a map that says `source:` or `assumption: true` itself, or lies in one that
does. At the top of a file `assumption: true` marks all of it (a scenario of illustrations).
Exempt is what is no figure: the horizon, how it is run, thresholds, limits, dates.
"""

import re
import sys
from pathlib import Path
from typing import Iterator

import yaml

from sources import Fault, report

EXEMPT = {
    "schema", "start", "months", "run", "thresholds", "from", "until", "announced", "opens",
    "ramp_from", "ramp_until", "compare_from", "period_months", "name", "description", "source",
    "note", "assumption", "extends", "max_loss", "max_drawdown", "discount_per_year",
    # of experiments: how much is run, not what is known
    "trials", "points", "trajectories", "replicates", "levels", "steps",
}
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

# What was chosen on two episodes for all files (docs/decisions, hindcasts): the last key of
# the path, or the last two, and every way in which a file may write it. Lithium, cobalt and nickel have elasticities
# of their own; `choke` and the like stay free.
ILLUSTRATIONS = {"scenarios/first_steps.yaml"}
SHARED = {
    "demand_elasticity.short_run": {"[0.02, 0.05, 0.15]", "[0.1, 0.2, 0.4]"},
    "demand_elasticity.long_run": {"[0.3, 0.5, 0.9]", "[0.4, 0.6, 1.0]"},
    "memory.up_per_month": {"[0.015, 0.036]"},
    "memory.down_per_month": {"[0.002, 0.015]"},
    "panic.max_extra_share": {"[0.5, 2.3, 4.5]"},
    "panic.half_life_months": {"[6, 12]"},
    "quoted_adjustment_per_month": {"[0.1, 0.3]", "1"},
    "price_sensitivity": {"[0.05, 0.4]"},
}


def entries(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return [(key.value, value) for key, value in pairs]


def is_covered(node: yaml.Node) -> bool:
    return any(
        key == "source" or (key == "assumption" and value.value == "true")
        for key, value in entries(node)
    )


def unmarked(node: yaml.Node, path: str) -> Iterator[tuple[int, str]]:
    """Line and key path of each number that nothing vouches for."""
    if isinstance(node, yaml.MappingNode):
        for key, value in entries(node):
            if key not in EXEMPT and not is_covered(node):
                yield from unmarked(value, f"{path}.{key}" if path else key)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from unmarked(item, path)
    elif node.style is None and NUMBER.fullmatch(node.value):
        yield node.start_mark.line + 1, path


def law_text(node: yaml.Node) -> str:
    """The numbers of a law as written, `[0.02, 0.05, 0.15]`."""
    for key, value in entries(node):
        if key == "fixed":
            return value.value
        if isinstance(value, yaml.SequenceNode):
            return "[" + ", ".join(item.value for item in value.value) + "]"
    return node.value if isinstance(node, yaml.ScalarNode) else "something else"


def unshared(node: yaml.Node, parent: str = "") -> Iterator[tuple[int, str]]:
    for key, value in entries(node):
        path = f"{parent}.{key}"
        allowed = SHARED.get(path) or SHARED.get(key)
        if allowed and law_text(value) not in allowed:
            yield value.start_mark.line + 1, f"{path} is {law_text(value)}"
        yield from unshared(value, key)
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from unshared(item, parent)


def check(root: Path) -> list[Fault]:
    faults = []
    for file in sorted((root / "scenarios").rglob("*.yaml")):
        name = file.relative_to(root).as_posix()
        document = yaml.compose(file.read_text(encoding="utf-8"))
        top = dict(entries(document))
        marked = "assumption" in top and top["assumption"].value == "true"
        for key, value in [] if marked else top.items():
            if key not in EXEMPT:
                faults += [
                    Fault(name, line, path, "needs a source or assumption: true")
                    for line, path in unmarked(value, key)
                ]
        if name not in ILLUSTRATIONS:
            faults += [
                Fault(name, line, what, "all scenarios share it, see docs/decisions")
                for line, what in unshared(document)
            ]
    return faults


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(report("figures", check(folder), len(list((folder / "scenarios").rglob("*.yaml")))))
