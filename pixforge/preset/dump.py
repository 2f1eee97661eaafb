"""A preset as TOML, every key written out: what is in force, and what else could be set."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from pixforge.pixel.options import PaletteOptions
from pixforge.preset.model import SECTIONS, MethodHead, Preset
from pixforge.typed_toml import describe, hints_of, toml_value


def to_toml(preset: Preset) -> str:
    """Return the preset as a file that `load` reads back to the same digest; keys without a value are comments."""
    return "\n".join(_lines(preset)) + "\n"


def to_plain(preset: Preset) -> dict[str, Any]:
    """Return the preset as plain values for JSON; keys without a value are None."""
    sections = {name: dataclasses.asdict(getattr(preset, name)) for name in SECTIONS}
    method = preset.method
    head = {"name": method.name, "model": method.model, "seed": method.seed}
    return {
        "direction": preset.direction,
        "description": preset.description,
        "method": {**head, method.name: dataclasses.asdict(method.options)},
        **sections,
    }


def _lines(preset: Preset) -> Iterator[str]:
    yield f"direction = {toml_value(preset.direction)}"
    yield f"description = {toml_value(preset.description)}"
    method = preset.method
    yield from _table("method", MethodHead(method.name, method.model, method.seed))
    yield from _table(f"method.{method.name}", method.options)
    for name in SECTIONS:
        options = getattr(preset, name)
        yield from _table(name, _anchored(options, preset) if name == "palette" else options)


def _anchored(options: PaletteOptions, preset: Preset) -> PaletteOptions:
    """A palette file by its full path: the text may be saved in another folder."""
    if preset.path is None or preset.colors is None:
        return options
    file = preset.path.parent / options.source
    return dataclasses.replace(options, source=str(file.absolute())) if file.is_file() else options


def _table(name: str, options: Any) -> Iterator[str]:  # noqa: ANN401  # any frozen dataclass of options
    fields = dataclasses.fields(options)
    if not fields:
        return
    hints = hints_of(type(options))
    yield ""
    yield f"[{name}]"
    for field in fields:
        value = getattr(options, field.name)
        if value is None:
            yield f"# {field.name}: {describe(hints[field.name])}"
        else:
            yield f"{field.name} = {toml_value(value)}"
