"""The watch by scripted changes and a clock of its own: no events, no waiting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge import preset
from pixforge.engine.content import Stamp
from pixforge.engine.ledger import Ledger
from pixforge.engine.workers import Here, Setup
from pixforge.project.hooks import Hooks
from pixforge.project.schema import WatchTable
from pixforge.project.tree import Tree, load_project, plain_tree
from pixforge.watch.changes import Changes
from pixforge.watch.core import Note, Watcher
from pixforge.watch.notes import note_of

PRESET = preset.parse({"direction": "to-pixel", "method": {"name": "identity"}, "grid": {"width": 8}}, "test")


def draw(path: Path, seed: int = 0) -> Path:
    pixels = np.zeros((16, 24, 4), np.uint8)
    pixels[3:13, 4:20] = (seed % 256, 50, 128, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


class Scene:
    """A watch whose changes and time are the test's."""

    def __init__(self, load: Callable[[], Tree]) -> None:
        self.now = 0.0
        self.open: set[Path] = set()
        self.stopped = False
        self.tree = load()
        self.ledger = Ledger(self.tree.ledger, self.tree.root)
        setup = Setup(self.tree.ledger, self.tree.root)
        self.watcher = Watcher(
            self.tree, load, self.ledger, lambda _tree, _count: Here(setup), Hooks(self.tree.hooks, self.tree.root),
            lambda: self.stopped, lambda path: path in self.open,
        )  # fmt: skip
        self._batches: list[Changes] = []
        self._notes = self.watcher.run(self._feed())

    def _feed(self) -> Iterator[Changes]:
        while True:
            yield self._batches.pop(0) if self._batches else Changes(-1.0)

    def hear(self, *paths: Path, seconds: float = 0.0, everything: bool = False) -> list[str]:
        """Hear of paths, then let time pass in steps; return what happened."""
        folders = frozenset(path for path in paths if path.is_dir())
        self._batches = [Changes(self.now, frozenset(paths) - folders, folders, everything)]
        end = self.now + seconds
        while self.now < end:
            self.now = min(self.now + 0.25, end)
            self._batches.append(Changes(self.now))
        notes: list[Note] = []
        while self._batches:
            notes += self.watcher._attempt(self._batches.pop(0))
        return [_say(note) for note in notes]

    def made(self) -> dict[str, int]:
        return {path.name: row.made for path, row in self.ledger.rows()}

    def outputs(self) -> list[str]:
        files = self.tree.output.rglob("*.png")
        return sorted(path.relative_to(self.tree.output).as_posix() for path in files)

    def close(self) -> None:
        self.watcher._close()
        self.ledger.close()


def _say(note: Note) -> str:
    path = note.outcome.source if note.outcome is not None else note.path
    return f"{note.kind} {path.name}" if path is not None else note.kind


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """An empty folder that has been gone through."""
    (tmp_path / "art").mkdir()

    def load() -> Tree:
        tree = plain_tree(tmp_path / "art", tmp_path / "out", PRESET)
        tree.watch = WatchTable(settle=1.0, rescan=1000.0)
        return tree

    opened = Scene(load)
    assert opened.hear(everything=True, seconds=2) == ["ready"]
    yield opened
    opened.close()


def test_a_file_is_taken_once_when_it_has_settled(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    assert scene.hear(path, seconds=0.75) == []
    assert scene.hear(path, path, seconds=0.75) == [], "heard of again: it waits again"
    assert scene.hear(seconds=1) == ["made a.png"]
    assert scene.hear(path, seconds=3) == [], "an event without a change"
    assert scene.made() == {"a.png": 1}


def test_a_file_that_grows_or_is_open_for_writing_is_not_taken(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    scene.open.add(path)
    scene.hear(path, seconds=0.75)
    path.write_bytes(whole[:80])  # no event for this: its size tells
    assert scene.hear(seconds=5) == []
    path.write_bytes(whole)
    scene.open.clear()
    assert scene.hear(seconds=2) == ["made a.png"]
    assert scene.made() == {"a.png": 1}
    assert not note_of(path).exists()


def test_a_half_written_picture_that_nobody_holds_open_gets_time_and_no_note(scene: Scene) -> None:
    """Where the system does not tell who writes, a damaged picture may be one that is not finished."""
    path = draw(scene.tree.source / "a.png")
    whole = path.read_bytes()
    path.write_bytes(whole[:60])
    assert scene.hear(path, seconds=4) == []
    assert not note_of(path).exists()
    path.write_bytes(whole)
    assert scene.hear(path, seconds=3) == ["made a.png"]


def test_a_picture_that_cannot_be_converted_gets_a_note_until_it_changes(scene: Scene) -> None:
    path = scene.tree.source / "a.png"
    path.write_bytes(b"no picture")
    os.utime(path, (1, 1))
    assert scene.hear(path, seconds=3) == ["failed a.png"]
    note = note_of(path)
    assert "was not converted" in note.read_text()
    assert scene.hear(path, note, seconds=5) == [], "it is not tried again, and the note is no picture"
    draw(path)
    assert scene.hear(path, seconds=2) == ["made a.png"]
    assert not note.exists()
    assert scene.watcher.failing == {}


def test_a_failing_picture_that_is_deleted_takes_its_note_along(scene: Scene) -> None:
    path = scene.tree.source / "a.png"
    path.write_bytes(b"no picture")
    os.utime(path, (1, 1))
    scene.hear(path, seconds=3)
    path.unlink()
    assert scene.hear(path, seconds=5) == []
    assert not note_of(path).exists()


def test_a_deleted_picture_takes_its_output_along_unless_that_was_altered(scene: Scene) -> None:
    first, second = draw(scene.tree.source / "x" / "a.png", 1), draw(scene.tree.source / "b.png", 2)
    scene.hear(first, second, seconds=2)
    (scene.tree.output / "b.png").write_bytes(b"an artist was here")
    first.unlink()
    second.unlink()
    assert scene.hear(first, second, seconds=5) == ["removed a.png"]
    assert scene.outputs() == ["b.png"]
    assert not (scene.tree.output / "x").exists()


def test_a_renamed_picture_is_not_converted_again(scene: Scene) -> None:
    old, new = draw(scene.tree.source / "a.png"), scene.tree.source / "b.png"
    scene.hear(old, seconds=2)
    old.rename(new)
    assert scene.hear(old, new, seconds=5) == ["made b.png", "removed a.png"]
    assert (scene.outputs(), scene.made()) == (["b.png"], {"b.png": 0})


def test_a_renamed_folder_is_not_converted_again(scene: Scene) -> None:
    for number in range(3):
        draw(scene.tree.source / "npc" / f"{number}.png", number)
    old, new = scene.tree.source / "npc", scene.tree.source / "people"
    assert len(scene.hear(old, seconds=4)) == 3
    old.rename(new)
    happened = scene.hear(old, new, seconds=8)
    assert sorted(happened) == [*(f"made {n}.png" for n in range(3)), *(f"removed {n}.png" for n in range(3))]
    assert scene.outputs() == ["people/0.png", "people/1.png", "people/2.png"]
    assert set(scene.made().values()) == {0}


def test_a_save_by_rename_is_one_conversion(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png", 1)
    scene.hear(path, seconds=2)
    draft = draw(scene.tree.source / ".a.png.tmp.png", 2)
    path.unlink()
    scene.hear(path, draft, seconds=0.5)
    draft.rename(path)
    assert scene.hear(path, draft, seconds=5) == ["made a.png"]
    assert scene.made() == {"a.png": 2}


def test_what_was_missed_is_found_at_the_start_and_after_a_lost_event(scene: Scene) -> None:
    kept, gone = draw(scene.tree.source / "a.png", 1), draw(scene.tree.source / "b.png", 2)
    scene.hear(kept, gone, seconds=2)
    gone.unlink()
    draw(scene.tree.source / "deep" / "c.png", 3)
    assert sorted(scene.hear(everything=True, seconds=6)) == ["made c.png", "removed b.png"]
    assert scene.hear(everything=True, seconds=6) == []
    assert scene.made() == {"a.png": 1, "c.png": 1}


def test_a_burst_is_worked_off(scene: Scene) -> None:
    paths = [draw(scene.tree.source / f"{number:03}.png", number) for number in range(60)]
    happened = scene.hear(*paths, *paths, seconds=40)
    assert sorted(happened) == [f"made {path.name}" for path in paths]
    assert set(scene.made().values()) == {1}


def test_an_output_that_is_altered_or_deleted_is_made_again_by_the_next_look(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    scene.hear(path, seconds=2)
    (scene.tree.output / "a.png").unlink()
    assert scene.hear(scene.tree.output / "a.png", seconds=2) == [], "outputs trigger nothing"
    assert scene.hear(everything=True, seconds=3) == ["made a.png"]


def test_two_pictures_of_one_place_are_both_named(scene: Scene) -> None:
    first = draw(scene.tree.source / "a.png", 1)
    scene.hear(first, seconds=2)
    second = draw(scene.tree.source / "a.webp", 2)
    before = (scene.tree.output / "a.png").read_bytes()
    assert scene.hear(second, seconds=3) == ["failed a.webp"]
    assert "a.png and" in note_of(second).read_text()
    assert (scene.tree.output / "a.png").read_bytes() == before


def test_a_source_that_is_not_there_deletes_nothing(scene: Scene, tmp_path: Path) -> None:
    path = draw(scene.tree.source / "a.png")
    scene.hear(path, seconds=2)
    scene.tree.source.rename(tmp_path / "unmounted")
    assert scene.hear(path, everything=True, seconds=8) == ["trouble"]
    assert scene.outputs() == ["a.png"]
    (tmp_path / "unmounted").rename(scene.tree.source)
    assert scene.hear(seconds=5) == ["recovered"]
    assert scene.made() == {"a.png": 1}


def test_a_full_or_closed_output_is_tried_again_by_itself(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    (scene.tree.output / "a.png").mkdir(parents=True)
    assert scene.hear(path, seconds=3) == ["failed a.png"]
    (scene.tree.output / "a.png").rmdir()
    assert scene.hear(seconds=10) == ["made a.png"]


def test_a_ledger_that_is_full_fails_single_pictures_until_there_is_room(scene: Scene) -> None:
    """The claims of conversions do not fit any more: no output without its row, and nothing is lost for good."""
    first = draw(scene.tree.source / "a.png")
    scene.hear(first, seconds=2)
    worker = scene.watcher._executor
    assert isinstance(worker, Here)
    assert worker._ledger is not None
    databases = (worker._ledger._database, scene.ledger._database)
    for database in databases:
        database.one("PRAGMA max_page_count = 1")  # at least as many as there are: no more than now
    paths = [draw(scene.tree.source / f"{number}{'n' * 190}.png", number) for number in range(1, 31)]
    scene.hear(*paths, seconds=20)
    failed = {path for path, error in scene.watcher.failing.items() if "disk is full" in error["cause"]}
    assert 0 < len(failed) < 30
    shown = set(scene.outputs())
    assert shown >= {"a.png", *(path.name for path in paths if path not in failed)}
    assert shown <= set(scene.made())  # a row may stand without its output, which is then made again; never the reverse
    for database in databases:
        database.one("PRAGMA max_page_count = 10000")
    scene.hear(seconds=70)
    assert set(scene.made().values()) == {1}
    assert len(scene.outputs()) == 31
    assert not scene.watcher.failing


def test_a_ledger_that_cannot_be_written_is_a_trouble_that_passes(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    scene.hear(path, seconds=2)
    path.unlink()
    scene.ledger._database.run("PRAGMA query_only = 1")
    assert scene.hear(path, seconds=20) == ["trouble"], "said once, however often it is tried"
    scene.ledger._database.run("PRAGMA query_only = 0")
    assert scene.hear(seconds=20) == ["recovered"]
    assert (scene.outputs(), scene.made()) == ([], {})


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_that_leads_in_a_circle_is_not_followed(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    for link in (scene.tree.source / "circle", scene.tree.source / "circle.png"):
        link.symlink_to(scene.tree.source, target_is_directory=True)
    assert scene.hear(path, *scene.tree.source.glob("circle*"), seconds=5, everything=True) == ["made a.png"]
    assert scene.outputs() == ["a.png"]


def test_changed_presets_palettes_and_projects_redo_what_they_concern(tmp_path: Path) -> None:
    draw(tmp_path / "art" / "hero.png", 1)
    draw(tmp_path / "art" / "tile.png", 2)
    (tmp_path / "presets").mkdir()
    for name in ("one", "two"):
        (tmp_path / "presets" / f"{name}.toml").write_text(
            f'direction = "to-pixel"\n[method]\nname = "identity"\n[grid]\nwidth = 8\n'
            f'[palette]\nsource = "{name}.hex"\n'
        )
        (tmp_path / "presets" / f"{name}.hex").write_text("000000\nff0000\n00ff00\n")
    project = tmp_path / "pixforge.toml"
    text = (
        'source = "art"\noutput = "out"\n[watch]\nsettle = 1.0\n[[rule]]\nmatch = "hero*"\npreset = "one"\n'
        '[[rule]]\nmatch = "tile*"\npreset = "two"\n'
    )
    project.write_text(text)
    scene = Scene(lambda: load_project(project))
    try:
        assert sorted(scene.hear(everything=True, seconds=3)) == ["made hero.png", "made tile.png", "ready"]
        (tmp_path / "presets" / "two.hex").write_text("000000\nff0000\n0000ff\nffffff\n")
        assert scene.hear(seconds=5) == ["reloaded two.hex", "made tile.png"]
        preset_file = tmp_path / "presets" / "one.toml"
        good = preset_file.read_text()
        preset_file.write_text(good.replace("width = 8", "widht = 8"))
        assert scene.hear(seconds=5) == ["trouble"]
        preset_file.write_text(good.replace("width = 8", "width = 10"))
        assert scene.hear(seconds=5) == ["reloaded one.toml", "made hero.png"]
        project.write_text(text.replace('match = "hero*"', 'match = "hero*"\nlayout = "heroes/{stem}.png"'))
        assert scene.hear(seconds=5) == ["reloaded pixforge.toml", "removed hero.png", "made hero.png"]
        assert scene.outputs() == ["heroes/hero.png", "tile.png"]
    finally:
        scene.close()


def test_a_preset_of_a_plain_watch_is_replaced_too(scene: Scene) -> None:
    path = draw(scene.tree.source / "a.png")
    scene.hear(path, seconds=2)
    wider = preset.parse({"direction": "to-pixel", "method": {"name": "identity"}, "grid": {"width": 9}}, "test")
    tree = plain_tree(scene.tree.source, scene.tree.output, replace(wider))
    tree.watch = scene.tree.watch
    scene.watcher.load = lambda: tree
    scene.watcher._marks = {Path("preset.toml"): Stamp(1, 1, 1)}  # as if the file had been another
    assert scene.hear(seconds=5)[-1] == "made a.png"


@pytest.fixture
def clips(tmp_path: Path) -> Iterator[Scene]:
    """A watched project in which the pictures of a folder are a clip, and numbered ones are too."""
    (tmp_path / "art" / "walk").mkdir(parents=True)
    (tmp_path / "pixforge.toml").write_text(
        'source = "art"\noutput = "out"\nset = { method.name = "identity", grid.width = 8 }\n'
        "[watch]\nsettle = 1.0\nrescan = 1000.0\n"
        '[[rule]]\nmatch = "walk/*"\nclip = "folder"\ntargets = ["gif"]\n'
        '[[rule]]\nmatch = "*"\nclip = "numbered"\ntargets = ["gif"]\n'
    )
    opened = Scene(lambda: load_project(tmp_path / "pixforge.toml"))
    assert opened.hear(everything=True, seconds=2) == ["ready"]
    yield opened
    opened.close()


def frames_of(path: Path) -> int:
    with Image.open(path) as image:
        return int(getattr(image, "n_frames", 1))


def test_frames_that_arrive_one_after_the_other_are_made_once(clips: Scene) -> None:
    folder = clips.tree.source / "walk"
    for number in range(6):
        path = draw(folder / f"{number}.png", number)
        assert clips.hear(path, seconds=0.75) == [], "each new frame makes the clip wait again"
    assert clips.hear(seconds=2) == ["made *"]
    assert clips.made() == {"walk.gif": 1}
    assert frames_of(clips.tree.output / "walk.gif") == 6
    assert clips.hear(folder / "3.png", seconds=3) == []
    assert clips.hear(draw(folder / "6.png", 6), seconds=2) == ["made *"]
    assert frames_of(clips.tree.output / "walk.gif") == 7
    assert clips.made() == {"walk.gif": 2}


def test_a_clip_with_a_frame_that_is_still_being_written_waits(clips: Scene) -> None:
    folder = clips.tree.source / "walk"
    first, second = draw(folder / "1.png", 1), draw(folder / "2.png", 2)
    clips.open.add(second)
    assert clips.hear(first, second, seconds=5) == []
    clips.open.clear()
    assert clips.hear(seconds=2) == ["made *"]


def test_a_removed_frame_makes_the_clip_again_and_the_last_one_takes_it_along(clips: Scene) -> None:
    source = clips.tree.source
    paths = [draw(source / f"run_{number}.png", number) for number in (1, 2, 3)]
    assert clips.hear(*paths, seconds=2) == ["made run*"]
    paths[1].unlink()
    assert clips.hear(paths[1], seconds=4) == ["made run*"]
    assert frames_of(clips.tree.output / "run.gif") == 2
    paths[0].unlink()
    paths[2].unlink()
    assert clips.hear(paths[0], paths[2], seconds=5) == ["removed run.gif"]
    assert not (clips.tree.output / "run.gif").exists()


def test_a_folder_of_frames_that_goes_takes_its_clip_along(clips: Scene) -> None:
    folder = clips.tree.source / "walk"
    paths = [draw(folder / f"{number}.png", number) for number in (1, 2)]
    clips.hear(*paths, seconds=2)
    for path in paths:
        path.unlink()
    folder.rmdir()
    assert clips.hear(folder, seconds=5) == ["removed walk.gif"]


def test_a_bad_frame_has_a_note_beside_it_and_the_clip_is_tried_again_when_it_is_mended(clips: Scene) -> None:
    folder = clips.tree.source / "walk"
    paths = [draw(folder / f"{number}.png", number) for number in (1, 2)]
    paths[1].write_bytes(b"no picture")
    os.utime(paths[0], (1, 1))
    os.utime(paths[1], (1, 1))
    assert clips.hear(*paths, seconds=2) == ["failed *"]
    assert (folder / "walk.pixforge-error.txt").is_file()
    draw(paths[1], 2)
    assert clips.hear(paths[1], seconds=2) == ["made *"]
    assert not (folder / "walk.pixforge-error.txt").exists()


def test_stills_that_become_a_clip_by_a_new_rule_lose_their_own_outputs(clips: Scene, tmp_path: Path) -> None:
    (tmp_path / "art" / "jump").mkdir()
    paths = [draw(tmp_path / "art" / "jump" / f"{number}.png", number) for number in (1, 2)]
    project = tmp_path / "pixforge.toml"
    project.write_text(project.read_text() + '[[rule]]\nmatch = "jump/*"\n')
    clips.hear(*paths, seconds=4)
    clips.hear(*paths, seconds=4)
    assert clips.outputs() == ["jump/1.png", "jump/2.png"]
    project.write_text(project.read_text() + 'clip = "folder"\ntargets = ["gif"]\n')
    clips.hear(seconds=8)
    assert frames_of(clips.tree.output / "jump.gif") == 2
    assert clips.outputs() == []
