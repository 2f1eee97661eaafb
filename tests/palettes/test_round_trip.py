"""Written and read again, a palette is the same in every format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.errors import PaletteFileError
from pixforge.palettes import registry
from pixforge.palettes.palette import Palette, one_line

CHANNEL = st.integers(0, 255)
COLORS = st.lists(st.tuples(CHANNEL, CHANNEL, CHANNEL), min_size=1, max_size=256).map(tuple)
WORDS = st.text(max_size=12).map(lambda text: one_line(text.encode("utf-8", "ignore").decode()))
NAMED = frozenset({"gimp", "adobe_aco", "adobe_ase"})
TITLED = frozenset({"gimp", "adobe_ase"})


@st.composite
def palettes(draw: st.DrawFn) -> Palette:
    colors = draw(COLORS)
    names = tuple(draw(WORDS).replace("Untitled", "") for _ in colors[:20])
    names += ("",) * (len(colors) - len(names))
    return Palette(draw(WORDS) or "palette", colors, names if any(names) else ())


@pytest.mark.parametrize("kind", registry.format_names())
@settings(max_examples=40, deadline=None)
@given(palette=palettes())
def test_round_trip(kind: str, palette: Palette) -> None:
    """Colours always, in their order and with their doubles; names where the format has them."""
    module = registry.format_module(kind)
    data = module.write(palette)
    assert module.sniff(data)
    again = module.read(data, palette.name)
    wanted = palette if kind in NAMED else replace(palette, names=())
    assert again == wanted
    assert registry.parse(data, Path("file")).colors == palette.colors
    assert module.read(data, "other").name == (palette.name if kind in TITLED else "other")


@pytest.mark.parametrize("kind", registry.format_names())
@pytest.mark.parametrize("count", [1, 2, 3, 5, 16, 17, 255, 256])
def test_any_number_of_colours(kind: str, count: int) -> None:
    """Also where tables are filled up to a power of two, and with black at the end, which is no filling there."""
    colors = (*((index, 255 - index, 7) for index in range(count - 1)), (0, 0, 0))
    module = registry.format_module(kind)
    assert module.read(module.write(Palette("x", colors)), "x").colors == colors


@pytest.mark.parametrize("kind", registry.format_names())
def test_more_than_a_byte_of_colours(kind: str) -> None:
    """Formats of at most 256 colours refuse, the others keep all (a picture is then no list of 256 either)."""
    colors = tuple((index >> 8, index & 255, 0) for index in range(300))
    module = registry.format_module(kind)
    if kind in {"adobe_act", "gif"}:
        with pytest.raises(PaletteFileError, match="256 colours, not 300"):
            module.write(Palette("x", colors))
    elif kind == "png":
        with pytest.raises(PaletteFileError, match="more than 256 colours"):
            module.read(module.write(Palette("x", colors)), "x")
    else:
        assert module.read(module.write(Palette("x", colors)), "x").colors == colors
