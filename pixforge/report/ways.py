"""The ways in which a picture is shown: the tree's own, and others that are tried for the page alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pixforge import preset as presets
from pixforge.errors import SettingsError
from pixforge.preset import Preset


@dataclass(frozen=True)
class Way:
    """A preset, and what is set besides.

    Attributes:
        text: as the user wrote it; the label on the page.
        name: name or file of the preset.
        set: keys that win over the preset's.
        preset: what that gives.
    """

    text: str
    name: str
    set: Mapping[str, Any]
    preset: Preset = field(compare=False)


def way_of(text: str) -> Way:
    """Read "PRESET", or "PRESET,KEY=VALUE,..." with keys such as palette.colors.

    Raises:
        SettingsError: it is not of that form, or the preset cannot be used so.
    """
    from pixforge.preset.flags import overrides_from_settings

    name, *settings = text.split(",")
    if not name.strip():
        raise SettingsError(f'"{text}" names no preset', "write PRESET or PRESET,KEY=VALUE")
    values = overrides_from_settings(tuple(settings))
    return Way(text, name.strip(), values, presets.load(name.strip(), values))
