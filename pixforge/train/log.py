"""Losses and scores as CSV: one line an event, cut back to the resumed step so that no line stands there twice."""

from __future__ import annotations

import csv
from pathlib import Path


class Log:
    """A CSV file whose columns grow with what is logged.

    Args:
        path: the file.
        resumed: the step from which the run goes on; later lines are dropped.
    """

    def __init__(self, path: Path, resumed: int) -> None:
        self._path = path
        self._names: list[str] = ["step"]
        rows: list[dict[str, str]] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as lines:
                reader = csv.DictReader(lines)
                self._names = list(reader.fieldnames or ["step"])
                rows = [row for row in reader if row["step"] and int(row["step"]) <= resumed]
        self._rows: list[dict[str, str]] = rows
        self._rewrite()

    def add(self, step: int, values: dict[str, float]) -> None:
        """Append a line."""
        row = {"step": str(step)} | {name: f"{value:.6g}" for name, value in values.items()}
        self._rows.append(row)
        new = [name for name in row if name not in self._names]
        if new:
            self._names += new
            self._rewrite()
            return
        with self._path.open("a", encoding="utf-8", newline="") as lines:
            csv.DictWriter(lines, self._names, restval="").writerow(row)

    def _rewrite(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, self._names, restval="")
            writer.writeheader()
            writer.writerows(self._rows)
