"""Tables of plain values into frozen dataclasses, or every mistake at once with a suggestion.

A field's type is its rule: int, float, bool, str, Literal, tuple, Optional, a nested dataclass, and
Annotated[..., Range(low, high)] for bounds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """Inclusive bounds of a number, for use inside Annotated."""

    low: float
    high: float
