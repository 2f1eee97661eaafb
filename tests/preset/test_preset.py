"""A preset file becomes a frozen Preset, or every mistake at once."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from pixforge import preset
from pixforge.preset.dump import to_plain, to_toml
from pixforge.preset.flags import overrides_from_flags
from pixforge.typed_toml import InvalidSettingsError, parse_toml

BASE: dict[str, Any] = {"direction": "to-pixel", "method": {"name": "identity"}}

FIVE_MISTAKES = """
direction = "to-pixel"
gird = { width = 32 }
[method]
name = "clasical"
[grid]
width = "wide"
[palette]
colours = 16
dither = "bayer3"
"""


def parse(table: dict[str, Any], **overrides: object) -> preset.Preset:
    return preset.parse(
        {**BASE, **table}, "test", overrides={key.replace("__", "."): overrides[key] for key in overrides}
    )


def mistakes(table: dict[str, Any], overrides: dict[str, Any] | None = None) -> dict[str, str]:
    """Return name -> whole text of every problem."""
    with pytest.raises(InvalidSettingsError) as caught:
        preset.parse({**BASE, **table}, "test", overrides=overrides)
    return {problem.name: str(problem) for problem in caught.value.problems}


def test_five_mistakes_in_a_file_are_five_lines_of_one_error(tmp_path: Path) -> None:
    path = tmp_path / "five.toml"
    path.write_text(FIVE_MISTAKES)
    with pytest.raises(InvalidSettingsError) as caught:
        preset.load(path)
    assert {problem.name for problem in caught.value.problems} == {
        "gird", "method.name", "grid.width", "palette.colours", "palette.dither"
    }  # fmt: skip
    text = str(caught.value)
    for part in (str(path), '"grid"', '"classical"', '"colors"', "a whole number from 1 to 4096", '"wide"', '"bayer8"'):
        assert part in text


def test_only_the_direction_is_needed() -> None:
    made = preset.parse({"direction": "to-pixel"}, "least")
    assert (made.method.name, made.palette.source, made.color_limit) == ("classical", "fit", 16)


def test_without_a_direction_it_is_missed() -> None:
    with pytest.raises(InvalidSettingsError, match="direction: expected one of"):
        preset.parse({}, "none")


@pytest.mark.parametrize(
    "grid",
    [{"size": [8, 8], "cell": 4}, {"size": [8, 8], "width": 8}, {"height": 8, "cell": "auto"}],
)
def test_two_wishes_for_the_size_exclude_each_other(grid: dict[str, Any]) -> None:
    (text,) = mistakes({"grid": grid}).values()
    assert "only one of size, width/height, cell" in text


def test_width_and_height_together_are_one_wish() -> None:
    assert parse({"grid": {"width": 8, "height": 9}}).grid.height == 9


def test_a_direction_that_the_method_does_not_offer_is_refused() -> None:
    text = mistakes({"direction": "to-drawing"})["direction"]
    assert 'a direction of method "identity": to-pixel' in text


def test_reserved_colours_leave_room_for_others() -> None:
    table = {"palette": {"colors": 2, "reserve": ["#000000", "#FFFFFF"]}}
    assert "fewer than 2 colours" in mistakes(table)["palette.reserve"]
    assert parse({"palette": {"colors": 3, "reserve": ["#000000", "#FFFFFF"]}}).color_limit == 3


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ({"palette": {"reserve": ["#12345"]}}, "palette.reserve[0]"),
        ({"alpha": {"background": "white"}}, "alpha.background"),
        ({"outline": {"color": "000000"}}, "outline.color"),
    ],
)
def test_a_colour_is_a_hash_and_six_digits(table: dict[str, Any], key: str) -> None:
    assert 'a colour such as "#ff00ff"' in mistakes(table)[key]


def test_an_unknown_palette_is_refused_with_the_closest_name() -> None:
    assert 'did you mean "pico-8"?' in mistakes({"palette": {"source": "pico8"}})["palette.source"]


def test_a_broken_palette_file_is_a_mistake_of_the_preset(tmp_path: Path) -> None:
    (tmp_path / "studio.hex").write_text("not colours at all\n")
    path = tmp_path / "hero.toml"
    path.write_text('direction = "to-pixel"\n[palette]\nsource = "studio.hex"\n[grid]\nwidth = 0\n')
    with pytest.raises(InvalidSettingsError) as caught:
        preset.load(path)
    assert {problem.name for problem in caught.value.problems} == {"palette.source", "grid.width"}


def test_a_palette_file_is_relative_to_the_preset(tmp_path: Path) -> None:
    (tmp_path / "studio.hex").write_text("ff0000\n00ff00\n0000ff\n")
    path = tmp_path / "hero.toml"
    path.write_text('direction = "to-pixel"\n[palette]\nsource = "studio.hex"\n')
    made = preset.load(path)
    assert made.colors is not None
    assert made.colors.colors == ((255, 0, 0), (0, 255, 0), (0, 0, 255))
    assert made.color_limit == 3


def test_a_style_is_relative_to_the_preset_and_a_name_or_an_option_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def style(folder: str, value: str, overrides: dict[str, Any] | None = None) -> preset.Preset:
        path = tmp_path / folder / "hero.toml"
        path.parent.mkdir(exist_ok=True)
        (path.parent / "sprites").mkdir(exist_ok=True)
        path.write_text(
            f'direction = "to-pixel"\n[method]\nname = "style"\nmodel = "vgg19"\n[method.style]\nstyle = "{value}"\n'
        )
        return preset.load(path, overrides)

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    one, other = style("a", "sprites"), style("b", "sprites")
    assert one.method.options.style == str((tmp_path / "a" / "sprites").absolute())
    assert one.digest == other.digest  # the pictures count, in the model's digest, and not where they lie
    assert style("a", "dungeon").method.options.style == "dungeon"
    assert style("a", "dungeon").digest != one.digest
    given = overrides_from_flags({"style": "mine"})
    assert style("a", "sprites", given).method.options.style == str((tmp_path / "mine").absolute())


def test_the_tables_of_all_methods_are_checked_and_that_of_the_chosen_one_is_used() -> None:
    table = {"method": {"name": "identity", "classical": {"fine": 4}}}
    assert parse(table, method__name="classical").method.options.fine == 4
    assert (
        "a whole number"
        in mistakes({"method": {"name": "identity", "classical": {"fine": "x"}}})["method.classical.fine"]
    )
    assert "a known key" in mistakes({"method": {"name": "identity", "clasical": {}}})["method.clasical"]


def test_an_override_replaces_a_key_and_is_named_when_it_is_wrong() -> None:
    assert parse({"palette": {"colors": 4}}, palette__colors=9).palette.colors == 9
    assert "given as an option" in mistakes({}, {"palette.colors": 0})["palette.colors"]
    assert "given as an option" not in mistakes({"outline": {"mode": "x"}}, {"palette.colors": 9})["outline.mode"]


@pytest.mark.parametrize("old", [{"size": [8, 8]}, {"width": 8}, {"height": 8}, {"cell": "auto"}])
@pytest.mark.parametrize(("key", "new"), [("size", [9, 9]), ("width", 9), ("height", 9), ("cell", 9)])
def test_a_new_size_replaces_the_whole_old_one(old: dict[str, Any], key: str, new: object) -> None:
    grid = preset.parse({**BASE, "grid": old}, "x", overrides={f"grid.{key}": new}).grid
    given = [name for name in ("size", "width", "height", "cell") if getattr(grid, name) is not None]
    assert given == [key]


def test_a_new_palette_replaces_the_old_number_of_colours() -> None:
    table = {"palette": {"colors": 4}}
    assert parse(table, palette__source="pico-8").color_limit == 16
    assert parse(table, palette__source="pico-8", palette__colors=5).color_limit == 5


def test_overrides_may_be_nested_and_none_removes_a_key() -> None:
    made = preset.parse(
        {**BASE, "palette": {"colors": 4}}, "x", overrides={"palette": {"colors": None}, "alpha": {"threshold": 1}}
    )
    assert (made.palette.colors, made.alpha.threshold) == (None, 1.0)


def test_the_digest_is_that_of_what_steers_the_output() -> None:
    def digest(table: dict[str, Any], name: str = "a") -> str:
        return preset.parse({**BASE, **table}, name).digest

    plain = digest({"palette": {"colors": 4, "dither": "none"}})
    assert digest({"description": "words", "palette": {"dither": "none", "colors": 4}}, "other") == plain
    assert digest({"limits": {"max_pixels": 5}, "palette": {"colors": 4}}) == plain
    assert digest({"limits": {"svg_size": 5}, "palette": {"colors": 4}}) != plain
    assert digest({"palette": {"colors": 5}}) != plain
    assert digest({"palette": {"colors": 4}, "outline": {"inner": False}}) != plain
    assert digest({"palette": {"colors": 4}, "method": {"name": "classical"}}) != plain


def test_the_digest_follows_the_colours_of_a_palette_file_and_not_its_place(tmp_path: Path) -> None:
    def digest(folder: str, content: str) -> str:
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        (place / "own.hex").write_text(content)
        (place / "p.toml").write_text('direction = "to-pixel"\n[palette]\nsource = "own.hex"\n')
        return preset.load(place / "p.toml").digest

    first = digest("a", "ff0000\n00ff00\n")
    assert digest("b", "ff0000\n00ff00\n") == first
    assert digest("a", "ff0000\n00ff01\n") != first


def test_a_preset_goes_to_a_worker_process_and_back() -> None:
    made = parse({"grid": {"width": 8}})
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_preset_written_out_reads_back_to_the_same_digest(tmp_path: Path) -> None:
    (tmp_path / "own.hex").write_text("ff0000\n00ff00\n")
    path = tmp_path / "p.toml"
    path.write_text('direction = "to-pixel"\n[palette]\nsource = "own.hex"\n[grid]\nsize = [8, 9]\n[method.identity]\n')
    made = preset.load(path)
    elsewhere = tmp_path / "work" / "copy.toml"
    elsewhere.write_text(to_toml(made))
    assert preset.load(elsewhere).digest == made.digest
    assert parse_toml(to_toml(made))["grid"]["size"] == [8, 9]
    assert to_plain(made)["grid"]["width"] is None


def test_the_tables_of_clips_sheets_and_targets_are_read_checked_and_written_out() -> None:
    table = {
        "clip": {"mode": "set"},
        "sheet": {"layout": "rows", "extrude": 2},
        "export": {
            "targets": ["godot", "aseprite-json"],
            "json": "array",
            "godot_folder": "res://art",
            "tiles": [8, 8],
        },
    }
    made = parse(table)
    assert (made.clip.mode, made.sheet.layout, made.sheet.extrude) == ("set", "rows", 2)
    assert (made.export.targets, made.export.json, made.export.tiles) == (("godot", "aseprite-json"), "array", (8, 8))
    again = preset.parse(parse_toml(to_toml(made)), "again")
    assert again.digest == made.digest
    assert to_plain(made)["export"]["targets"] == ("godot", "aseprite-json")


def test_a_wrong_target_and_a_wrong_key_of_a_sheet_are_named_with_the_closest() -> None:
    wrong = mistakes({"export": {"targets": ["png", "godto"], "godot_folder": "art"}, "sheet": {"trimm": True}})
    assert 'did you mean "godot"?' in wrong["export.targets[1]"]
    assert 'a folder such as "res://art"' in wrong["export.godot_folder"]
    assert 'did you mean "trim"?' in wrong["sheet.trimm"]
    assert "given as an option" in mistakes({}, {"export.targets": ["gfi"]})["export.targets[0]"]


def test_what_steers_sheets_and_targets_is_part_of_the_digest() -> None:
    plain = parse({}).digest
    changes: list[dict[str, Any]] = [
        {"sheet": {"extrude": 1}}, {"export": {"targets": ["gif"]}}, {"export": {"json": "array"}},
        {"clip": {"lock": ["palette"]}}, {"export": {"tiles": [8, 8]}},
    ]  # fmt: skip
    digests = {parse(table).digest for table in changes}
    assert len(digests | {plain}) == len(changes) + 1
