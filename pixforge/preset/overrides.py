"""Options that replace keys of a preset: the dotted names of --set, of the flags and of an asset tree's rules.

Two groups of keys stand for one wish each, and a new wish replaces the whole old one:
- a size (grid.size, grid.width, grid.height, grid.cell): `--cell 8` on a preset that says `height = 64` means 8 alone;
- a palette (palette.source, palette.colors): `--palette db32` on a preset that fits 16 colours means all of DB32,
  unless `--colors` is given too. `--colors` alone keeps the preset's source.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

_SIZE_KEYS: Final = ("size", "width", "height", "cell")


def flatten(overrides: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested tables as dotted keys: {"grid": {"width": 3}} becomes {"grid.width": 3}."""
    flat: dict[str, object] = {}
    for key, value in overrides.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def apply(table: Mapping[str, Any], overrides: Mapping[str, object]) -> dict[str, Any]:
    """Return the table of a preset with overrides (dotted or nested; None removes a key) laid over it."""
    result = copy.deepcopy(dict(table))
    flat = flatten(overrides)
    for section, dropped in _replaced(flat).items():
        if isinstance(result.get(section), dict):
            for key in dropped:
                result[section].pop(key, None)
    for name, value in flat.items():
        *parents, key = name.split(".")
        place = result
        for parent in parents:
            if not isinstance(place.get(parent), dict):
                place[parent] = {}
            place = place[parent]
        if value is None:
            place.pop(key, None)
        else:
            place[key] = value
    return result


def _replaced(flat: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
    dropped: dict[str, tuple[str, ...]] = {}
    if any(f"grid.{key}" in flat for key in _SIZE_KEYS):
        dropped["grid"] = _SIZE_KEYS
    if "palette.source" in flat:
        dropped["palette"] = ("colors",)
    return dropped
