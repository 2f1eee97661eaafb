"""`pixforge evaluate` compares methods on the same pictures and says how sure it is."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.cli import boundary
from pixforge.errors import SettingsError
from pixforge.evaluate import work
from pixforge.evaluate.examine import colour_count, exact_pair, keeps_contract, loss, on_pair, round_trip, size_of
from pixforge.evaluate.methods import Contender, contender, entrant
from pixforge.evaluate.subjects import Subject, load_subjects
from pixforge.evaluate.table import Finding, distances, interval, means, shown, to_markdown
from pixforge.evaluate.work import Setting, Wish, findings, jobs
from pixforge.image.picture import Picture
from pixforge.train.data.manifest import Kind, Split, read_manifest, write_manifest

Sprite = Callable[..., np.ndarray]


def run(*args: object) -> int:
    return boundary.run(["evaluate", *(str(part) for part in args)])


def test_the_command_measures_a_data_set_and_writes_everything(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, sheet, plots, text = (tmp_path / name for name in ("table.csv", "sheet.png", "plots", "table.md"))
    wanted = ["--method", "identity", "--peer", "nearest", "--peer", "hqx-like", "--limit", 6, "--size", 24]
    files = ["--csv", table, "--sheet", sheet, "--plots", plots, "--markdown", text]
    assert run(dataset, *wanted, *files, "--workers", 1, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    found = {(row["contender"], row["task"], row["measure"]): row for row in document["means"]}
    assert document["contenders"] == ["identity", "nearest", "hqx-like"]
    assert found["identity", "drawings", "contract"]["mean"] == 1.0
    assert found["nearest", "drawings", "contract"]["mean"] == 1.0
    assert found["identity", "pairs", "exact"]["pictures"] == 6
    assert found["nearest", "grounds", "white altered"]["mean"] == 0.0
    assert found["hqx-like", "round trip", "sharpness"]["pictures"] == 6
    assert ("hqx-like", "drawings", "contract") not in found
    assert ("artist", "drawings", "orphans") in found
    assert all(row["low"] - 1e-9 <= row["mean"] <= row["high"] + 1e-9 for row in document["means"])
    assert (document["sprites"], document["drawings"]) == (6, 3)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    assert len(rows) == len(document["means"])
    assert "| exact | " in text.read_text(encoding="utf-8")
    with Image.open(sheet) as image:
        assert image.width > 2 * image.height / 3
    assert {Path(path).name for path in document["plots"]} == {path.name for path in plots.iterdir()}
    assert (plots / "drawings.png").stat().st_size > 1000


def test_the_table_is_for_people_without_json(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--pixel", folders[0], "--peer", "nearest", "--limit", 2) == 0
    out = capsys.readouterr().out
    assert "pairs" in out
    assert "exact" in out
    assert "nearest" in out


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ([], "nothing to measure"),
        (["--pixel", "PIXEL", "-m", "clasical"], 'did you mean "classical"'),
        (["--pixel", "PIXEL", "--peer", "area", "-m", "area"], "the same name"),
        (["--pixel", "PIXEL", "-m", "classical[fine = x]"], "are no TOML"),
    ],
)
def test_mistakes_are_explained(
    args: list[str], words: str, folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*(str(folders[0]) if part == "PIXEL" else part for part in args)) == SettingsError.exit_code
    assert words in capsys.readouterr().err


def test_several_processes_find_what_one_does_and_the_cache_holds_it(dataset: Path, tmp_path: Path) -> None:
    """The findings are equal, in order; a cache saves measuring anything twice, except what is damaged."""
    todo = jobs(load_subjects(dataset, "pixel", 2), load_subjects(dataset, "drawing", 1))
    entrants = (entrant("nearest"), entrant("identity"))
    cache = tmp_path / "findings"

    def values(setting: Setting, workers: int) -> list[dict[str, float]]:
        some = [dict(one.values) for group in findings(todo, setting, workers) for one in group]
        return [{key: value for key, value in one.items() if key != "seconds"} for one in some]

    alone = values(Setting(entrants, Wish(size=16)), 1)
    assert values(Setting(entrants, Wish(size=16), cache), 2) == alone
    files = sorted(cache.iterdir())
    before = [path.stat().st_mtime_ns for path in files]
    files[0].write_text("{", encoding="utf-8")
    assert values(Setting(entrants, Wish(size=16), cache), 1) == alone
    after = [path.stat().st_mtime_ns for path in files]
    assert after[1:] == before[1:]
    assert json.loads(files[0].read_text(encoding="utf-8"))["contender"]
    assert values(Setting(entrants, Wish(size=12), cache), 1) != alone


def test_the_digest_of_the_source_is_computed_once_and_passed_on(
    dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers keep findings under the digest of the process that started them; another digest finds nothing kept."""
    todo = jobs(load_subjects(dataset, "pixel", 1), load_subjects(dataset, "drawing", 1))
    setting = Setting((entrant("nearest"),), Wish(size=16), tmp_path / "findings")
    digests = iter(("one", "one", "two"))
    monkeypatch.setattr(work, "source_digest", lambda: next(digests))
    counts = []
    for workers in (2, 1, 1):
        list(findings(todo, setting, workers))
        counts.append(len(list((tmp_path / "findings").iterdir())))
    assert counts[0] == counts[1] > 0
    assert counts[2] == 2 * counts[0]


def test_pairs_are_the_same_on_every_call(sprite: Sprite) -> None:
    for seed in range(6):
        subject = Subject(str(seed), "x", Picture(sprite(seed)))
        one, other = exact_pair(subject, seed), exact_pair(subject, seed)
        assert np.array_equal(one.drawing.pixels, other.drawing.pixels)
        assert (one.drawing.width, one.drawing.height) == (8 * one.logical.width, 8 * one.logical.height)


def test_the_artist_would_recover_every_cell(sprite: Sprite) -> None:
    pair = exact_pair(Subject("a", "x", Picture(sprite())), 0)
    values, _ = on_pair(Contender("artist", lambda *_: pair.logical.pixels), pair)
    assert values == {"exact": 1.0, "hard": 1.0}


def test_a_method_can_enter_with_other_options(folders: tuple[Path, Path]) -> None:
    """Measured at two fine pixels a cell a drawing comes out otherwise; the name says all."""
    plain, other = contender("classical"), contender("classical[fine = 2]")
    assert other.name == "classical[fine = 2]"
    drawn = load_subjects(folders[1], "drawing", 1)[0].picture
    assert plain.convert is not None
    assert other.convert is not None
    assert not np.array_equal(plain.convert(drawn, 20, 20, 8), other.convert(drawn, 20, 20, 8))


def test_sources_take_turns(folders: tuple[Path, Path]) -> None:
    chosen = load_subjects(folders[0], "pixel", 4)
    assert sorted(subject.source for subject in chosen) == ["a", "a", "b", "b"]
    again = load_subjects(folders[0], "pixel", 4)
    assert [subject.name for subject in chosen] == [subject.name for subject in again]


def test_unseen_drawings_are_of_both_splits_that_training_leaves_alone(dataset: Path) -> None:
    """Sprites of split validate choose checkpoints, so that they are no part of it."""
    splits: tuple[Split, ...] = ("train", "validate", "held-out")
    entries = [replace(entry, split=splits[place % 3]) for place, entry in enumerate(read_manifest(dataset))]
    write_manifest(dataset, entries)
    wanted: dict[Kind, set[Split]] = {"pixel": {"held-out"}, "drawing": {"held-out", "validate"}}
    for kind, some in wanted.items():
        found = {one.name for one in load_subjects(dataset, kind, 99, "unseen")}
        assert found == {Path(one.file).stem for one in entries if one.kind == kind and one.split in some}


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
    def measure(name: str) -> dict[str, float]:
        found = [round_trip(contender(name), Picture(sprite(seed)))[0] for seed in range(3)]
        return {key: float(np.mean([one[key] for one in found])) for key in found[0]}

    squares, smooth, rounded = measure("nearest"), measure("lanczos"), measure("scale2x")
    assert squares["exact"] == 1.0
    assert squares["grid visibility"] == pytest.approx(1.0)
    assert abs(smooth["grid visibility"]) < 0.35
    assert squares["cycle"] == 0
    assert squares["identity"] == 0
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


def test_the_loss_has_the_scale_of_pictures_in_minus_one_to_one() -> None:
    black, white = np.zeros((2, 2, 4), np.uint8), np.full((2, 2, 4), 255, np.uint8)
    black[..., 3] = 255
    assert loss(black, white) == pytest.approx(2)
    assert loss(np.zeros_like(black), white) == 0  # nothing is shown on white


def test_distances_compare_sets_of_equal_size_and_the_artist_with_himself() -> None:
    rng = np.random.default_rng(0)

    def some(name: str, shift: float, count: int) -> list[Finding]:
        rows = rng.normal(shift, 1, (count, 3))
        return [Finding(name, "drawings", str(i), {}, tuple(map(float, row))) for i, row in enumerate(rows)]

    rows = list(distances([*some("artist", 0, 60), *some("far", 2, 40), *some("near", 0, 30), *some("few", 0, 3)]))
    found = {(row.contender, row.measure): row for row in rows}
    assert found["far", "kernel distance"].low > found["near", "kernel distance"].high
    assert found["artist", "kernel distance"].low < 0 < found["artist", "kernel distance"].high
    assert {row.pictures for row in rows if row.measure == "frechet distance"} == {30}
    assert "±" not in shown(found["far", "frechet distance"])
    assert "±" in shown(found["far", "kernel distance"])
    assert "few" not in {row.contender for row in rows}
    assert not list(distances(some("far", 2, 40)))


def test_a_table_in_markdown_has_a_line_a_measure() -> None:
    rows = means([Finding("a", "pairs", "x", {"exact": 0.5}), Finding("b", "pairs", "x", {"exact": 0.25, "hard": 1.0})])
    lines = to_markdown(rows).splitlines()
    assert lines == [
        "| pairs | a | b |",
        "|---|---|---|",
        "| exact | 0.500 ±0.000 | 0.250 ±0.000 |",
        "| hard |  | 1.000 ±0.000 |",
    ]


def test_colours_of_nothing_are_none() -> None:
    assert colour_count(np.zeros((2, 2, 4), np.uint8)) == 0
