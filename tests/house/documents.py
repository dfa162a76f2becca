#!/usr/bin/env python3
"""Links in documents lead somewhere, papers cited are listed, and no file names one machine's paths.

Usage: documents.py ROOT
"""

import re
import sys
from pathlib import Path

from sources import Fault, report

TEXT_SUFFIXES = {
    ".md", ".hpp", ".cpp", ".in", ".py", ".cmake", ".txt", ".json", ".yaml", ".yml", ".csv", ".sh", ""
}
NOT_OURS = {"build", "results", ".git", "__pycache__"}
REFERENCES = Path("docs/references.md")

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
CODE_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
CITATION = re.compile(r"\[([a-z]+(?:19|20)\d\d[a-z]?)\]")
LISTED_PAPER = re.compile(r"^\s*[-*]\s+\*\*([a-z]+\d{4}[a-z]?)\*\*", re.MULTILINE)
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:work|farm|root|home)/[A-Za-z]")


def text_files(root: Path) -> list[Path]:
    """Files of the project that people read, relative to the root."""
    return sorted(
        path.relative_to(root)
        for path in root.rglob("*")
        if path.suffix in TEXT_SUFFIXES
        and path.is_file()
        and not NOT_OURS & set(path.relative_to(root).parts)
    )


def blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match.group())


def prose(text: str) -> str:
    """The text with code blanked out, line by line as before."""
    return INLINE_CODE.sub(blank, CODE_FENCE.sub(blank, text))


def anchors(text: str) -> set[str]:
    """What GitHub calls the headings of a document."""
    names = set()
    for heading in HEADING.findall(CODE_FENCE.sub(blank, text)):
        words = re.sub(r"[^\w\- ]", "", heading.lower())
        names.add(words.replace(" ", "-"))
    return names


def line_of(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def link_faults(root: Path, path: Path, text: str) -> list[Fault]:
    faults = []
    for match in LINK.finditer(prose(text)):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        line = line_of(text, match.start())
        file = root / path.parent / target if target else root / path
        if not file.exists():
            faults.append(Fault(str(path), line, f"links to {target}", "no such file"))
        elif anchor and file.suffix == ".md":
            if anchor not in anchors(file.read_text(encoding="utf-8")):
                faults.append(Fault(str(path), line, f"links to #{anchor}", "no such heading"))
    return faults


def citation_faults(path: Path, text: str, papers: set[str]) -> list[Fault]:
    return [
        Fault(str(path), line_of(text, match.start()), f"cites [{match.group(1)}]",
              f"{REFERENCES} does not list it")
        for match in CITATION.finditer(text)
        if match.group(1) not in papers
    ]


def machine_path_faults(path: Path, text: str) -> list[Fault]:
    return [
        Fault(str(path), line_of(text, match.start()), f"names {match.group()}...",
              "a path of one machine means nothing on another")
        for match in MACHINE_PATH.finditer(text)
    ]


def check(root: Path) -> list[Fault]:
    listed = (root / REFERENCES).read_text(encoding="utf-8") if (root / REFERENCES).exists() else ""
    papers = set(LISTED_PAPER.findall(listed))
    faults = []
    for path in text_files(root):
        text = (root / path).read_text(encoding="utf-8", errors="replace")
        faults += machine_path_faults(path, text)
        if path.suffix == ".md":
            faults += link_faults(root, path, text)
        if path.suffix in (".md", ".hpp", ".cpp"):
            faults += citation_faults(path, text, papers)
    return faults


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(report("documents", check(folder), len(text_files(folder))))
