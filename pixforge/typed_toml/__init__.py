"""Tables of plain values into frozen dataclasses, or every mistake at once with a suggestion.

A field's type is its rule: int, float, bool, str, Path, Literal, tuple, dict[str, ...], Optional and other unions, a
nested dataclass, Annotated[..., Range(low, high)] for bounds and Annotated[str, Pattern(...)] for the form of a text.
"""

from pixforge.typed_toml.marks import Pattern, Range
from pixforge.typed_toml.problems import InvalidSettingsError, Problem, closest, unknown_hint
from pixforge.typed_toml.read import describe, hints_of, read, read_table
from pixforge.typed_toml.text import parse_toml, read_toml, show, toml_value

__all__ = [
    "InvalidSettingsError",
    "Pattern",
    "Problem",
    "Range",
    "closest",
    "describe",
    "hints_of",
    "parse_toml",
    "read",
    "read_table",
    "read_toml",
    "show",
    "toml_value",
    "unknown_hint",
]
