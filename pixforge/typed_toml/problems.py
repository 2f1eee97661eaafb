"""What is wrong with a table, and what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pixforge.errors import SettingsError


@dataclass(frozen=True)
class Problem:
    """One mistake in a table.

    Attributes:
        table: dotted name of the table, "" for the top of the file.
        key: the key concerned.
        expected: what would be right.
        found: what is there, as it would be written in TOML; "" when nothing is.
        hint: a suggestion, or "".
    """

    table: str
    key: str
    expected: str
    found: str = ""
    hint: str = ""

    @property
    def name(self) -> str:
        """Dotted name of the key, as the option --set takes it."""
        return f"{self.table}.{self.key}" if self.table else self.key

    def __str__(self) -> str:
        where = f"[{self.table}] {self.key}" if self.table else self.key
        found = f", found {self.found}" if self.found else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}: expected {self.expected}{found}{hint}"


class InvalidSettingsError(SettingsError):
    """One or more mistakes in a settings file, all of them in `problems`."""

    def __init__(self, problems: Iterable[Problem], path: Path | None = None, remedy: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [str(problem) for problem in self.problems]
        cause = lines[0] if count == 1 else f"{count} mistakes\n  " + "\n  ".join(lines)
        super().__init__(cause, remedy or ("correct this key" if count == 1 else "correct these keys"), path)

    def __reduce__(self) -> tuple[type[InvalidSettingsError], tuple[tuple[Problem, ...], Path | None, str]]:
        return type(self), (self.problems, self.path, self.remedy)


def unknown_hint(word: str, known: Iterable[str]) -> str:
    """Return 'did you mean "x"?' for the closest of the known words, or the list of them when none is close."""
    names = [str(name) for name in known]
    match = closest(word, names)
    if match:
        return f'did you mean "{match}"?'
    return "known here: " + ", ".join(names) if names else "nothing can be set here"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, ignoring case, or None when none is close."""
    import difflib

    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None
