#!/usr/bin/env python3
"""Every command that the documents print runs, and prints what they say.

Usage: doc_commands.py [--fix] ROOT CHOKEPOINT DOCUMENT...

Of each document, in a scratch folder with `scenarios` and `chokepoint` in reach: `bash` blocks are run,
`python` blocks are saved under the name that the text before them gives ("Save this as `name`"), and
of blocks without a language each line that begins with `$ ` is run, with the lines it goes on in. The
lines below it, of which some may be left out or shortened at the end by `…`, must come in this order in
what it prints; spaces count as one, and the seventh digit of a number does not count. A command of
chokepoint may fail only if its output says so (`error:`).

With --fix the printed lines are replaced by those that differ in numbers alone.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SAVED_AS = re.compile(r"[Ss]ave this as `([\w.]+)`")
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass
class Command:
    text: str
    line: int
    printed: list[tuple[int, str]] = field(default_factory=list)  # (line in the document, text)


def normal(line: str) -> str:
    return " ".join(line.split())


def skeleton(line: str) -> str:
    return NUMBER.sub("#", normal(line))


def is_close(one: str, other: str) -> bool:
    """The same but for the last digits of long numbers."""
    numbers = [[float(n.replace(",", "")) for n in NUMBER.findall(line)] for line in (one, other)]
    return skeleton(one) == skeleton(other) and all(
        abs(a - b) <= 1e-6 * abs(a) for a, b in zip(*numbers, strict=True))


def commands_of(block: str, first_line: int) -> list[Command]:
    commands: list[Command] = []
    goes_on = False
    for offset, line in enumerate(block.splitlines()):
        if line.startswith("$ "):
            commands.append(Command(line[2:], first_line + offset))
            goes_on = line.endswith("\\")
        elif goes_on:
            commands[-1].text += "\n" + line
            goes_on = line.endswith("\\")
        elif commands and line.strip():
            commands[-1].printed.append((first_line + offset, line))
    return commands


class Document:
    def __init__(self, root: Path, name: str, program: str, fix: bool) -> None:
        self.path, self.name, self.fix = root / name, name, fix
        self.lines = self.path.read_text(encoding="utf-8").splitlines()
        self.folder = Path(tempfile.mkdtemp(prefix="documents-"))
        (self.folder / "bin").mkdir()
        os.symlink(Path(program).resolve(), self.folder / "bin/chokepoint")
        shutil.copytree(root / "scenarios", self.folder / "scenarios")
        (self.folder / "build/release").mkdir(parents=True)
        os.symlink(self.folder / "bin", self.folder / "build/release/bin")
        self.faults: list[str] = []

    def run(self, text: str) -> tuple[int, str]:
        environment = dict(os.environ, PATH=f"{self.folder}/bin:/usr/bin:/bin")
        done = subprocess.run(["bash", "-c", text], cwd=self.folder, env=environment, timeout=600,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def fault(self, line: int, text: str) -> None:
        self.faults.append(f"{self.name}:{line}: {text}")

    def check(self, command: Command) -> None:
        code, output = self.run(command.text)
        is_ours = re.match(r"(\S*/)?(chokepoint|quickstart)\b", command.text)
        if is_ours and code != 0 and "error:" not in output:
            self.fault(command.line, f"ends with {code}: {command.text}\n{output[-500:]}")
        actual = output.splitlines()
        at = 0
        for number, line in command.printed:
            wanted = normal(line)
            cut = wanted.endswith("…")

            def fits(found: str) -> bool:
                found = normal(found)
                return found.startswith(wanted[:-1].rstrip()) if cut else (
                    found == wanted or is_close(wanted, found))

            place = next((at + k for k, found in enumerate(actual[at:]) if fits(found)), None)
            if place is not None:
                at = place + 1
                continue
            places = [k for k, found in enumerate(actual) if skeleton(found) == skeleton(line)]
            like = next((k for k in places if k >= at), places[0] if places else None)
            if self.fix and like is not None:
                self.lines[number - 1] = actual[like].rstrip()
                at = max(at, like + 1)
            else:
                self.fault(number, f"is not printed: {wanted}"
                           + (f"\n    but: {normal(actual[like])}" if like is not None else ""))

    def go(self) -> list[str]:
        text = "\n".join(self.lines) + "\n"
        try:
            for block in BLOCK.finditer(text):
                language, body = block.group(1), block.group(2)
                line = text.count("\n", 0, block.start()) + 2
                if language == "bash":
                    code, output = self.run(body)
                    if code != 0:
                        self.fault(line, f"ends with {code}\n{output[-500:]}")
                elif language in ("python", "yaml"):
                    saved = SAVED_AS.findall(text[:block.start()][-300:])
                    if saved:
                        (self.folder / saved[-1]).write_text(body, encoding="utf-8")
                elif not language:
                    for command in commands_of(body, line):
                        self.check(command)
        finally:
            shutil.rmtree(self.folder)
        if self.fix:
            self.path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        return self.faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--fix", action="store_true")
    parser.add_argument("root", type=Path)
    parser.add_argument("program")
    parser.add_argument("documents", nargs="+")
    options = parser.parse_args()
    faults: list[str] = []
    for name in options.documents:
        faults += Document(options.root, name, options.program, options.fix).go()
    print("\n".join(faults) or "ok")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
