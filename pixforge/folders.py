"""Where a user's own things lie on each system: their presets, their models and styles."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final, Literal

Kind = Literal["config", "data"]

_XDG: Final[dict[Kind, tuple[str, str]]] = {
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
}


def of_user(kind: Kind) -> Path:
    """Return pixforge's folder among the user's settings ("config") or data, whether or not it is there.

    It lies in %APPDATA% on Windows and in ~/Library/Application Support on macOS, of both kinds; elsewhere, by the XDG
    Base Directory Specification, in $XDG_CONFIG_HOME or ~/.config and in $XDG_DATA_HOME or ~/.local/share.
    """
    return _root(kind) / "pixforge"


def _root(kind: Kind) -> Path:
    if sys.platform == "darwin":
        return _home() / "Library" / "Application Support"
    variable, usual = ("APPDATA", "AppData/Roaming") if sys.platform == "win32" else _XDG[kind]
    named = os.environ.get(variable)
    return Path(named) if named else _home() / usual


def _home() -> Path:
    """The user's folder. A container may run under a number that no user has: then a place where nothing can be."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)
