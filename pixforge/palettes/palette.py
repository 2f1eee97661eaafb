"""The palette type. Free of numpy, so that presets load fast."""

from __future__ import annotations

from dataclasses import dataclass

Color = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """Colours in a fixed order, and where they come from.

    Attributes:
        name: what people call it; not empty.
        colors: sRGB, 0..255 per channel, at least one; the same colour may occur twice.
        names: one name per colour ("" where a colour has none), or empty if no colour has a name.
        source: who made it or what it was measured from.
        license: on which terms it may be used.
    """

    name: str
    colors: tuple[Color, ...]
    names: tuple[str, ...] = ()
    source: str = ""
    license: str = ""

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("a palette has a name")
        if not self.colors:
            raise ValueError("a palette has at least one colour")
        if any(not all(0 <= channel <= 255 for channel in color) for color in self.colors):
            raise ValueError("the channels of a colour are 0..255")
        if self.names and len(self.names) != len(self.colors):
            raise ValueError(f"{len(self.names)} names for {len(self.colors)} colours")

    @property
    def hex_colors(self) -> tuple[str, ...]:
        """The colours as "#rrggbb"."""
        return tuple("#" + bytes(color).hex() for color in self.colors)


def named(names: list[str]) -> tuple[str, ...]:
    """Return the names of colours as `Palette` wants them: on one line each, and none at all if all are empty."""
    clean = tuple(one_line(name) for name in names)
    return clean if any(clean) else ()


def one_line(text: str) -> str:
    """Return text with every run of white space and control characters made one space, none at the ends."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
