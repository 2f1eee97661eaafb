"""Where a user's own things lie on each system: their presets, their models and styles, and what is kept for speed."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final, Literal

Kind = Literal["config", "data", "cache"]

_XDG: Final[dict[Kind, tuple[str, str]]] = {
    "config": ("XDG_CONFIG_HOME", ".config"),
    "data": ("XDG_DATA_HOME", ".local/share"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
}


def of_user(kind: Kind) -> Path:
    """Return pixforge's folder among the user's settings ("config"), data or caches, whether or not it is there.

    Settings and data lie in %APPDATA% on Windows and in ~/Library/Application Support on macOS, caches in
    %LOCALAPPDATA% and in ~/Library/Caches; elsewhere, by the XDG Base Directory Specification, they lie in
    $XDG_CONFIG_HOME or ~/.config, $XDG_DATA_HOME or ~/.local/share, and $XDG_CACHE_HOME or ~/.cache.
    """
    return _root(kind) / "pixforge"


def _root(kind: Kind) -> Path:
    cached = kind == "cache"
    if sys.platform == "darwin":
        return _home() / "Library" / ("Caches" if cached else "Application Support")
    windows = ("LOCALAPPDATA", "AppData/Local") if cached else ("APPDATA", "AppData/Roaming")
    variable, usual = windows if sys.platform == "win32" else _XDG[kind]
    named = os.environ.get(variable)
    return Path(named) if named else _home() / usual


def _home() -> Path:
    """The user's folder. A container may run under a number that no user has: then a place where nothing can be."""
    try:
        return Path.home()
    except RuntimeError:
        return Path(os.devnull)
