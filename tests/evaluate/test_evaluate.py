"""`pixforge evaluate` compares methods on the same pictures and says how sure it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.cli import boundary
from pixforge.errors import SettingsError
from pixforge.evaluate.examine import exact_pairs, keeps_contract, on_pairs, round_trip, size_of
from pixforge.evaluate.methods import Contender, contender
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.evaluate.table import interval
from pixforge.image.picture import Picture

Sprite = Callable[..., np.ndarray]


def test_the_command_measures_and_writes_everything(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, sheet = tmp_path / "table.csv", tmp_path / "sheet.png"
    args = [
        "--pixel",
        folders[0],
        "--drawings",
        folders[1],
        "--methods",
        "identity,nearest",
        "--limit",
        4,
        "--size",
        24,
    ]
    files = ["--csv", table, "--sheet", sheet]
    assert boundary.run([str(part) for part in ("evaluate", *args, *files, "--json")]) == 0
    document = json.loads(capsys.readouterr().out)
    found = {(row["contender"], row["task"], row["measure"]): row for row in document["means"]}
    assert found["identity", "drawings", "contract"]["mean"] == 1.0
    assert found["nearest", "drawings", "contract"]["mean"] == 1.0
    assert found["identity", "pairs", "exact"]["pictures"] == 4
    assert ("artist", "drawings", "orphans") in found
    assert all(row["low"] - 1e-9 <= row["mean"] <= row["high"] + 1e-9 for row in document["means"])
    assert document["drawings"] == 3
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(rows) == len(document["means"])
    with Image.open(sheet) as image:
        assert image.width > 2 * image.height / 3


def test_the_table_is_for_people_without_json(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(["evaluate", "--pixel", str(folders[0]), "--methods", "nearest", "--limit", "2"]) == 0
    out = capsys.readouterr().out
    assert "pairs" in out
    assert "exact" in out
    assert "nearest" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [([], "nothing to measure"), (["--pixel", ".", "--methods", "clasical"], 'did you mean "classical"')],
)
def test_mistakes_are_explained(args: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(["evaluate", *args]) == SettingsError.exit_code
    assert words in capsys.readouterr().err


def test_pairs_are_the_same_on_every_call(sprite: Sprite) -> None:
    subjects = [Subject(str(seed), "x", Picture(sprite(seed))) for seed in range(6)]
    first, second = exact_pairs(subjects), exact_pairs(subjects)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.drawing.pixels, other.drawing.pixels)
        assert (one.drawing.width, one.drawing.height) == (8 * one.logical.width, 8 * one.logical.height)


def test_the_artist_would_recover_every_cell(sprite: Sprite) -> None:
    pairs = exact_pairs([Subject("a", "x", Picture(sprite()))])
    right = pairs[0].logical.pixels
    values = {value.measure: value.value for value in on_pairs(Contender("artist", lambda *_: right), pairs)}
    assert values == {"exact": 1.0, "hard": 1.0}


def test_sources_take_turns(folders: tuple[Path, Path]) -> None:
    chosen = load_subjects(folders[0], "pixel", 4)
    assert sorted(subject.source for subject in chosen) == ["a", "a", "b", "b"]
    again = load_subjects(folders[0], "pixel", 4)
    assert [subject.name for subject in chosen] == [subject.name for subject in again]


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="holds no drawing pictures"):
        load_subjects(tmp_path, "drawing", 4)


def test_the_contract_check_can_fail(sprite: Sprite) -> None:
    cells = sprite()
    assert keeps_contract(cells, 16, 16, 3)
    assert not keeps_contract(cells, 16, 16, 2)
    assert not keeps_contract(cells, 15, 16, 3)
    soft, stained = cells.copy(), cells.copy()
    soft[8, 8, 3] = 100
    stained[0, 0, 0] = 1
    assert not keeps_contract(soft, 16, 16, 9)
    assert not keeps_contract(stained, 16, 16, 9)


@pytest.mark.parametrize("name", ["nearest", "area", "k-centroid", "identity"])
def test_every_contender_keeps_size_and_colours(name: str, sprite: Sprite) -> None:
    drawing = Picture(sprite(3, 90))
    convert = contender(name).convert
    assert convert is not None
    assert keeps_contract(convert(drawing, 20, 20, 5), 20, 20, 5)


def test_the_round_trip_of_squares_is_perfect_and_its_grid_is_seen(sprite: Sprite) -> None:
    subjects = [Subject(str(seed), "x", Picture(sprite(seed))) for seed in range(3)]

    def measure(name: str) -> dict[str, float]:
        return {value.measure: value.value for value in round_trip(contender(name), subjects)}

    squares, smooth, rounded = measure("nearest"), measure("lanczos"), measure("scale2x")
    assert squares["exact"] == 1.0
    assert squares["grid visibility"] == pytest.approx(1.0)
    assert abs(smooth["grid visibility"]) < 0.35
    assert squares["sharpness"] > rounded["sharpness"] > smooth["sharpness"]


def test_the_interval_holds_the_mean_and_shrinks_with_more_pictures() -> None:
    rng = np.random.default_rng(0)
    few, many = rng.normal(size=10).tolist(), rng.normal(size=1000).tolist()
    for numbers in (few, many):
        mean, low, high = interval(numbers)
        assert mean == pytest.approx(np.mean(numbers))
        assert low <= mean <= high
    assert np.diff(interval(many)[1:]) < np.diff(interval(few)[1:])
    assert interval([0.5]) == (0.5, 0.5, 0.5)


def test_the_longer_side_is_what_was_asked_for() -> None:
    assert size_of(Picture(np.zeros((30, 90, 4), np.uint8)), 45) == (45, 15)
    assert size_of(Picture(np.zeros((400, 1, 4), np.uint8)), 16) == (1, 16)
