"""The error tree: every failure a user can meet has an exit code, a cause and a remedy.

Only the command line prints these; the core raises them. Exit codes are part of the public interface.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import ClassVar


class PixforgeError(Exception):
    """A failure that the user can understand and mend.

    Args:
        cause: what is wrong, one sentence, naming the thing.
        remedy: what to do about it, one sentence.
        path: the file concerned, if there is one.
    """

    exit_code: ClassVar[int] = 1
    kind: ClassVar[str] = "error"

    def __init__(self, cause: str, remedy: str, path: Path | str | None = None) -> None:
        super().__init__(cause, remedy, path)
        self.cause = cause
        self.remedy = remedy
        self.path = None if path is None else Path(path)

    def __str__(self) -> str:
        where = "" if self.path is None else f"{self.path}: "
        return f"{where}{self.cause} ({self.remedy})"

    def as_dict(self) -> dict[str, str | int | None]:
        """Return the error as plain values for JSON reports."""
        return {
            "kind": self.kind,
            "exit_code": self.exit_code,
            "path": None if self.path is None else str(self.path),
            "cause": self.cause,
            "remedy": self.remedy,
        }


class PartialFailure(PixforgeError):
    """Some jobs of a batch failed; the others are done."""

    exit_code = 3
    kind = "partial-failure"


class PictureError(PixforgeError):
    """A source picture cannot be read or is not what the command needs."""

    exit_code = 4
    kind = "picture"


class LimitError(PictureError):
    """A source picture is larger than the limits allow (a decompression bomb, or a very large picture)."""

    kind = "limit"


class SettingsError(PixforgeError):
    """A preset, palette file, project file or option is wrong."""

    exit_code = 5
    kind = "settings"


class PaletteFileError(SettingsError):
    """A palette file cannot be read or written."""

    kind = "palette"


class MissingDependencyError(PixforgeError):
    """An optional package or a model is not installed; the remedy names the extra."""

    exit_code = 6
    kind = "missing"


class ContractError(PixforgeError):
    """An output does not satisfy the contract (size, palette, alpha, grid); nothing was kept."""

    exit_code = 7
    kind = "contract"


class OutputError(PixforgeError):
    """An output cannot be written (read-only folder, full disk, a name that is taken)."""

    exit_code = 8
    kind = "output"


class NotPixelArtError(PictureError):
    """Grid recovery found no grid: the picture is not pixel art."""

    exit_code = 9
    kind = "not-pixel-art"


def install_extra(extra: str) -> str:
    """Return the command that installs an extra, to be used as a remedy; the executable cannot take one in."""
    command = f'pip install "pixforge[{extra}]"'
    return f"use pixforge for Python instead of the executable: {command}" if getattr(sys, "frozen", False) else command
