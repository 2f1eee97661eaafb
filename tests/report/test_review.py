"""The records behind the review page, and picks on their way into a project file."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.batch import Batch, Options
from pixforge.cli import boundary
from pixforge.errors import OutputError, SettingsError
from pixforge.image.load import load as load_picture
from pixforge.preset import load
from pixforge.project.tree import Tree, load_project, plain_tree
from pixforge.report.build import DATA, PAGE, Review, memory
from pixforge.report.picks import apply_picks
from pixforge.report.ways import way_of
from tests.report.conftest import drawing


def made(tree: Tree, folder: Path, *ways: str) -> Review:
    """Make a page."""
    review = Review(tree, folder, tuple(way_of(way) for way in ways), workers=1)
    list(review)
    review.write()
    return review


def test_every_picture_has_a_record(converted: Tree, tmp_path: Path) -> None:
    """A picture that could not be converted is there too, with its error."""
    made(converted, tmp_path / "page")
    found = memory(tmp_path / "page")
    assert sorted(found) == ["<b>blue&.png", "broken.png", "red.png", 'sub folder/a "green" [one].png']
    outcomes = {name: subject["variants"][0]["outcome"] for name, subject in found.items()}
    assert outcomes.pop("broken.png") == "failed"
    assert set(outcomes.values()) == {"made"}
    assert "not a picture" in found["broken.png"]["variants"][0]["error"]["cause"]


def test_the_output_is_there_to_the_pixel(converted: Tree, tmp_path: Path) -> None:
    """The page's picture of an output has the output's very pixels; the palette counts them."""
    made(converted, tmp_path / "page")
    variant = memory(tmp_path / "page")["red.png"]["variants"][0]
    shown = load_picture(tmp_path / "page" / variant["film"]["file"])
    output = load_picture(converted.output / "red.png")
    assert (shown.pixels == output.pixels).all()
    assert sum(count for _, count in variant["palette"]) == int((output.pixels[..., 3] > 0).sum())
    assert variant["output"] == "out/red.png"


def test_a_picture_not_made_yet_is_said_to_be_missing(tree: Tree, tmp_path: Path) -> None:
    """A tree that was never converted gives a page as well."""
    made(tree, tmp_path / "page")
    assert memory(tmp_path / "page")["red.png"]["variants"][0]["outcome"] == "missing"


def test_only_what_changed_is_looked_at_again(converted: Tree, tmp_path: Path) -> None:
    """The second page reads nothing anew; an output that is made anew is marked as changed, the others are not."""
    page = tmp_path / "page"
    made(converted, page)
    again = Review(converted, page, workers=1)
    assert not any(looked.fresh for looked in again)
    again.write()
    other = plain_tree(converted.source, converted.output, load("character-32", {"grid.size": (16, 16)}))
    red, blue = other.output / "red.png", other.output / "<b>blue&.png"
    red.write_bytes(blue.read_bytes())
    other.ledger.unlink()
    changed = made(other, page)
    found = {subject["name"]: subject["variants"][0]["change"] for subject in changed.subjects}
    assert found["red.png"] == "changed"
    assert found["<b>blue&.png"] == "same"


def test_other_ways_are_tried_beside(converted: Tree, tmp_path: Path) -> None:
    """--also converts every picture once more, for the page alone."""
    made(converted, tmp_path / "page", "character-32,palette.colors=3", "game-boy")
    variants = memory(tmp_path / "page")["red.png"]["variants"]
    assert [one["label"] for one in variants] == ["character-32", "character-32,palette.colors=3", "game-boy"]
    assert len(variants[1]["palette"]) <= 3
    assert variants[1]["set"] == {"palette.colors": 3}
    assert not list(converted.output.glob("*game*"))


def test_pictures_that_are_no_longer_shown_are_removed(converted: Tree, tmp_path: Path) -> None:
    """The page's folder holds the pictures of its records and no others."""
    page = tmp_path / "page"
    made(converted, page, "game-boy")
    before = set(page.glob("pictures/*/*"))
    made(converted, page)
    after = set(page.glob("pictures/*/*"))
    assert after < before


@pytest.mark.parametrize("name", ["art", "out"])
def test_a_page_is_never_written_among_pictures(converted: Tree, tmp_path: Path, name: str) -> None:
    """Neither into the sources nor into the outputs, nor into a folder of somebody else's files."""
    with pytest.raises(OutputError, match="folder"):
        made(converted, tmp_path / name)
    assert not (tmp_path / name / PAGE).exists()
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.txt").write_text("mine")
    with pytest.raises(OutputError, match="not empty"):
        made(converted, other)


def test_names_are_no_code(converted: Tree, tmp_path: Path) -> None:
    """A file name with tags in it stays text in the page and in its data."""
    made(converted, tmp_path / "page")
    assert "</script" not in (tmp_path / "page" / DATA).read_text("utf-8")


def test_the_command_makes_the_page(converted: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    """`pixforge review SRC DST` writes it beside the output and reports what it shows."""
    places = [str(converted.source), str(converted.output)]
    assert boundary.run(["review", *places, "-p", "character-32", "--size", "16x16", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["outcomes"] == {"made": 3, "failed": 1}
    assert Path(report["page"]) == converted.output.with_name("out-review") / PAGE
    assert Path(report["page"]).is_file()


def test_a_dry_run_says_what_would_be_looked_at_and_writes_nothing(
    converted: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    """All of it before there is a page, one picture after that one's output was made anew; no file comes or changes."""
    command = [
        "review",
        str(converted.source),
        str(converted.output),
        "-p",
        "character-32",
        "--size",
        "16x16",
        "--json",
    ]
    folder = converted.source.parent

    def files() -> dict[Path, bytes]:
        """All but the ledger, which is opened to be read."""
        found = (path for path in folder.rglob("*") if path.is_file() and ".pixforge" not in path.parts)
        return {path: path.read_bytes() for path in found}

    def dry() -> tuple[int, int, bool]:
        before = files()
        assert boundary.run([*command, "--dry-run"]) == 0
        assert files() == before
        report = json.loads(capsys.readouterr().out)
        return report["pictures"], report["fresh"], report["written"]

    assert dry() == (4, 4, False)
    assert boundary.run(command) == 0
    assert json.loads(capsys.readouterr().out)["written"] is True
    assert dry() == (4, 0, False)
    drawing(converted.source / "red.png", (250, 90, 90))
    assert dry() == (4, 1, False)


@pytest.mark.parametrize("flag", ["--hook=after-run=true", "--strict-hooks", "--overwrite"])
def test_what_a_page_cannot_do_is_no_option_of_it(converted: Tree, flag: str) -> None:
    """It converts nothing into DST and runs no hooks, so that it takes no flags about them."""
    assert boundary.run(["review", str(converted.source), str(converted.output), flag]) == 2


PROJECT = """# The studio's tree.
source = "art"
output = "out"

# Heroes first.
[[rule]]
match = "heroes/**"
preset = "character-32"
"""
PICKS = """[[rule]]
match = "red.png"
preset = "game-boy"
set = { "palette.colors" = 3 }
"""


def test_picks_become_the_first_rules(tmp_path: Path) -> None:
    """They win over the rules that are there; comments and other rules stay; a second time nothing changes."""
    (tmp_path / "art").mkdir()
    project, picks = tmp_path / "pixforge.toml", tmp_path / "picks.toml"
    project.write_text(PROJECT)
    picks.write_text(PICKS)
    assert apply_picks(picks, project, dry=True) == ["red.png"]
    assert project.read_text() == PROJECT
    assert apply_picks(picks, project) == ["red.png"]
    text = project.read_text()
    assert "# The studio's tree." in text
    assert text.index('"red.png"') < text.index('"heroes/**"')
    tree = load_project(project)
    job = tree.job(tree.source / "red.png")
    assert job is not None
    assert (job.preset.name, job.preset.palette.colors) == ("game-boy", 3)
    assert apply_picks(picks, project) == []
    assert project.read_text() == text


def test_a_newer_pick_replaces_the_older(tmp_path: Path) -> None:
    """One picture has one rule."""
    project, picks = tmp_path / "pixforge.toml", tmp_path / "picks.toml"
    project.write_text(PROJECT)
    picks.write_text(PICKS)
    apply_picks(picks, project)
    picks.write_text(PICKS.replace("game-boy", "character-32"))
    apply_picks(picks, project)
    assert project.read_text().count('"red.png"') == 1


def test_wrong_picks_change_nothing(tmp_path: Path) -> None:
    """A file without rules, or with an unknown key, is refused by name."""
    project, picks = tmp_path / "pixforge.toml", tmp_path / "picks.toml"
    project.write_text(PROJECT)
    for text in ("", '[[rule]]\nmatch = "a"\npresset = "b"\n'):
        picks.write_text(text)
        with pytest.raises(SettingsError, match="picks"):
            apply_picks(picks, project)
    assert project.read_text() == PROJECT


def test_data_is_json(converted: Tree, tmp_path: Path) -> None:
    """The data file is one assignment of one JSON document."""
    made(converted, tmp_path / "page")
    text = (tmp_path / "page" / DATA).read_text("utf-8")
    head, _, body = text.partition(" = ")
    assert head == "window.PIXFORGE_REVIEW"
    assert len(json.loads(body.rstrip().removesuffix(";"))["subjects"]) == 4


def test_a_clip_is_shown_frame_by_frame(tree: Tree, tmp_path: Path) -> None:
    """An animation's sheet is cut into its frames again, with their durations; a clip has scores as a still has."""
    frames = []
    for step in range(3):
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[8 + 16 * step : 20 + 16 * step, 20:44] = (200, 60, 60, 255)
        frames.append(Image.fromarray(pixels))
    frames[0].save(tree.source / "move.gif", save_all=True, append_images=frames[1:], duration=40, loop=0, disposal=2)
    list(Batch(tree, Options(workers=1)))
    made(tree, tmp_path / "page", "game-boy")
    subject = memory(tmp_path / "page")["move.gif"]
    assert subject["film"]["durations"] == [40, 40, 40]
    for variant in subject["variants"]:
        assert variant["film"]["durations"] == [40, 40, 40]
        assert variant["scores"]["colour"] is not None


def test_a_batch_can_write_the_page_at_once(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    """`batch --review` converts and then writes it; the JSON says where."""
    places = [str(tree.source), str(tree.output), "-j", "1", "--size", "16x16", "--review", "--json"]
    assert boundary.run(["batch", *places]) == 3
    page = Path(json.loads(capsys.readouterr().out)["review"])
    assert page == tree.output.with_name("out-review") / PAGE
    assert len(memory(page.parent)) == 4
