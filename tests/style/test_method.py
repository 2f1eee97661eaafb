"""Method `style` keeps the contract, lets no colour leak, answers the same again, and says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import pixforge
from pixforge.errors import LimitError, NotPixelArtError, PictureError, SettingsError
from pixforge.image.picture import Picture
from pixforge.methods import style as method
from pixforge.methods._style.session import StyleSession, cache_folder
from pixforge.methods.contract import Request
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions

Keywords = dict[str, Any]
Draw = Callable[..., np.ndarray]
PALETTE = np.array([[30, 10, 20], [150, 30, 60], [200, 60, 40], [250, 240, 230]], np.uint8)
FIXTURES = [HealthCheck.function_scoped_fixture]


def request(pixels: np.ndarray, width: int, height: int, **changes: Any) -> Request:  # noqa: ANN401
    options = AlphaOptions(), OutlineOptions(), CleanupOptions()
    return replace(Request(Picture(pixels), width, height, PALETTE, "to-pixel", *options), **changes)


@pytest.fixture(scope="module")
def session(model: str, style_art: Path) -> StyleSession:
    return StyleSession(method.Options(style=str(style_art), steps=6), model)


@settings(max_examples=3, suppress_health_check=FIXTURES)
@given(st.tuples(st.integers(1, 90), st.integers(1, 90)), st.tuples(st.integers(1, 24), st.integers(1, 24)))
@pytest.mark.parametrize("colours", ["content", "style", "palette"])
def test_the_contract_holds_for_every_size_and_colour_policy(
    settings: Keywords, draw: Draw, colours: str, source: tuple[int, int], size: tuple[int, int]
) -> None:
    chosen = settings | {"settings": settings["settings"] | {"method.style.colours": colours, "method.style.steps": 2}}
    result = pixforge.convert(draw(*source), size=size, colors=6, **chosen)
    result.converted.encode()  # raises where size, palette or alpha are not exact
    assert result.picture.pixels.shape == (size[1], size[0], 4)


def test_no_colour_of_the_style_gets_into_the_drawing(settings: Keywords, draw: Draw) -> None:
    """The palette is fitted to the drawing, which is red; the style is green."""
    result = pixforge.convert(draw(), height=24, colors=6, **settings)
    shown = result.picture.pixels[result.picture.pixels[..., 3] > 0][:, :3].astype(int)
    assert (shown[:, 0] >= shown[:, 1]).all()


def test_the_styles_palette_is_taken_where_it_is_wanted(settings: Keywords, draw: Draw) -> None:
    chosen = settings | {"settings": settings["settings"] | {"method.style.colours": "style"}}
    result = pixforge.convert(draw(), height=24, colors=8, **chosen)
    assert set(result.palette) == {(10, 30, 12), (40, 90, 40), (120, 180, 90), (220, 250, 190)}


def test_a_palette_of_the_preset_comes_before_the_styles(settings: Keywords, draw: Draw) -> None:
    chosen = settings | {"settings": settings["settings"] | {"method.style.colours": "style"}}
    result = pixforge.convert(draw(), height=24, palette="gameboy", **chosen)
    assert set(result.palette) <= set(pixforge.convert(draw(), height=24, palette="gameboy").palette)


def test_the_same_request_gives_the_same_answer_whatever_came_before(session: StyleSession, draw: Draw) -> None:
    first = session.convert(request(draw(), 20, 24))
    session.convert(request(draw(seed=3), 20, 24))
    again = session.convert(request(draw(), 20, 24))
    np.testing.assert_array_equal(first.cells, again.cells)
    np.testing.assert_array_equal(first.alpha, again.alpha)


def test_a_frame_goes_on_from_the_frame_before_it_in_its_own_clip_only(session: StyleSession, draw: Draw) -> None:
    clip, other = object(), object()
    fresh = session.convert(request(draw(), 20, 24))
    one = session.convert(request(draw(), 20, 24, series=clip))
    np.testing.assert_array_equal(fresh.cells, one.cells)
    session.convert(request(draw(seed=2), 20, 24, series=clip))
    assert session._last is not None
    assert session._last.solved.steps == 3  # half of the steps are enough
    apart = session.convert(request(draw(), 20, 24, series=other))
    np.testing.assert_array_equal(fresh.cells, apart.cells)


def test_a_strong_style_shades_the_areas_and_none_leaves_them(settings: Keywords, draw: Draw) -> None:
    found = []
    for strength in (0.0, 8.0):
        run = {"method.style.strength": strength, "method.style.steps": 40, "method.style.variation": 0.0}
        result = pixforge.convert(draw(), height=24, colors=12, **settings | {"settings": run})
        found.append(result.picture.pixels)
    assert (found[0][..., 3] != found[1][..., 3]).mean() < 0.1  # the silhouette is the drawing's, up to cells in doubt
    assert (found[0] != found[1]).any(axis=-1).mean() > 0.02


def test_shades_have_the_hue_of_the_drawings_colours_and_keep_to_the_limit() -> None:
    from pixforge.methods._style.shades import with_shades
    from pixforge.pixel.colour import srgb_to_oklab

    colours = PALETTE[1:3]
    assert with_shades(colours, 2).tolist() == colours.tolist()
    every = with_shades(colours, 16)
    assert 4 <= len(every) <= 8
    assert every[:2].tolist() == colours.tolist()
    hues = [np.arctan2(lab[2], lab[1]) for lab in srgb_to_oklab(every)]
    own = hues[:2]
    assert max(min(abs(hue - one) for one in own) for hue in hues[2:]) < 0.2
    assert len(with_shades(np.array([[0, 0, 0]], np.uint8), 16)) == 2  # black has a lighter shade and no darker one


def test_statistics_are_kept_by_the_content_of_the_style(
    model: str, style_art: Path, draw: Draw, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in style_art.iterdir():
        (copy / f"other-{file.name}").write_bytes(file.read_bytes())
    StyleSession(method.Options(style=str(style_art), steps=2), model).convert(request(draw(), 8, 9))
    kept = set(cache_folder().iterdir())
    StyleSession(method.Options(style=str(copy), steps=2), model).convert(request(draw(), 8, 9))
    assert set(cache_folder().iterdir()) == kept
    digest = method.model_digest(method.Options(style=str(copy)), model)
    assert digest == StyleSession(method.Options(style=str(style_art)), model).model_digest
    Image.new("RGBA", (9, 9), (90, 120, 90, 255)).save(copy / "more.png")
    assert method.model_digest(method.Options(style=str(copy)), model) != digest


def test_a_damaged_file_of_the_cache_is_computed_again(model: str, style_art: Path, draw: Draw) -> None:
    options = method.Options(style=str(style_art), steps=2)
    first = StyleSession(options, model).convert(request(draw(), 8, 9))
    for file in cache_folder().iterdir():
        file.write_bytes(file.read_bytes()[:100])
    again = StyleSession(options, model).convert(request(draw(), 8, 9))
    np.testing.assert_array_equal(first.cells, again.cells)


def test_a_trace_has_a_picture_and_a_line_of_losses_for_every_look(
    model: str, style_art: Path, draw: Draw, tmp_path: Path
) -> None:
    options = method.Options(style=str(style_art), steps=13, trace=str(tmp_path / "trace"))
    StyleSession(options, model).convert(request(draw(), 20, 24))
    pictures = sorted((tmp_path / "trace").glob("*.png"))
    assert [path.stem.partition("-")[2] for path in pictures] == ["0010", "0013"]
    with Image.open(pictures[0]) as image:
        assert image.size == (20, 24)
    (losses,) = (tmp_path / "trace").glob("*.csv")
    assert [line.split(",")[0] for line in losses.read_text().splitlines()] == ["step", "10", "13"]


def test_a_drawing_of_a_sprite_has_its_size_and_goes_back_to_the_sprite(model: str, draw: Draw, tmp_path: Path) -> None:
    Image.fromarray(draw(80, 80)).save(tmp_path / "drawing.png")
    sprite = pixforge.convert(draw(), height=16, colors=4, method="identity").picture
    keywords: Keywords = {"method": "style", "model": model, "direction": "to-drawing"}
    chosen = {"method.style.steps": 20, "grid.size": [100, 120], "method.style.style": str(tmp_path / "drawing.png")}
    drawn = pixforge.convert(sprite, settings=chosen, **keywords).picture
    assert (drawn.width, drawn.height) == (100, 120)
    for made in (drawn, pixforge.convert(sprite, settings={"grid.cell": 6.0}, **keywords).picture):  # as it comes, too
        back = pixforge.convert(made, size=(sprite.width, sprite.height), colors=4, method="classical").picture.pixels
        gaps = np.abs(back.astype(int) - sprite.pixels).max(axis=-1)
        assert (gaps <= 8).mean() > 0.9


def test_a_sprite_of_one_colour_gets_no_texture(model: str) -> None:
    """A style that is made of contrasts would draw them on it."""
    sprite = np.zeros((12, 12, 4), np.uint8)
    sprite[3:9, 2:10] = (200, 60, 40, 255)
    made = pixforge.convert(
        sprite, settings={"grid.cell": 8.0}, method="style", model=model, direction="to-drawing"
    ).picture.pixels
    inner = made[32:64, 24:72].astype(int)
    assert np.abs(inner - sprite[5, 5]).max() <= 16
    assert np.abs(inner - sprite[5, 5]).mean() < 2


def test_a_drawing_has_no_colour_that_the_sprite_lacks(model: str, draw: Draw) -> None:
    """Lightness alone is optimised: what is grey in the sprite is grey in the drawing."""
    sprite = pixforge.convert(draw(), height=16, colors=4, method="identity").picture.pixels.copy()
    sprite[..., 1:3] = sprite[..., :1]
    settings = {"grid.cell": 4.0, "method.style.steps": 10, "method.style.strength": 5.0}
    made = pixforge.convert(sprite, settings=settings, method="style", model=model, direction="to-drawing").picture
    solid = made.pixels[made.pixels[..., 3] > 0].astype(int)
    assert np.ptp(solid[:, :3], axis=1).max() <= 1


def test_nothing_visible_stays_nothing(settings: Keywords) -> None:
    result = pixforge.convert(np.zeros((30, 20, 4), np.uint8), height=12, **settings)
    assert not result.picture.pixels.any()


def test_a_picture_of_one_pixel_and_a_large_one_are_converted(settings: Keywords, draw: Draw) -> None:
    dot = np.full((1, 1, 4), (200, 60, 40, 255), np.uint8)
    assert pixforge.convert(dot, size=(1, 1), **settings).picture.pixels.tolist() == [[[200, 60, 40, 255]]]
    assert pixforge.convert(draw(4000, 3200), height=20, **settings).picture.height == 20


def test_a_grid_that_would_not_fit_into_memory_is_refused(session: StyleSession, draw: Draw) -> None:
    with pytest.raises(LimitError, match="too many for method style"):
        session.convert(request(draw(), 2000, 2000))


def test_numbers_that_are_not_finite_end_with_the_part_they_are_in(model: str, style_art: Path, draw: Draw) -> None:
    options = method.Options(style=str(style_art), steps=10, content=1e9, rate=10.0, variation=1e9)
    task_weights = StyleSession(options, model)
    target = request(draw(), 8, 9)
    solver = task_weights._solver(4)
    from pixforge.nn.style.solve import Plan

    task = _task(task_weights, target)
    with pytest.raises(PictureError, match="no finite numbers"):
        solver.run(replace(task, means=task.means * np.nan), Plan(steps=10))


def _task(session: StyleSession, wanted: Request) -> Any:  # noqa: ANN401
    from pixforge.methods._style.target import aim

    assert wanted.palette is not None
    return session._task(
        wanted, wanted.picture, aim(wanted, wanted.picture, wanted.palette, 4, session._light), 4, None
    )


def test_a_style_that_is_no_pixel_art_is_refused_with_its_name(model: str, tmp_path: Path, draw: Draw) -> None:
    path = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)).save(path)
    with pytest.raises(NotPixelArtError, match=r"photo\.png.*no pixel art"):
        pixforge.convert(draw(), height=12, method="style", model=model, style=str(path))


def test_an_enlarged_style_is_seen_at_its_true_size(style_art: Path, tmp_path: Path) -> None:
    from pixforge.methods._style.pictures import style_art as read

    with Image.open(style_art / "0.png") as image:
        image.resize((80, 80), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    assert [(one.width, one.height) for one in read(str(tmp_path / "large.png"))] == [(16, 16)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"style": "dungeo"}, 'did you mean "dungeon"'),
        ({"style_layers": ("conv9_9",)}, 'no layer "conv9_9"'),
        ({"procedure": "report"}, "needs VGG-19"),
    ],
)
def test_what_cannot_be_used_is_named(model: str, draw: Draw, options: Keywords, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        StyleSession(method.Options(**options), model).convert(request(draw(), 8, 9))


def test_a_transparent_style_is_refused(model: str, draw: Draw, tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8)).save(tmp_path / "empty.png")
    with pytest.raises(SettingsError, match="shows nothing"):
        StyleSession(method.Options(style=str(tmp_path / "empty.png")), model).convert(request(draw(), 8, 9))
