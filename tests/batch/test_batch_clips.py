"""Batches of clips: several files a job, told apart from what is the user's, made again when any of them changes."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pixforge.batch import Batch, Options
from pixforge.engine.files import convert_file
from pixforge.engine.ledger import Ledger
from pixforge.engine.run import run_job
from pixforge.errors import SettingsError
from pixforge.image.load import load_frames
from pixforge.project.tree import Tree, load_project
from pixforge.sheet.sources import read_sheet

Draw = Callable[..., Path]
PROJECT = """
source = "art"
output = "game"
set = {{ method.name = "identity", grid.width = 8 }}
[[rule]]
match = "walk/*"
clip = "folder"
targets = {targets}
[[rule]]
match = "run/*"
clip = "numbered"
duration = 50
[[rule]]
match = "cast/*"
clip = "cast"
[[rule]]
match = "sheets/*"
cut = [24, 16]
targets = ["gif"]
[[rule]]
match = "**"
"""


def load(folder: Path, targets: str = '["godot", "aseprite"]') -> Tree:
    (folder / "pixforge.toml").write_text(PROJECT.format(targets=targets))
    return load_project(folder / "pixforge.toml")


@pytest.fixture
def tree(tmp_path: Path, drawn: Draw) -> Tree:
    """A project with one of every kind of clip, and a still."""
    names = ("walk/a1.png", "walk/a2.png", "walk/a10.png", "run/r_1.png", "run/r_2.png", "cast/x.png", "cast/y.png",
             "sheets/s.png", "still.png")  # fmt: skip
    for seed, name in enumerate(names):
        drawn(tmp_path / "art" / name, seed)
    return load(tmp_path)


def run(tree: Tree, **options: object) -> dict[str, str]:
    """Run and return the status of every job, by its source."""
    outcomes = Batch(tree, Options(workers=1, **options))  # type: ignore[arg-type]
    return {outcome.source.relative_to(tree.source).as_posix(): outcome.status for outcome in outcomes}


def outputs(tree: Tree) -> set[str]:
    return {path.relative_to(tree.output).as_posix() for path in tree.output.rglob("*") if path.is_file()}


ALL = ("still.png", "cast/*", "run/r*", "sheets/s.png", "walk/*")
WALK = {"walk.tres", "walk.tscn", "walk.png", "walk.png.import", "walk.aseprite"}


def test_every_kind_of_clip_is_one_job_and_nothing_is_done_twice(tree: Tree) -> None:
    assert run(tree) == dict.fromkeys(ALL, "written")
    assert outputs(tree) == WALK | {"run/r.png", "run/r.json", "cast/x.png", "cast/y.png", "sheets/s.gif", "still.png"}
    assert run(tree) == dict.fromkeys(ALL, "unchanged")
    assert set(read_sheet(tree.output / "run" / "r.json").durations) == {50}
    with Ledger(tree.ledger, tree.root) as ledger:
        made = {path.name: row.made for path, row in ledger.rows()}
    assert made == {"walk.tres": 1, "r.png": 1, "cast": 1, "s.gif": 1, "still.png": 1}


def test_a_new_a_changed_and_a_removed_frame_make_the_clip_again(tree: Tree, drawn: Draw) -> None:
    run(tree)
    drawn(tree.source / "run" / "r_3.png", 70)
    assert [name for name, status in run(tree).items() if status == "written"] == ["run/r*"]
    assert len(read_sheet(tree.output / "run" / "r.json").frames) == 3
    drawn(tree.source / "run" / "r_1.png", 80)
    assert [name for name, status in run(tree).items() if status == "written"] == ["run/r*"]
    (tree.source / "run" / "r_2.png").unlink()
    assert [name for name, status in run(tree).items() if status == "written"] == ["run/r*"]
    assert len(read_sheet(tree.output / "run" / "r.json").frames) == 2


@pytest.mark.parametrize("harm", ["delete", "alter"])
@pytest.mark.parametrize("name", ["walk.tres", "walk.png", "walk.aseprite", "run/r.json", "cast/y.png", "sheets/s.gif"])
def test_any_output_that_is_not_what_was_made_is_made_again(tree: Tree, name: str, harm: str) -> None:
    run(tree)
    path = tree.output / name
    before = path.read_bytes()
    path.unlink() if harm == "delete" else path.write_bytes(b"altered")
    statuses = run(tree)
    assert sorted(statuses.values()) == ["unchanged"] * 4 + ["written"]
    assert path.read_bytes() == before


def test_what_belongs_to_the_user_is_neither_checked_nor_pruned_once_it_was_changed(tree: Tree, drawn: Draw) -> None:
    run(tree)
    (tree.output / "walk.tscn").write_text("edited in Godot")
    (tree.output / "walk.png.import").unlink()
    assert run(tree) == dict.fromkeys(ALL, "unchanged")
    drawn(tree.source / "walk" / "a3.png", 90)
    run(tree)
    assert (tree.output / "walk.tscn").read_text() == "edited in Godot"
    for path in (tree.source / "walk").iterdir():
        path.unlink()
    run(tree, prune=True)
    assert outputs(tree) & (WALK | {"walk.png.import"}) == {"walk.tscn"}


def test_files_of_a_former_target_are_pruned_and_only_when_asked(tmp_path: Path, tree: Tree) -> None:
    run(tree)
    fewer = load(tmp_path, '["godot"]')
    assert run(fewer)["walk/*"] in ("written", "unchanged")
    assert (tree.output / "walk.aseprite").exists()
    batch = Batch(fewer, Options(workers=1, prune=True))
    list(batch)
    assert [path.name for path in batch.pruned] == ["walk.aseprite"]
    other = load(tmp_path, '["gif"]')
    run(other, prune=True)
    assert outputs(tree) & (WALK | {"walk.gif"}) == {"walk.gif"}


def test_a_page_keeps_its_owner_when_another_target_takes_its_place(tmp_path: Path, tree: Tree) -> None:
    """walk.png is the main file first and a page of walk.tres afterwards: pruning the old job leaves it."""
    run(load(tmp_path, '["png"]'))
    assert (tree.output / "walk.png").exists()
    run(load(tmp_path, '["godot"]'), prune=True)
    assert outputs(tree) & WALK == WALK - {"walk.aseprite"}
    assert run(load(tmp_path, '["godot"]'), prune=True) == dict.fromkeys(ALL, "unchanged")


def test_two_jobs_of_one_file_are_refused_with_both_names_also_where_only_converting_tells(
    tmp_path: Path, drawn: Draw
) -> None:
    drawn(tmp_path / "art" / "a" / "1.png", 1)
    drawn(tmp_path / "art" / "a" / "2.png", 2)
    drawn(tmp_path / "art" / "a-0.png", 3)
    (tmp_path / "pixforge.toml").write_text(
        'source = "art"\noutput = "game"\nset = { method.name = "identity", grid.width = 8, sheet.max_size = 8 }\n'
        '[[rule]]\nmatch = "a/*"\nclip = "folder"\ntargets = ["png"]\nset = { sheet.trim = false }\n'
        '[[rule]]\nmatch = "*"\n'
    )
    tree = load_project(tmp_path / "pixforge.toml")
    outcomes = list(Batch(tree, Options(workers=1)))
    assert sorted(outcome.status for outcome in outcomes) == ["failed", "written"]
    (failure,) = (outcome.failure for outcome in outcomes if outcome.failure is not None)
    assert "a-0.png" in failure.error["cause"]
    assert str(Path("a") / "*") in failure.error["cause"]


def test_a_foreign_file_that_only_converting_would_meet_is_kept(tree: Tree, drawn: Draw) -> None:
    run(tree)
    (tree.output / "walk-1.png").write_bytes(b"theirs")
    drawn(tree.source / "walk" / "a4.png", 91)
    job = next(job for job in tree.jobs() if job.source.name == "*" and job.source.parent.name == "walk")
    small = dataclasses.replace(job.preset, sheet=dataclasses.replace(job.preset.sheet, max_size=8, trim=False))
    with Ledger(tree.ledger, tree.root) as ledger:
        ours = frozenset(output.path for output in ledger.row(job.destination).outputs)  # type: ignore[union-attr]
        outcome = run_job(dataclasses.replace(job, preset=small), ours, ledger)
    assert outcome.failure is not None
    assert outcome.failure.error["kind"] == "output"
    assert (tree.output / "walk-1.png").read_bytes() == b"theirs"


def test_one_bad_clip_does_not_stop_the_others(tree: Tree, drawn: Draw) -> None:
    (tree.source / "walk" / "a2.png").write_bytes(b"no picture")
    statuses = run(tree)
    assert statuses == {**dict.fromkeys(ALL, "written"), "walk/*": "failed"}
    drawn(tree.source / "walk" / "a2.png", 5)
    assert run(tree) == {**dict.fromkeys(ALL, "unchanged"), "walk/*": "written"}


NETWORK = 'method = { name = "cyclegan", cyclegan = { colors = "network" } }, palette.colors = 4'


@pytest.mark.parametrize("method", ['method.name = "identity"', NETWORK])
def test_processes_give_what_one_gives(tree: Tree, tmp_path: Path, method: str) -> None:
    """Also where the palette of a job's pictures is fitted to what a network makes of them."""
    project = tree.root / "pixforge.toml"
    project.write_text(project.read_text().replace('method.name = "identity"', method))
    tree = load_project(project)
    run(tree)
    alone = {path: path.read_bytes() for path in tree.output.rglob("*") if path.is_file()}
    tree.output.rename(tmp_path / "first")
    (tree.ledger).unlink()
    list(Batch(tree, Options(workers=2)))
    assert {path: path.read_bytes() for path in tree.output.rglob("*") if path.is_file()} == alone


def test_outputs_that_were_cut_short_are_completed(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that ends between two files leaves a row and a part of the files; the next run makes the rest."""
    from pixforge.engine import files

    job = next(job for job in tree.jobs() if job.source.parent.name == "walk")
    written: list[Path] = []
    real = files.save.write_atomic

    def dying(path: Path, data: bytes) -> bool:
        if len(written) == 3:
            raise KeyboardInterrupt
        written.append(path)
        return real(path, data)

    monkeypatch.setattr(files.save, "write_atomic", dying)
    with Ledger(tree.ledger, tree.root) as ledger, pytest.raises(KeyboardInterrupt):
        run_job(job, None, ledger)
    monkeypatch.undo()
    assert 0 < len(outputs(tree)) < len(WALK)
    assert run(tree)["walk/*"] == "written"
    assert outputs(tree) >= WALK


def test_a_dry_run_names_what_would_be_written(tree: Tree) -> None:
    named = {
        file.path.relative_to(tree.output).as_posix()
        for outcome in Batch(tree, Options(dry=True))
        for file in outcome.files
    }
    assert named == (WALK - {"walk.png.import"}) | {
        "run/r.png", "run/r.json", "cast/x.png", "cast/y.png", "sheets/s.gif", "still.png"
    }  # fmt: skip
    assert not tree.output.exists()


def test_a_sheet_is_cut_by_the_json_beside_it_and_made_again_when_that_changes(tmp_path: Path, drawn: Draw) -> None:
    page = drawn(tmp_path / "art" / "s.png", 4)
    (tmp_path / "pixforge.toml").write_text(
        'source = "art"\noutput = "game"\nset = { method.name = "identity", grid.width = 8 }\n'
        '[[rule]]\nmatch = "*"\nclip = "sheet"\ntargets = ["gif"]\n'
    )

    def cut(*boxes: tuple[int, int, int, int]) -> None:
        frames = [{"filename": str(n), "frame": dict(zip("xywh", box, strict=True))} for n, box in enumerate(boxes)]
        page.with_suffix(".json").write_text(json.dumps({"frames": frames, "meta": {}}))

    tree = load_project(tmp_path / "pixforge.toml")
    cut((0, 0, 12, 16), (12, 0, 12, 16))
    assert run(tree) == {"s.png": "written"}
    assert len(load_frames(tree.output / "s.gif")) == 2
    cut((0, 0, 8, 16), (8, 0, 8, 16), (16, 0, 8, 16))
    assert run(tree) == {"s.png": "written"}
    assert len(load_frames(tree.output / "s.gif")) == 3
    assert run(tree) == {"s.png": "unchanged"}


def test_a_cut_beside_another_kind_of_clip_is_a_mistake_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "pixforge.toml").write_text('output = "o"\n[[rule]]\nmatch = "*"\nclip = "cast"\ncut = [8, 8]\n')
    with pytest.raises(SettingsError, match=r"\[rule\[0\]\] cut: expected only beside"):
        load_project(tmp_path / "pixforge.toml")


def test_an_unknown_target_is_a_mistake_with_the_closest_name(tmp_path: Path) -> None:
    (tmp_path / "pixforge.toml").write_text('output = "o"\n[[rule]]\nmatch = "*"\ntargets = ["godto"]\n')
    with pytest.raises(SettingsError, match='did you mean "godot"'):
        load_project(tmp_path / "pixforge.toml")


def test_a_renamed_animation_is_converted_again_as_its_files_hold_its_name(tree: Tree) -> None:
    run(tree)
    (tree.source / "walk").rename(tree.source / "stride")
    (tree.root / "pixforge.toml").write_text(PROJECT.format(targets='["godot"]').replace("walk/*", "stride/*"))
    moved = load_project(tree.root / "pixforge.toml")
    assert run(moved, prune=True)["stride/*"] == "written"
    assert outputs(moved) & WALK == set()
    assert b"stride.png" in (moved.output / "stride.tres").read_bytes()
    assert convert_file(next(job for job in moved.jobs() if job.source.parent.name == "stride")).status == "unchanged"
