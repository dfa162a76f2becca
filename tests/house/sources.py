"""What the house tests share: the rooms, the source files, and code without comments and strings."""

import re
from pathlib import Path
from typing import Iterator, NamedTuple

SOURCE_FOLDERS = ("include", "src", "tests", "bench")


class Fault(NamedTuple):
    """A place that breaks a rule, and why the rule is there."""

    path: str
    line: int
    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what} ({self.reason})"


def rooms_in_walking_order(root: Path) -> list[str]:
    """The rooms as declared in CMakeLists.txt, first to last."""
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    rooms = re.findall(r"^chokepoint_room\((\w+)", text, re.MULTILINE)
    if len(rooms) < 2:
        raise SystemExit(f"{root}/CMakeLists.txt declares no rooms")
    return rooms


def source_files(root: Path) -> list[Path]:
    """All C++ files, relative to the root."""
    files = [
        path.relative_to(root)
        for folder in SOURCE_FOLDERS
        for path in (root / folder).rglob("*")
        if path.suffix in (".hpp", ".cpp")
    ]
    if not files:
        raise SystemExit(f"{root} holds no C++ files")
    return sorted(files)


def room_of(path: Path) -> str | None:
    """The room that a source file or test belongs to; None for src/main.cpp and bench/."""
    parts = path.parts
    if parts[:2] == ("include", "chokepoint") and len(parts) > 3:
        return parts[2]
    if parts[0] in ("src", "tests") and len(parts) > 2:
        return parts[1]
    return None


_COMMENT_OR_STRING = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)"
      | "(?:\\.|[^"\\\n])*"
      | '(?:\\.|[^'\\\n])+'(?![0-9a-zA-Z_])
    """,
    re.VERBOSE | re.DOTALL,
)
_DIGIT_SEPARATOR = re.compile(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])")


def code_lines(text: str) -> Iterator[tuple[int, str]]:
    """Line numbers and lines, with comments and the contents of strings blanked out."""
    blanked = _COMMENT_OR_STRING.sub(
        lambda match: "\n" * match.group().count("\n") or " ",
        _DIGIT_SEPARATOR.sub("", text),
    )
    return enumerate(blanked.split("\n"), start=1)


_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(text: str) -> Iterator[tuple[int, str]]:
    """Line numbers and targets of the include lines."""
    for number, line in enumerate(text.split("\n"), start=1):
        match = _INCLUDE.match(line)
        if match:
            yield number, match.group(2)


def report(rule: str, faults: list[Fault], looked_at: int) -> int:
    """Prints the faults and gives the exit code of the test."""
    for fault in faults:
        print(fault)
    print(f"{rule}: {looked_at} files, {len(faults)} faults")
    return 1 if faults else 0
