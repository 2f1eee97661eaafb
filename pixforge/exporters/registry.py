"""Which targets there are: the modules of this package that have a TITLE."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from pixforge.errors import OutputError, SettingsError
from pixforge.typed_toml import unknown_hint

if TYPE_CHECKING:  # a dialog that lists the names must not wait for numpy
    from pixforge.exporters.target import Asset, File, TileAsset

_NO_TARGETS: Final = {"options", "target", "registry", "naming", "pages", "tree"}


def names() -> tuple[str, ...]:
    """The names of all targets, sorted; nothing is imported for it."""
    package = importlib.import_module("pixforge.exporters")
    modules = {module.name for module in pkgutil.iter_modules(package.__path__)} - _NO_TARGETS
    return tuple(sorted(name.replace("_", "-") for name in modules))


@cache
def endings(target: str) -> tuple[str, ...]:
    """What the files of a target add to an asset's name, the main one first; `.png` where it does not say.

    Raises:
        SettingsError: an unknown target.
    """
    found: tuple[str, ...] = getattr(_module(target), "ENDINGS", (".png",))
    return found


def by_ending(ending: str) -> str | None:
    """The target whose main file has an ending such as ".gif"; None if there is none or it is no one's own."""
    known = {".ase": "aseprite", ".png": None, ".tscn": "godot", ".json": "aseprite-json"}
    if ending in known:
        return known[ending]
    return next((name for name in names() if endings(name)[0] == ending), None)


def export(asset: Asset, targets: Iterable[str]) -> tuple[File, ...]:
    """The files of a clip for several targets; a file that several of them want is there once.

    Raises:
        SettingsError: an unknown target, or one that cannot hold this asset.
    """
    return _collected([_function(target, "export")(asset) for target in dict.fromkeys(targets)])


def export_tiles(asset: TileAsset, targets: Iterable[str]) -> tuple[File, ...]:
    """The files of a tile set for several targets.

    Raises:
        SettingsError: an unknown target, or one that knows no tile sets.
    """
    return _collected([_function(target, "export_tiles")(asset) for target in dict.fromkeys(targets)])


def _function(target: str, name: str) -> Callable[[Any], tuple[File, ...]]:
    function: Callable[[Any], tuple[File, ...]] | None = getattr(_module(target), name, None)
    if function is None:
        raise SettingsError(f'the target "{target}" does not know this kind of asset', "leave it out")
    return function


def _module(target: str) -> ModuleType:
    if target not in names():
        raise SettingsError(f'there is no target "{target}"', unknown_hint(target, names()))
    return importlib.import_module(f"pixforge.exporters.{target.replace('-', '_')}")


def _collected(results: Iterable[tuple[File, ...]]) -> tuple[File, ...]:
    found: dict[str, File] = {}
    for file in (file for files in results for file in files):
        other = found.setdefault(file.path, file)
        if other.data != file.data:
            raise OutputError("two targets want to write this file differently", "export them one by one", file.path)
    return tuple(found.values())
