"""Rules that stand inside Annotated beside a field's type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """Inclusive bounds of a number, for use inside Annotated."""

    low: float
    high: float


@dataclass(frozen=True)
class Pattern:
    """The form of a text, for use inside Annotated.

    Attributes:
        regex: a regular expression that the whole text must match.
        meaning: what such a text is, as it reads after "expected".
    """

    regex: str
    meaning: str
