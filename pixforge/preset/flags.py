"""The short names of the most used keys: flags of the commands and keywords of `pixforge.convert`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pixforge.errors import SettingsError
from pixforge.typed_toml import parse_toml, unknown_hint

FLAGS: Final[dict[str, str]] = {
    "method": "method.name",
    "model": "method.model",
    "style": "method.style.style",
    "trace": "method.style.trace",
    "direction": "direction",
    "size": "grid.size",
    "width": "grid.width",
    "height": "grid.height",
    "cell": "grid.cell",
    "colors": "palette.colors",
    "palette": "palette.source",
    "dither": "palette.dither",
    "outline": "outline.mode",
    "preview": "export.preview",
    "target": "export.targets",
}


def overrides_from_flags(flags: Mapping[str, Any]) -> dict[str, Any]:
    """Return flags by their short names as dotted overrides; None and () mean not given.

    A palette or a style that is there below the working folder is made absolute: on a command line a path is relative
    to the working folder, in a preset to the preset.

    Raises:
        SettingsError: a name is no flag.
    """
    overrides: dict[str, Any] = {}
    for name, value in flags.items():
        if name not in FLAGS:
            raise SettingsError(f'there is no option "{name}"', unknown_hint(name, FLAGS))
        if value is None or value == ():
            continue
        if name == "target" and isinstance(value, str):
            value = [value]  # noqa: PLW2901  # one target, as a keyword of Python
        overrides[FLAGS[name]] = list(value) if isinstance(value, tuple) else value
    if FLAGS["style"] in overrides:  # who names a style wants the method that has styles
        overrides.setdefault(FLAGS["method"], "style")
    return _anchored(overrides)


def overrides_from_settings(pairs: tuple[str, ...]) -> dict[str, Any]:
    """Return the arguments of --set, each `table.key=value`, as dotted overrides.

    The value is read as TOML (3, 0.5, true, "text", [1, 2]) and as bare text where that fails: `outline.mode=black`.

    Raises:
        SettingsError: an argument has no name or no equals sign.
    """
    overrides: dict[str, Any] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        name = name.strip()
        if not equals or not all(name.split(".")):
            raise SettingsError(
                f'--set "{pair}" is not table.key=value', 'write for example --set "outline.mode=black"'
            )
        overrides[name] = _value(value.strip())
    return _anchored(overrides)


def _value(text: str) -> Any:  # noqa: ANN401  # a value of TOML
    try:
        table = parse_toml(f"value = {text}")
    except ValueError:
        return text
    return table["value"] if set(table) == {"value"} else text


def _anchored(overrides: dict[str, Any]) -> dict[str, Any]:
    for name, there in (("palette.source", Path.is_file), ("method.style.style", Path.exists)):
        source = overrides.get(name)
        if isinstance(source, (str, Path)) and str(source) and there(Path(source)):
            overrides[name] = str(Path(source).absolute())
    return overrides
