"""Presets: one TOML file names everything that a conversion does. Free of numpy and frameworks."""

from pixforge.preset.model import DEFAULT_PRESET, MethodChoice, Preset
from pixforge.preset.read import load, parse
from pixforge.preset.store import Found, find, search

__all__ = ["DEFAULT_PRESET", "Found", "MethodChoice", "Preset", "find", "load", "parse", "search"]
