"""Palettes fitted to what the network makes of drawings: of one, of all that share a palette, of a clip, of a tile.

The networks are the bundled ones. Where a test needs to see whose colours came out, the model carries those of a style
that no drawing here has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pixforge import preset
from pixforge.engine import palette
from pixforge.engine.clip import convert_clip
from pixforge.engine.clip_set import convert_set
from pixforge.engine.pipeline import convert_picture
from pixforge.image.picture import Frame, Picture
from pixforge.nn import store
from pixforge.nn.card import Direction
from pixforge.pixel.draft import Draft
from pixforge.pixel.fit import fit_palette
from pixforge.preset import Preset
from pixforge.sheet.clip import Clip

Pixels = NDArray[np.uint8]
HOUSE = ("#101030", "#503080", "#8050c0", "#c0a0f0", "#f0f0ff", "#305060", "#208080", "#40c0a0")


def made(method: str = "cyclegan", model: str = "bundled", **overrides: object) -> Preset:
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    own: dict[str, object] = {"method.name": method, "method.model": model, f"method.{method}.colors": "network"}
    return preset.parse({"direction": "to-pixel"}, "test", overrides=own | {"palette.colors": 6} | changed)


def disc(colour: Sequence[int], left: int = 8, ground: Sequence[int] | None = None) -> Picture:
    """A shaded ball with a dark outline on nothing, or on a ground."""
    y, x = np.mgrid[:64, :96].astype(np.float32)
    away = np.hypot(x - left - 22, y - 32)
    out = np.zeros((64, 96, 4), np.uint8)
    if ground is not None:
        out[...] = (*ground, 255)
    shade = np.clip(1.2 - (x - left) / 90 - y / 160, 0, 1)[..., None]
    out[away < 24] = (30, 22, 18, 255)
    inner = away < 21
    out[inner, :3] = (np.array(colour, np.float32) * shade)[inner]
    return Picture(out)


def tile(turn: int = 0) -> Picture:
    """A disc on a ground, rolled by whole cells of 8 pixels."""
    return Picture(np.roll(disc((230, 90, 40), ground=(120, 60, 30)).pixels, (8 * turn, 16 * turn), (0, 1)))


CAST = [disc((240, 80, 40)), disc((60, 160, 60), 20), disc((220, 200, 60), 30)]


def walk(pictures: Sequence[Picture]) -> Clip:
    return Clip(tuple(Frame(picture, 100) for picture in pictures))


def colours_of(pictures: Sequence[Picture]) -> set[str]:
    visible = np.concatenate([each.pixels[each.pixels[..., 3] > 0][:, :3] for each in pictures])
    return {"#" + bytes(colour).hex() for colour in np.unique(visible, axis=0)}


@pytest.fixture(scope="module")
def styled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The bundled model with the colours of a style in its card."""
    bundled = store.open_model(store.find("bundled", "cyclegan"))
    ways: tuple[Direction, ...] = ("to-pixel", "to-drawing")
    folder = tmp_path_factory.mktemp("models") / "styled"
    networks = {str(way): bundled.network(way) for way in ways}
    bare = {way: replace(bundled.card.networks[way], weights="", weights_sha256="") for way in ways}
    card = replace(bundled.card, name="styled", networks=bare, files={}, palette=HOUSE)
    store.write_model(folder, card, networks)
    return str(folder)


def draft(colour: tuple[int, int, int] = (190, 90, 60)) -> Draft:
    cells = np.full((4, 4, 3), colour, np.float32)
    cells[:2] = (10, 10, 10)
    return Draft(cells, np.ones((4, 4), np.float32))


def test_one_palette_suits_all_drafts_and_is_no_larger_than_that_which_they_were_made_with(styled: str) -> None:
    """Their own colours for a model without a style; of a style's those that are nearest."""
    told = np.zeros((3, 3), np.uint8)
    drafts = [draft(), draft((240, 240, 255))]
    own = palette.suited(made(), drafts, told)
    assert sorted(own.tolist()) == [[10, 10, 10], [190, 90, 60], [240, 240, 255]]
    chosen = palette.suited(made(model=styled), drafts, told)
    assert len(chosen) == 3
    assert {"#f0f0ff", "#101030"} <= {"#" + bytes(colour).hex() for colour in chosen} <= set(HOUSE)


def test_reserved_colours_stay_first_and_a_named_palette_stays_whole() -> None:
    told = np.array([[255, 0, 255], [0, 0, 0], [9, 9, 9]], np.uint8)
    kept = palette.suited(made(palette__reserve=["#ff00ff"]), [draft()], told)
    assert kept.tolist() == [[255, 0, 255], [10, 10, 10], [190, 90, 60]]
    black = palette.suited(made(outline__mode="black"), [draft()], told)
    assert black[0].tolist() == [0, 0, 0]
    assert palette.suited(made(palette__source="pico-8"), [draft()], told) is told
    drawing = made(**{"method.cyclegan.colors": "drawing"})
    assert palette.suited(drawing, [draft()], told) is told


@pytest.mark.parametrize("lines", [False, True])
def test_pictures_alone_and_in_a_set_have_the_colours_of_the_style(styled: str, lines: bool) -> None:
    chosen = made(model=styled, grid__height=16, **{"method.cyclegan.lines": lines})
    assert colours_of([convert_picture(CAST[0], chosen).picture]) <= set(HOUSE)
    done = convert_set(CAST, chosen)
    assert colours_of([each.picture for each in done]) <= set(HOUSE)
    for each in done:
        each.encode()
        assert each.palette is done[0].palette


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"palette.match": "tone"},
        {"clip.mode": "set"},
        {"clip.lock": ["palette"]},
        {"clip.lock": ["scale"]},
        {"palette.dither": "bayer4"},
    ],
)
@pytest.mark.parametrize("ground", [None, (150, 120, 90)])
def test_a_clip_has_the_colours_of_the_style_and_keeps_still(
    styled: str, table: dict[str, object], ground: Sequence[int] | None
) -> None:
    """One palette for all frames unless each shall have its own; what stands still in the source does not flicker."""
    frames = [disc((230, 90, 40), left, ground) for left in (8, 16, 16, 32)]
    clip = convert_clip(walk(frames), made(model=styled, grid__height=16, **table))
    assert colours_of(clip.clip.pictures) <= set(HOUSE)
    for frame in clip.frames:
        frame.encode()
    assert (clip.clip.palette is None) == (table == {"clip.lock": ["scale"]})
    if not table:
        assert clip.flicker == 0
    assert np.array_equal(clip.clip.pictures[1].pixels, clip.clip.pictures[2].pixels)


@pytest.mark.parametrize(("method", "more"), [("cyclegan", {}), ("diffusion", {"method.diffusion.steps": 2})])
def test_the_same_picture_again_and_again_has_the_palette_that_it_has_alone(
    method: str, more: dict[str, object]
) -> None:
    """A set and a clip of one picture; the palette is not the one that the drawing itself would have had."""
    chosen = made(method, grid__height=16, **more)
    alone = convert_picture(CAST[0], chosen)
    assert alone.palette is not None
    fitted = palette.resolve(chosen, [CAST[0]])
    assert alone.palette.tolist() != fitted.tolist()
    for each in (convert_set([CAST[0]], chosen)[0], convert_clip(walk([CAST[0], CAST[0]]), chosen).frames[0]):
        assert each.palette is not None
        assert each.palette.tolist() == alone.palette.tolist()


def test_a_set_s_palette_is_fitted_to_the_cells_of_all_its_pictures() -> None:
    """With as many colours as are asked for, and none that the network did not draw."""
    deaf = {"method.cyclegan.lines": False, "method.cyclegan.tell_colors": False}  # the same cells for any palette
    done = convert_set(CAST, made(grid__height=16, **deaf))
    drawn = [convert_picture(picture, made(grid__height=16, palette__colors=256, **deaf)).picture for picture in CAST]
    shared = done[0].palette
    assert shared is not None
    assert len(shared) == 6
    assert {"#" + bytes(colour).hex() for colour in shared} <= colours_of(drawn)
    assert not np.array_equal(shared, fit_palette(CAST, 6))


def test_a_tile_has_the_colours_of_the_style_wherever_its_border_was(styled: str) -> None:
    """A tile that was rolled by whole cells gives the rolled output; tiles of a set share their palette."""
    chosen = made(model=styled, grid__seamless=True, grid__cell=8)
    first = convert_picture(tile(), chosen)
    assert colours_of([first.picture]) <= set(HOUSE)
    rolled = convert_picture(tile(2), chosen).picture.pixels
    assert np.array_equal(rolled, np.roll(first.picture.pixels, (2, 4), (0, 1)))
    pair = convert_set([tile(), disc((60, 160, 60), ground=(40, 90, 40))], chosen)
    assert colours_of([each.picture for each in pair]) <= set(HOUSE)
    assert pair[0].palette is pair[1].palette


def test_recovered_pixel_art_keeps_its_own_colours(styled: str) -> None:
    """No network sees it, so there is nothing that a palette could be fitted to but the picture."""
    big = Picture(np.ascontiguousarray(disc((230, 90, 40)).pixels[::4, ::4].repeat(8, axis=0).repeat(8, axis=1)))
    chosen = made(model=styled, grid__cell="auto", **{"method.cyclegan.palette": 0.0})
    done = [
        convert_picture(big, chosen),
        *convert_set([big, big], chosen),
        *convert_clip(walk([big] * 2), chosen).frames,
    ]
    for each in done:
        assert colours_of([each.picture]) <= colours_of([big])


def test_a_clip_is_told_of_as_it_is_seen_and_as_it_is_done(styled: str) -> None:
    """Frames that were only looked at for their colours do not count as done, but the work can be ended there."""
    told: list[tuple[int, int]] = []
    frames = [disc((230, 90, 40), left) for left in (8, 16)]
    convert_clip(walk(frames), made(model=styled, grid__height=16), lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (0, 2), (1, 2), (2, 2)]
