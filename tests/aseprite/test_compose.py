"""What a frame shows: blend modes, opacity, groups, order, links, tiles, palettes."""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixforge.image.aseprite import Cel, Document, Layer, LayerKind, Moment, Tileset, read_frames, render
from pixforge.image.aseprite.blend import blend
from pixforge.image.aseprite.encode import encode
from pixforge.image.aseprite.model import BLEND_MODES

Rgb = tuple[float, float, float]

# The formulas of W3C Compositing and Blending Level 1 (and, for the last three, their plain meaning), on 0 to 1.
SEPARABLE: dict[str, Callable[[float, float], float]] = {
    "normal": lambda _, s: s,
    "multiply": lambda b, s: b * s,
    "screen": lambda b, s: b + s - b * s,
    "overlay": lambda b, s: SEPARABLE["hard_light"](s, b),
    "darken": min,
    "lighten": max,
    "color_dodge": lambda b, s: 0.0 if b == 0 else 1.0 if s == 1 else min(1.0, b / (1 - s)),
    "color_burn": lambda b, s: 1.0 if b == 1 else 0.0 if s == 0 else 1 - min(1.0, (1 - b) / s),
    "hard_light": lambda b, s: 2 * b * s if s <= 0.5 else b + (2 * s - 1) - b * (2 * s - 1),
    "soft_light": lambda b, s: (
        b - (1 - 2 * s) * b * (1 - b)
        if s <= 0.5
        else b + (2 * s - 1) * ((((16 * b - 12) * b + 4) * b if b <= 0.25 else b**0.5) - b)
    ),
    "difference": lambda b, s: abs(b - s),
    "exclusion": lambda b, s: b + s - 2 * b * s,
    "addition": lambda b, s: min(1.0, b + s),
    "subtract": lambda b, s: max(0.0, b - s),
    "divide": lambda b, s: 0.0 if b == 0 else 1.0 if s == 0 else min(1.0, b / s),
}


def _lum(c: Rgb) -> float:
    return 0.3 * c[0] + 0.59 * c[1] + 0.11 * c[2]


def _set_lum(c: Rgb, value: float) -> Rgb:
    moved = [each + value - _lum(c) for each in c]
    light, low, high = _lum((moved[0], moved[1], moved[2])), min(moved), max(moved)
    if low < 0:
        moved = [light + (each - light) * light / (light - low) for each in moved]
    if high > 1:
        moved = [light + (each - light) * (1 - light) / (high - light) for each in moved]
    return moved[0], moved[1], moved[2]


def _set_sat(c: Rgb, value: float) -> Rgb:
    low, high = min(c), max(c)
    if high == low:
        return 0.0, 0.0, 0.0
    r, g, b = ((each - low) * value / (high - low) for each in c)
    return r, g, b


def _sat(c: Rgb) -> float:
    return max(c) - min(c)


WHOLE: dict[str, Callable[[Rgb, Rgb], Rgb]] = {
    "hsl_hue": lambda b, s: _set_lum(_set_sat(s, _sat(b)), _lum(b)),
    "hsl_saturation": lambda b, s: _set_lum(_set_sat(b, _sat(s)), _lum(b)),
    "hsl_color": lambda b, s: _set_lum(s, _lum(b)),
    "hsl_luminosity": lambda b, s: _set_lum(b, _lum(s)),
}

byte = st.integers(0, 255)
color = st.tuples(byte, byte, byte)


def _one(backdrop: tuple[int, ...], source: tuple[int, ...], mode: str, opacity: int = 255) -> tuple[int, ...]:
    made = blend(np.array([[backdrop]], np.uint8), np.array([[source]], np.uint8), mode, opacity)
    return tuple(made[0, 0].tolist())


def test_there_are_nineteen_modes_and_each_is_tested() -> None:
    assert len(BLEND_MODES) == 19
    assert {*SEPARABLE, *WHOLE} == set(BLEND_MODES)


@pytest.mark.parametrize("mode", SEPARABLE)
@given(color, color, st.integers(0, 255), st.integers(0, 255))
def test_a_mode_by_channels_is_that_of_the_standard(
    mode: str, backdrop: tuple[int, ...], source: tuple[int, ...], alpha: int, opacity: int
) -> None:
    found = _one((*backdrop, 255), (*source, alpha), mode, opacity)
    share = alpha * opacity / 255 / 255
    for channel in range(3):
        mixed = SEPARABLE[mode](backdrop[channel] / 255, source[channel] / 255) * 255
        assert found[channel] == pytest.approx(backdrop[channel] + (mixed - backdrop[channel]) * share, abs=2.01)
    assert found[3] == 255


@pytest.mark.parametrize("mode", WHOLE)
@given(color.filter(lambda c: len(set(c)) == 3), color.filter(lambda c: len(set(c)) == 3))
def test_a_mode_of_whole_colours_is_that_of_the_standard(mode: str, backdrop: Rgb, source: Rgb) -> None:
    """For colours of three different channels; Aseprite treats ties in its own way."""
    found = _one((*map(int, backdrop), 255), (*map(int, source), 255), mode)
    b, s = (tuple(value / 255 for value in c) for c in (backdrop, source))
    wanted = WHOLE[mode](b, s)  # type: ignore[arg-type]
    assert found[:3] == pytest.approx([value * 255 for value in wanted], abs=2.01)


def test_saturation_keeps_a_channel_that_ties_for_the_minimum_as_aseprite_does() -> None:
    """Red and green tie below blue: Aseprite's middle channel is then the minimum, and red is not brought to zero."""
    grey = (128, 128, 128, 255)
    assert _one(grey, (10, 10, 200, 255), "hsl_hue")[:3] != _one(grey, (10, 11, 200, 255), "hsl_hue")[:3]
    assert colorsys.rgb_to_hsv(10, 10, 200)[0] == pytest.approx(2 / 3)


@given(st.sampled_from(BLEND_MODES), color, byte, color, byte, byte)
def test_alpha_is_that_of_source_over_backdrop_in_every_mode(
    mode: str, backdrop: tuple[int, ...], under: int, source: tuple[int, ...], over: int, opacity: int
) -> None:
    found = _one((*backdrop, under), (*source, over), mode, opacity)
    share = over * opacity / 255
    assert found[3] == pytest.approx(share + under - share * under / 255, abs=1.01)
    if over == 0:
        assert found == (*backdrop, under)


@given(st.sampled_from(BLEND_MODES), color, byte)
def test_over_nothing_every_mode_is_plain(mode: str, source: tuple[int, ...], alpha: int) -> None:
    if alpha:
        assert _one((0, 0, 0, 0), (*source, alpha), mode) == (*source, alpha)


@pytest.mark.parametrize(
    ("backdrop", "source", "opacity", "wanted"),
    [
        ((0, 0, 0, 255), (255, 255, 255, 255), 128, (128, 128, 128, 255)),
        ((255, 255, 255, 255), (0, 0, 0, 255), 128, (127, 127, 127, 255)),
        ((10, 20, 30, 128), (200, 100, 50, 128), 255, (136, 73, 43, 192)),
        ((200, 100, 50, 128), (10, 20, 30, 128), 255, (74, 47, 37, 192)),
        ((10, 20, 30, 255), (200, 100, 50, 255), 1, (10, 20, 30, 255)),
    ],
)
def test_rounding_is_that_of_integers_toward_zero(
    backdrop: tuple[int, ...], source: tuple[int, ...], opacity: int, wanted: tuple[int, ...]
) -> None:
    assert _one(backdrop, source, "normal", opacity) == wanted


def _dot(value: int) -> np.ndarray:
    return np.array([[[value, 0, 0, 255]]], np.uint8)


def _stack(*layers: Layer, z: tuple[int, ...] = (), **changes: object) -> Document:
    """Layers of one pixel whose red is the layer's number plus 1."""
    images = [index for index, layer in enumerate(layers) if layer.kind is LayerKind.IMAGE]
    offsets = dict(zip(images, z or (0,) * len(images), strict=True))
    cels = tuple(Cel(index, 0, 0, _dot(index + 1), z=offsets[index]) for index in images)
    return replace(Document(1, 1, 32, (Moment(10, cels),), layers), **changes)  # type: ignore[arg-type]


def _red(document: Document) -> int:
    return int(render(document, 0).pixels[0, 0, 0])


GROUP = LayerKind.GROUP


def test_the_last_visible_layer_is_on_top() -> None:
    assert _red(_stack(Layer("a"), Layer("b"))) == 2
    assert _red(_stack(Layer("a"), Layer("b", visible=False))) == 1
    assert _red(_stack(Layer("a"), Layer("b", reference=True))) == 1


def test_what_lies_in_a_hidden_group_is_hidden() -> None:
    assert _red(_stack(Layer("a"), Layer("g", GROUP, visible=False), Layer("b", level=1))) == 1
    nested = (Layer("a"), Layer("g", GROUP, visible=False), Layer("h", GROUP, level=1), Layer("b", level=2))
    assert _red(_stack(*nested)) == 1
    assert _red(_stack(*nested, Layer("c"))) == 5


@pytest.mark.parametrize(
    ("z", "top"), [((0, 0, 0), 3), ((2, 0, 0), 1), ((1, 0, 0), 3), ((0, 1, 0), 2), ((0, 0, -1), 2)]
)
def test_z_order_moves_a_cel_past_its_neighbours(z: tuple[int, ...], top: int) -> None:
    """By the format's rule: by layer + z, then by z."""
    assert _red(_stack(Layer("a"), Layer("b"), Layer("c"), z=z)) == top


def test_groups_have_an_opacity_of_their_own_only_in_new_files() -> None:
    layers = (Layer("a"), Layer("g", GROUP, opacity=0), Layer("b", level=1))
    assert _red(_stack(*layers)) == 3
    assert _red(_stack(*layers, groups_blend=True)) == 1


def test_opacities_of_layer_and_cel_multiply_and_old_files_have_none() -> None:
    layers = (Layer("a", opacity=128),)
    document = _stack(*layers)
    cel = replace(document.frames[0].cels[0], opacity=128)
    half = replace(document, frames=(Moment(10, (cel,)),))
    assert render(half, 0).pixels[0, 0, 3] == 64
    assert render(replace(half, opacity_valid=False), 0).pixels[0, 0, 3] == 128


def test_a_linked_cel_shows_the_pixels_at_the_place_of_its_source() -> None:
    first = Cel(0, 1, 0, _dot(7), opacity=100)
    document = Document(3, 1, 32, (Moment(1, (first,)), Moment(1, (Cel(0, 0, 0, None, link=0),))), (Layer("a"),))
    assert np.array_equal(render(document, 0).pixels, render(document, 1).pixels)


def test_links_in_a_circle_show_nothing() -> None:
    frames = tuple(Moment(1, (Cel(0, 0, 0, None, link=link),)) for link in (1, 0))
    assert not render(Document(1, 1, 32, frames, (Layer("a"),)), 0).pixels.any()


def test_the_transparent_index_is_opaque_in_the_background_only() -> None:
    palette = np.array([[9, 8, 7, 255], [1, 2, 3, 255]], np.uint8)
    moment = Moment(1, (Cel(0, 0, 0, np.array([[[0], [1], [5]]], np.uint8)),), palette)
    document = Document(3, 1, 8, (moment,), (Layer("a"),))
    assert render(document, 0).pixels[0].tolist() == [[0] * 4, [1, 2, 3, 255], [0] * 4]
    ground = replace(document, layers=(Layer("a", background=True),))
    assert render(ground, 0).pixels[0].tolist() == [[9, 8, 7, 255], [1, 2, 3, 255], [0] * 4]


def test_a_palette_holds_from_its_frame_on() -> None:
    cels = (Cel(0, 0, 0, np.array([[[1]]], np.uint8)),)
    palettes = [np.array([[0, 0, 0, 0], [value, 0, 0, 255]], np.uint8) for value in (5, 6)]
    moments = (Moment(1, cels, palettes[0]), Moment(1, cels), Moment(1, cels, palettes[1]), Moment(1, cels))
    document = Document(1, 1, 8, moments, (Layer("a"),))
    assert [int(render(document, n).pixels[0, 0, 0]) for n in range(4)] == [5, 5, 6, 6]


def test_tiles_lie_flipped_as_their_flags_say() -> None:
    tile = np.zeros((2, 2, 4), np.uint8)
    tile[..., 3] = 255
    tile[..., 0] = [[1, 2], [3, 4]]
    tiles = Tileset(0, "t", np.stack([np.zeros_like(tile), tile]), (2, 2))
    flags = np.array([[1, 1 | 0x80000000, 1 | 0x40000000, 1 | 0x20000000, 1 | 0xA0000000, 0, 9]], np.uint32)
    document = Document(
        14, 2, 32, (Moment(1, (Cel(0, 0, 0, flags),)),), (Layer("m", LayerKind.TILEMAP),), tilesets=(tiles,)
    )
    red = render(document, 0).pixels[..., 0]
    wanted = [[[1, 2], [3, 4]], [[2, 1], [4, 3]], [[3, 4], [1, 2]], [[1, 3], [2, 4]], [[3, 1], [4, 2]], [[0, 0]] * 2]
    for number, each in enumerate([*wanted, wanted[-1]]):
        assert red[:, number * 2 : number * 2 + 2].tolist() == each


@given(st.integers(-6, 6), st.integers(-6, 6), arrays(np.uint8, (3, 4, 4)))
def test_a_cel_is_cut_off_at_the_canvas(x: int, y: int, pixels: np.ndarray) -> None:
    pixels[..., 3] = 255
    document = Document(5, 5, 32, (Moment(1, (Cel(0, x, y, pixels),)),), (Layer("a"),))
    wanted = np.zeros((17, 18, 4), np.uint8)
    wanted[y + 6 : y + 9, x + 6 : x + 10] = pixels
    assert np.array_equal(render(document, 0).pixels, wanted[6:11, 6:11])


def test_frames_of_a_file_have_their_times(document: Document) -> None:
    assert [frame.duration for frame in read_frames(encode(document))] == [100, 83, 65535]


def test_an_indexed_sprite_shows_its_opacity_as_the_artist_sees_it() -> None:
    """Aseprite shows it so on its canvas; its export drops opacity and blend modes of indexed sprites."""
    palette = np.array([[0, 0, 0, 0], [200, 0, 0, 255], [0, 0, 0, 255]], np.uint8)
    cels = tuple(Cel(layer, 0, 0, np.array([[[2 - layer]]], np.uint8)) for layer in (0, 1))
    document = Document(1, 1, 8, (Moment(1, cels, palette),), (Layer("a"), Layer("b", opacity=128)))
    assert render(document, 0).pixels[0, 0].tolist() == [100, 0, 0, 255]
