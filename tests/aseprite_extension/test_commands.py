"""The extension's commands, from the menu to the changed sprite, with the real pixforge program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from pixforge.image import aseprite
from pixforge.image.aseprite.model import RGBA
from pixforge.methods import identity
from pixforge.palettes.registry import builtin
from pixforge.preset import store

Lua: TypeAlias = Any
App = Callable[..., Any]
Sprite = Callable[..., Path]


def choose(**values: Lua) -> Callable[[Lua], None]:
    """A user who sets widgets and presses Convert."""

    def act(window: Lua) -> None:
        for name, value in {"method": "identity", **values}.items():
            window.data[name] = value
        window.click("confirm")

    return act


def cancel(window: Lua) -> None:
    window.click("cancel")


def layer_pixels(document: aseprite.Document, layer: int) -> list[np.ndarray[Any, Any]]:
    """The RGBA pixels of a layer's cels."""
    palette = document.frames[0].palette
    found = []
    for moment in document.frames:
        pixels = next(cel.pixels for cel in moment.cels if cel.layer == layer)
        found.append(palette[pixels[..., 0]] if pixels.shape[2] == 1 else pixels)
    return found


def rendered(document: aseprite.Document) -> list[np.ndarray[Any, Any]]:
    return [aseprite.render(document, number).pixels for number in range(len(document.frames))]


def same(one: aseprite.Document, other: aseprite.Document) -> bool:
    return aseprite.encode(one) == aseprite.encode(other)


def test_a_new_sprite_has_the_frames_times_tags_slices_and_palette(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    before = app.document()
    app.users = [choose(height=16, way="New sprite")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert app.sprites == 2
    made = app.document()
    assert (made.width, made.height) == (24, 16)
    assert [moment.duration for moment in made.frames] == [80, 120, 160]
    (tag,) = made.tags
    assert (tag.name, tag.first, tag.last, tag.direction) == ("walk", 0, 2, "pingpong")
    assert (tag.repeat, tag.color) == (2, (1, 2, 3))
    used = {tuple(color) for picture in rendered(made) for color in picture.reshape(-1, 4).tolist() if color[3]}
    assert used
    assert used <= {tuple(color) for color in made.frames[0].palette.tolist()}
    slices = app.stub["document"]()["slices"]
    assert list(slices[1]["bounds_box"].values()) == [4, 2, 8, 12]
    assert list(slices[1]["at"].values()) == [4, 12]
    assert app.undo_labels() == ["Pixforge: new sprite"]
    assert app.stub["document"]()["filename"] == ""  # File > Save asks where
    assert same(app.document(app.stub["documents"][1]), before)


@pytest.mark.parametrize("indexed", [False, True], ids=["rgb", "indexed"])
def test_a_new_layer_leaves_everything_else_alone(
    aseprite_app: App, sprite: Sprite, tmp_path: Path, indexed: bool
) -> None:
    app = aseprite_app()
    app.open(sprite(tmp_path / "art" / "walk.aseprite", indexed))
    before = app.document()
    app.users = [choose(height=16, palette="pico-8", way="New layer")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    after = app.document()
    assert [layer.name for layer in after.layers] == ["body", "ground", "Pixforge"]
    assert (after.width, after.height, after.depth) == (before.width, before.height, before.depth)
    for number, moment in enumerate(after.frames):
        assert [cel.layer for cel in moment.cels] == [0, 1, 2]
        for cel, old in zip(moment.cels, before.frames[number].cels, strict=False):
            assert np.array_equal(cel.pixels, old.pixels)
        assert moment.cels[2].pixels.shape[:2] == (16, 24)
    used = {tuple(color) for picture in layer_pixels(after, 2) for color in picture.reshape(-1, 4).tolist() if color[3]}
    assert used <= {(*color, 255) for color in builtin("pico-8").colors}
    assert len(app.undo_labels()) == 1
    app.undo()
    assert same(app.document(), before)


def test_an_enlarged_layer_lies_over_the_drawing_even_if_the_preset_cuts_the_border_off(
    aseprite_app: App, walk: Path
) -> None:
    (walk.parent / "presets").mkdir()
    text = 'direction = "to-pixel"\n[method]\nname = "identity"\n[grid]\ncell = 4\ntrim = true\n'
    (walk.parent / "presets" / "trim.toml").write_text(text)
    app = aseprite_app()
    app.lua.execute("""
        local sprite = Sprite(64, 48)
        local image = Image(16, 24)
        image.bytes = string.rep("\\200\\40\\40\\255", 384)
        sprite:newCel(sprite.layers[1], 1, image, Point(40, 12))
    """)
    app.stub["document"]()["filename"] = str(walk).encode().decode("latin-1")
    app.users = [choose(preset="trim", enlarge=True, way="New layer")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    cel = app.document().frames[0].cels[1]
    assert (cel.x, cel.y, cel.pixels.shape) == (40, 12, (24, 16, 4))


@pytest.mark.parametrize("preset", ["tile-map-16", "aseprite-animation", "recover"])
def test_presets_that_write_something_else_make_a_sprite_all_the_same(
    aseprite_app: App, walk: Path, preset: str
) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [choose(preset=preset, way="New sprite")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert len(app.document().frames) == 3
    assert app.sprites == 2


def test_a_new_layer_can_be_enlarged_to_the_canvas(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [choose(height=16, way="New layer", enlarge=True)]
    app.command("PixforgeConvertSprite")
    pixels = app.document().frames[0].cels[2].pixels
    assert pixels.shape[:2] == (32, 48)
    assert np.array_equal(pixels, np.repeat(np.repeat(pixels[::2, ::2], 2, 0), 2, 1))


@pytest.mark.parametrize("indexed", [False, True], ids=["rgb", "indexed"])
def test_in_place_replaces_layers_size_and_palette_in_one_step(
    aseprite_app: App, sprite: Sprite, tmp_path: Path, indexed: bool
) -> None:
    app = aseprite_app()
    app.open(sprite(tmp_path / "art" / "walk.aseprite", indexed))
    before = app.document()
    app.users = [choose(height=16, colors=4, way="In place")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    after = app.document()
    assert (after.width, after.height, after.depth) == (24, 16, before.depth)
    assert [layer.name for layer in after.layers] == ["Pixforge"]
    assert [moment.duration for moment in after.frames] == [80, 120, 160]
    assert after.tags == before.tags
    palette = {tuple(color) for color in after.frames[0].palette.tolist()}
    used = {tuple(color) for picture in rendered(after) for color in picture.reshape(-1, 4).tolist() if color[3]}
    assert used <= palette
    assert len(used) <= 4
    assert app.undo_labels() == ["Pixforge: in place"]
    app.undo()
    assert same(app.document(), before)


def test_the_sprites_own_palette_is_the_only_one_used(aseprite_app: App, sprite: Sprite, tmp_path: Path) -> None:
    app = aseprite_app()
    app.open(sprite(tmp_path / "art" / "walk.aseprite", indexed=True))
    app.users = [choose(height=16, palette="This sprite's palette", way="New layer")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    after = app.document()
    assert len(after.frames[0].palette) == 4  # nothing was added to it
    assert after.frames[0].cels[2].pixels.max() <= 3


@pytest.mark.parametrize("way", ["New layer", "In place", "New sprite"])
def test_a_cel_is_converted_alone(aseprite_app: App, walk: Path, way: str) -> None:
    app = aseprite_app()
    app.open(walk)
    before = app.document()
    app.users = [choose(height=2, way=way)]
    app.command("PixforgeConvertCel")  # the ground, 48 x 4 at 0, 28
    assert app.alerts == []
    after = app.document()
    if way == "New sprite":
        assert (after.width, after.height, len(after.frames)) == (24, 2, 1)
        return
    cel = after.frames[0].cels[1 if way == "In place" else 2]
    assert (cel.x, cel.y, cel.pixels.shape) == (0, 28, (2, 24, 4))
    assert len(after.frames[1].cels) == 2
    assert app.undo_labels() == ["Pixforge: convert cel"]
    app.undo()
    assert same(app.document(), before)


def test_the_preview_shows_before_and_after_and_is_what_is_applied(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    drawn = []

    def paint(window: Lua) -> None:
        context, raw = app.stub["context"](300, 150)
        window.widget("preview")["onpaint"](app.lua.table_from({"context": context}))
        drawn.append([(item["width"], item["x"], item["to_width"]) for item in raw["drawn"].values()])

    def act(window: Lua) -> None:
        window.data["method"] = "identity"
        window.data["height"] = 16
        window.data["way"] = "New sprite"
        paint(window)
        window.click("Preview")
        paint(window)
        assert window.raw["repainted"] == 1
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    # Left: 48 x 32 in a box of 148 x 150, three times as large; right: 24 x 16, six times.
    assert drawn == [[(48, 2, 144)], [(48, 2, 144), (24, 154, 144)]]
    jobs = [command for command in app.commands if " job " in command]
    assert len(jobs) == 2  # what the dialog offers, and the one conversion
    assert app.document().height == 16


def test_a_preview_of_other_choices_is_not_applied(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)

    def act(window: Lua) -> None:
        window.data["method"] = "identity"
        window.data["height"] = 16
        window.click("Preview")
        window.data["height"] = 8
        window.data["way"] = "New sprite"
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeConvertSprite")
    assert app.document().height == 8


def test_cancel_changes_nothing(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    before = app.document()

    def look_and_leave(window: Lua) -> None:
        window.data["method"] = "identity"
        window.click("Preview")
        window.click("cancel")

    app.users = [look_and_leave]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert app.sprites == 1
    assert app.undo_labels() == []
    assert same(app.document(), before)


def test_choices_are_remembered(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    seen = {}

    def look(window: Lua) -> None:
        for name in ("preset", "palette", "outline", "way"):
            seen[name] = window.data[name]
        seen["height"] = window.widget("height")["text"]
        window.click("cancel")

    chosen = {"preset": "character-32", "palette": "db32", "outline": "black", "way": "New sprite"}
    app.users = [choose(height=16, **chosen), look]
    app.command("PixforgeConvertSprite")
    app.lua.execute("app.sprite = app.sprite")
    app.command("PixforgeConvertSprite")
    assert seen == {**chosen, "height": "16"}


def test_an_error_of_the_program_is_shown_as_it_is_and_the_dialog_comes_back(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    before = app.document()

    def again(window: Lua) -> None:
        assert window.data["cell"] == "4000"
        window.click("cancel")

    app.users = [choose(cell="4000"), again]
    app.command("PixforgeConvertSprite")
    (alert,) = app.alerts
    assert "grid" in alert
    assert "1024" in alert
    assert "correct this key" in alert
    assert same(app.document(), before)
    assert list(app.temp.iterdir()) == []


@pytest.mark.parametrize(("values", "said"), [
    ({"cell": "big"}, 'A cell is a number of pixels or "auto", not "big"'),
    ({"cell": "8", "height": 16}, "exclude each other"),
])  # fmt: skip
def test_choices_that_cannot_be_are_explained(aseprite_app: App, walk: Path, values: dict[str, Lua], said: str) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [choose(**values), cancel]
    app.command("PixforgeConvertSprite")
    assert said in app.alerts[0]


def test_lists_hold_what_the_program_offers(aseprite_app: App, walk: Path) -> None:
    project = walk.parent / "presets"
    project.mkdir()
    (project / "own.toml").write_text('direction = "to-pixel"\n[method]\nname = "identity"\n')
    app = aseprite_app()
    app.open(walk)
    lists = {}

    def look(window: Lua) -> None:
        for name in ("preset", "method", "palette", "outline", "way"):
            lists[name] = window.options(name)
        window.click("cancel")

    app.users = [look]
    app.command("PixforgeConvertSprite")
    assert lists["preset"][0] == "own"  # of the project in which the sprite lies
    assert {"sprite-64", "character-32"} < set(lists["preset"])
    assert {"As the preset says", "classical"} <= set(lists["method"])
    assert lists["palette"][:3] == ["As the preset says", "This sprite's palette", "Fit to the picture"]
    assert "pico-8" in lists["palette"]
    assert lists["outline"] == ["As the preset says", "keep", "none", "black", "selective"]
    assert lists["way"] == ["New layer", "New sprite", "In place"]


def test_restoring_offers_presets_of_that_direction_and_makes_a_sprite(
    aseprite_app: App, walk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "DIRECTIONS", ("to-pixel", "to-drawing"))  # stands for a method with a model
    presets = walk.parent / "presets"
    presets.mkdir()
    text = 'direction = "to-drawing"\n[method]\nname = "identity"\n[grid]\ncell = 3\n'
    (presets / "back.toml").write_text(text)
    app = aseprite_app()
    app.open(walk)

    def act(window: Lua) -> None:
        assert "back" in window.options("preset")
        assert "sprite-64" not in window.options("preset")
        assert window.data["way"] == "New sprite"
        window.data["preset"] = "back"
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeRestore")
    assert app.alerts == []
    made = app.document()
    assert (made.width, made.height, len(made.frames)) == (144, 96, 3)


def test_restoring_without_a_preset_goes_by_the_methods_own_settings(
    aseprite_app: App, walk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "DIRECTIONS", ("to-pixel", "to-drawing"))
    monkeypatch.setattr(store, "shipped_folder", lambda: walk.parent / "none")
    (walk.parent / "presets").mkdir()
    (walk.parent / "presets" / "sprite-64.toml").write_text('direction = "to-pixel"\n[grid]\nheight = 64\n')
    app = aseprite_app()
    app.open(walk)

    def act(window: Lua) -> None:
        assert window.options("preset") == ["None of your own yet"]
        window.data["method"] = "identity"
        window.click("confirm")

    app.users = [act]
    app.command("PixforgeRestore")
    assert app.alerts == []
    assert (app.document().width, app.document().height) == (192, 128)  # four pixels a cell


def test_a_sprite_of_no_file_can_be_converted(aseprite_app: App) -> None:
    app = aseprite_app()
    app.lua.execute("""
        local sprite = Sprite(16, 16)
        local image = Image(16, 16)
        image.bytes = string.rep("\\200\\40\\40\\255", 256)
        sprite:newCel(sprite.layers[1], 1, image, Point(0, 0))
    """)
    app.users = [choose(height=8, way="New sprite")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert app.document().height == 8


GRAY = """
    local sprite = Sprite(16, 16, ColorMode.GRAY)
    local image = Image(16, 16, ColorMode.GRAY)
    image.bytes = string.rep("\\200\\255", 256)
    sprite:newCel(sprite.layers[1], 1, image, Point(0, 0))
"""


def test_a_grayscale_sprite_takes_no_layer_in_colour_but_can_become_one(aseprite_app: App) -> None:
    app = aseprite_app()
    app.lua.execute(GRAY)
    before = app.document()
    app.users = [choose(height=8, way="New layer"), choose(height=8, way="In place")]
    app.command("PixforgeConvertSprite")
    (alert,) = app.alerts
    assert "grayscale" in alert
    after = app.document()
    assert (after.height, after.depth) == (8, RGBA)
    assert app.undo_labels()[-1] == "Pixforge: in place"
    app.undo()
    assert same(app.document(), before)


def test_an_indexed_sprite_keeps_colours_that_are_almost_alike(aseprite_app: App) -> None:
    """Aseprite's own conversion to indexed goes by a map of five bits a channel."""
    app = aseprite_app()
    app.lua.execute("""
        local sprite = Sprite(16, 8, ColorMode.INDEXED)
        local palette = Palette(3)
        palette:setColor(1, Color { r = 100, g = 50, b = 50 })
        palette:setColor(2, Color { r = 101, g = 50, b = 50 })
        sprite:setPalette(palette)
        local image = Image(16, 8, ColorMode.INDEXED)
        image.bytes = string.rep(string.rep("\\1", 8) .. string.rep("\\2", 8), 8)
        sprite:newCel(sprite.layers[1], 1, image, Point(0, 0))
    """)
    app.users = [choose(height=8, way="In place")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    (picture,) = rendered(app.document())
    assert picture[:, :8, 0].tolist() == [[100] * 8] * 8
    assert picture[:, 8:, 0].tolist() == [[101] * 8] * 8


def test_commands_without_a_sprite_are_grey(aseprite_app: App) -> None:
    app = aseprite_app()
    for name in ("PixforgeConvertSprite", "PixforgeConvertCel", "PixforgeRestore", "PixforgeExportGodot"):
        assert not app.enabled(name)


def test_nothing_is_left_in_the_temporary_folder(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    app.users = [choose(height=16, way="New layer")]
    app.command("PixforgeConvertSprite")
    assert list(app.temp.iterdir()) == []


def test_older_versions_use_one_folder_again(aseprite_app: App, walk: Path) -> None:
    """Before API 33 a script cannot remove files: what is left must not grow, nor pass for a new answer."""
    app = aseprite_app(api=24)
    app.open(walk)
    app.users = [choose(height=16, way="New layer"), choose(height=8, way="New sprite")]
    app.command("PixforgeConvertSprite")
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert [folder.name for folder in app.temp.iterdir()] == ["pixforge-aseprite"]
    assert app.document().height == 8


def test_aseprite_12_is_told_so(aseprite_app: App) -> None:
    app = aseprite_app(api=20)
    assert app.printed == ["Pixforge needs Aseprite 1.3 or newer."]
    assert len(app.stub["plugin"]["commands"]) == 0
