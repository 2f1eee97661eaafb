"""The fenced blocks of a Markdown file, and the marks that tell a test what to do with them.

A mark is an HTML comment above its block, on lines of their own, where no reader sees it:

    <!-- file: presets/forest.toml -->   the block is that file (TOML may say so itself: "# pixforge.toml ...")
    <!-- makes: out/hero.png -->         afterwards these files are there (patterns, with commas between)
    <!-- exit: 11 -->                    the exit code of the last command; without it every one is 0
    <!-- until: gone through -->         the last command runs on: wait until it says so; ended after the last block
    <!-- not run: gpu -->                one of NOT_RUN says why; its commands are counted and their flags checked
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
NOT_RUN: Final = {
    "install": "installs software",
    "suite": "the work of a job of its own in continuous integration",
    "gpu": "takes hours, or a graphics card",
    "model": "needs a model that is trained elsewhere",
    "machines": "needs several machines, or the system's service manager",
    "program": "needs Aseprite, Godot or a commit server",
}
MARKS: Final = ("file", "makes", "exit", "until", "not run")
_MARK: Final = re.compile(r"<!-- ([a-z ]+): (.+) -->")
_NAMED: Final = re.compile(r"# ([\w./-]+\.toml)\b")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: the document, relative to the project.
        line: of its fence, from 1.
        language: the word behind the fence, or empty.
        text: what stands in it.
        marks: see above.
    """

    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> str | None:
        """The file that the block is, if it is one."""
        named = _NAMED.match(self.text) if self.language == "toml" else None
        return self.marks.get("file") or (named[1] if named else None)

    @property
    def commands(self) -> list[str]:
        """The command lines, continued lines joined, without lines that are a comment alone."""
        lines = re.sub(r"\\\n\s*", "", self.text).splitlines()
        return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def blocks(path: Path) -> list[Block]:
    """Return the blocks of a document in their order.

    Raises:
        ValueError: a mark is unknown, belongs to no block, or a fence is left open.
    """
    page = path.relative_to(ROOT).as_posix()
    found: list[Block] = []
    marks: dict[str, str] = {}
    lines = iter(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    for number, line in lines:
        mark = _MARK.fullmatch(line.strip())
        if mark and mark[1] not in MARKS:
            raise ValueError(f"{page}:{number}: no such mark: {mark[1]}")
        if mark:
            marks[mark[1]] = mark[2]
        elif line.lstrip().startswith("```"):
            found.append(Block(page, number, line.strip().removeprefix("```"), _inside(lines, page, number), marks))
            marks = {}
        elif line.strip() and marks:
            raise ValueError(f"{page}:{number}: the marks {marks} stand above no block")
    return found


def _inside(lines: Iterator[tuple[int, str]], page: str, start: int) -> str:
    text: list[str] = []
    for _, line in lines:
        if line.strip() == "```":
            return "\n".join(text) + "\n"
        text.append(line)
    raise ValueError(f"{page}:{start}: the block has no end")


def documents() -> list[Path]:
    """Return every document of the project that is written for its users."""
    return [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "integrations").glob("*/README.md")),
    ]
