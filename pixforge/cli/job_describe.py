"""What a host program's dialog needs to fill its lists. Free of numpy: the dialog waits for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from pixforge import __version__
from pixforge import preset as store
from pixforge.errors import SettingsError
from pixforge.exporters import registry as targets
from pixforge.methods import registry as methods
from pixforge.palettes import registry as palettes
from pixforge.pixel.options import Dither, OutlineMode
from pixforge.preset import DEFAULT_PRESET

VERSION = 1


def describe(folder: Path) -> dict[str, Any]:
    """Return presets, methods, palettes and targets as plain values.

    Args:
        folder: where presets are searched from.

    Returns:
        version, ok, pixforge, exit_code, error as in every report; default_preset; presets [{name, path, origin,
        description, direction, method}] without the shadowed and the broken ones; methods [{name, directions,
        missing}]; palettes [{name, colors}]; targets; outlines; dithers.
    """
    return {
        "version": VERSION,
        "ok": True,
        "pixforge": __version__,
        "exit_code": 0,
        "error": None,
        "default_preset": DEFAULT_PRESET,
        "presets": _presets(folder),
        "methods": [_method(name) for name in methods.names()],
        "palettes": [{"name": name, "colors": len(palettes.builtin(name).colors)} for name in palettes.builtin_names()],
        "targets": list(targets.names()),
        "outlines": list(get_args(OutlineMode)),
        "dithers": list(get_args(Dither)),
    }


def _presets(folder: Path) -> list[dict[str, Any]]:
    found = []
    for each in store.search(folder):
        if each.shadowed:
            continue
        try:
            preset = store.load(each.path)
        except SettingsError:
            continue  # `pixforge presets check` says what is wrong with it; a dialog offers what works
        found.append({
            "name": each.name,
            "path": str(each.path),
            "origin": each.origin,
            "description": preset.description,
            "direction": preset.direction,
            "method": preset.method.name,
        })  # fmt: skip
    return found


def _method(name: str) -> dict[str, Any]:
    module = methods.load(name)
    return {"name": name, "directions": list(module.DIRECTIONS), "missing": list(methods.missing(module))}
