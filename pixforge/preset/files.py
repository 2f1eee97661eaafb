"""Which files steer a preset: host programs that keep what was converted watch them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pixforge.errors import SettingsError
from pixforge.palettes import registry as palettes
from pixforge.preset import overrides as over
from pixforge.typed_toml import read_toml


def files_of(path: Path, overrides: Mapping[str, object] | None = None) -> tuple[Path, ...]:
    """Return the preset's own file and its palette file, as far as they can be known.

    A palette file that is missing is among them, and so is that of a preset with other mistakes: with either of them
    mended, the preset may work.

    Args:
        path: the preset's file.
        overrides: as for `pixforge.preset.load`.
    """
    try:
        section = over.apply(read_toml(path), overrides or {}).get("palette")
    except SettingsError:
        return (path,)
    source = section.get("source", "fit") if isinstance(section, Mapping) else "fit"
    if not isinstance(source, str) or source == "fit" or source.casefold() in palettes.builtin_names():
        return (path,)
    return path, path.parent / Path(source).expanduser()
