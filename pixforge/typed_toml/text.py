"""TOML text to plain values, and plain values to TOML text."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pixforge.errors import SettingsError


def read_toml(path: Path) -> dict[str, Any]:
    """Return the plain values of a TOML file.

    Raises:
        SettingsError: the file cannot be read, is not UTF-8, or is not TOML; line and column are named.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", "check the name and the permissions", path) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"is not UTF-8 text (byte {error.start})", "save it as UTF-8", path) from error
    try:
        return parse_toml(text)
    except ValueError as error:
        raise SettingsError(f"is not valid TOML: {error}", "correct the line named here", path) from error


def parse_toml(text: str) -> dict[str, Any]:
    """Return the plain values of TOML text.

    Raises:
        ValueError: the text is not TOML (tomllib.TOMLDecodeError).
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(text)


def show(value: object) -> str:
    """Return a plain value as it would be written in TOML, cut to one short line."""
    if isinstance(value, Mapping):
        return "a table"
    text = toml_value(value)
    return text if len(text) <= 80 else f"{text[:30]}...{text[-47:]}"  # the end of a path tells more than its start


def toml_value(value: object) -> str:
    """Return a plain value (bool, number, text, path, list) in TOML notation."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, Path)):
        import json

        return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }"
    return str(value)
