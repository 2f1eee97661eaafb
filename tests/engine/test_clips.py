"""Clips, casts, sheets and targets through the engine: nothing is lost, nothing foreign is replaced."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge import preset
from pixforge.engine.files import convert_file
from pixforge.engine.marks import is_ours
from pixforge.engine.plan import Intake, Job, plan_files
from pixforge.engine.run import run, run_job
from pixforge.errors import LimitError, OutputError, PictureError
from pixforge.image.load import load_frames
from pixforge.preset import Preset
from pixforge.sheet.numbered import sequence
from pixforge.sheet.sources import read_aseprite, read_sheet

COLOURS = ((255, 0, 77), (29, 43, 83), (0, 228, 54))


def made(**overrides: object) -> Preset:
    changed = {key.replace("__", "."): value for key, value in overrides.items()}
    base = {"method.name": "identity", "grid.cell": 4, **changed}
    return preset.parse({"direction": "to-pixel"}, "test", overrides=base)


def drawing(number: int = 0, size: tuple[int, int] = (32, 24)) -> Image.Image:
    """A square that moves by a cell a frame, on a cell's border."""
    pixels = np.zeros((size[1], size[0], 4), np.uint8)
    pixels[8:20, 4 + 4 * number : 12 + 4 * number] = (*COLOURS[number % 3], 255)
    return Image.fromarray(pixels)


def animation(path: Path, durations: Sequence[int] = (100, 40, 250)) -> Path:
    first, *others = (drawing(number) for number in range(len(durations)))
    first.save(path, format="PNG", save_all=True, append_images=others, duration=list(durations), loop=0)
    return path


def numbered(folder: Path, count: int = 3) -> tuple[Path, ...]:
    folder.mkdir(exist_ok=True)
    paths = tuple(folder / f"walk_{number}.png" for number in range(count))
    for number, path in enumerate(paths):
        drawing(number).save(path)
    return paths


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_animation_becomes_a_sheet_with_its_times_and_no_frame_is_lost(tmp_path: Path) -> None:
    source = animation(tmp_path / "walk.png")
    outcome = convert_file(Job(source, tmp_path / "out" / "walk.png", made()))
    assert files_of(tmp_path / "out") == ["walk.json", "walk.png"]
    clip = read_sheet(tmp_path / "out" / "walk.json")
    assert clip.durations == (100, 40, 250)
    for number, picture in enumerate(clip.pictures):
        expected = np.asarray(drawing(number))[2::4, 2::4]
        assert np.array_equal(picture.pixels, expected)
    assert outcome.facts is not None
    facts = outcome.facts
    assert (facts.width, facts.height, facts.frames, facts.pages, facts.milliseconds) == (8, 6, 3, 1, 390)
    assert facts.flicker == 0.0
    assert [(file.path.name, file.status) for file in outcome.files] == [
        ("walk.png", "written"),
        ("walk.json", "written"),
    ]


@pytest.mark.parametrize("name", ["walk.gif", "walk.apng", "walk.webp"])
def test_the_ending_of_the_output_names_its_target(tmp_path: Path, name: str) -> None:
    source = animation(tmp_path / "in.png")
    (job,) = plan_files([source], tmp_path / "out" / name, made(), out_is_folder=False)
    assert job.destination == tmp_path / "out" / name
    assert convert_file(job).status == "written"
    frames = load_frames(tmp_path / "out" / name)
    assert [frame.duration for frame in frames] == [100, 40, 250]
    assert [frame.picture.width for frame in frames] == [8, 8, 8]
    assert is_ours(job.destination)


def test_a_still_with_targets_keeps_its_size(tmp_path: Path) -> None:
    drawing().save(tmp_path / "hero.png")
    chosen = made(export__targets=["png", "godot", "aseprite"], export__preview=2)
    (job,) = plan_files([tmp_path / "hero.png"], tmp_path / "out", chosen, out_is_folder=True)
    convert_file(job)
    assert files_of(tmp_path / "out") == [
        "hero.aseprite", "hero.png", "hero.png.import", "hero.tres", "hero.tscn", "hero@2x.png"
    ]  # fmt: skip
    convert_file(Job(tmp_path / "hero.png", tmp_path / "plain.png", made()))
    with Image.open(tmp_path / "plain.png") as expected, Image.open(tmp_path / "out" / "hero.png") as page:
        assert np.array_equal(np.asarray(expected.convert("RGBA")), np.asarray(page.convert("RGBA")))
    (frame,) = read_aseprite(tmp_path / "out" / "hero.aseprite").pictures
    assert (frame.width, frame.height) == (8, 6)


def test_a_preview_of_a_clip_is_animated(tmp_path: Path) -> None:
    source = animation(tmp_path / "in.png")
    convert_file(Job(source, tmp_path / "walk.png", made(export__preview=3)))
    frames = load_frames(tmp_path / "walk@3x.png")
    assert [(frame.picture.width, frame.duration) for frame in frames] == [(24, 100), (24, 40), (24, 250)]


def test_numbered_files_are_one_clip_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    paths = numbered(tmp_path / "in", 11)
    mixed = tuple(sorted(paths, key=lambda path: path.name))  # walk_10 before walk_2
    intake = Intake("clip", duration=70)
    (job,) = plan_files(mixed, tmp_path / "out", made(), out_is_folder=True, intake=intake, frames=sequence(mixed))
    assert (job.source.name, job.destination.name) == ("walk*", "walk.png")
    convert_file(job)
    clip = read_sheet(tmp_path / "out" / "walk.json")
    for number, picture in enumerate(clip.pictures[:6]):
        assert np.flatnonzero(picture.pixels[..., 3].any(axis=0)).tolist() == [1 + number, 2 + number]
    assert len(clip.frames) == 11
    assert set(clip.durations) == {70}


def test_a_cast_has_one_palette_one_scale_and_a_file_each(tmp_path: Path) -> None:
    sizes = {"anna": (32, 24), "bob": (24, 32), "carl": (16, 16)}
    for number, (name, size) in enumerate(sizes.items()):
        drawing(number % 2, size).save(tmp_path / f"{name}.png")
    sources = [tmp_path / f"{name}.png" for name in sizes]
    (job,) = plan_files(sources, tmp_path / "out", made(), out_is_folder=True, intake=Intake("cast"))
    outcome = convert_file(job)
    assert files_of(tmp_path / "out") == ["anna.png", "bob.png", "carl.png"]
    palettes = set()
    for name, size in sizes.items():
        with Image.open(tmp_path / "out" / f"{name}.png") as image:
            assert image.size == tuple(side // 4 for side in size), "the scale of the largest"
            palettes.add(bytes(image.getpalette() or []))
    assert len(palettes) == 1
    assert outcome.facts is not None
    assert outcome.facts.frames == 3


def test_a_sheet_is_cut_by_a_grid_and_by_its_json(tmp_path: Path) -> None:
    page = Image.new("RGBA", (64, 48))
    for number in range(3):
        page.paste(drawing(number), (32 * (number % 2), 24 * (number // 2)))
    page.save(tmp_path / "sheet.png")
    by_grid = Job(
        tmp_path / "sheet.png",
        tmp_path / "grid" / "sheet.gif",
        made(export__targets=["gif"]),
        Intake("sheet", (32, 24)),
    )
    convert_file(by_grid)
    assert len(load_frames(by_grid.destination)) == 3
    convert_file(replace(by_grid, destination=tmp_path / "json" / "sheet.png", preset=made()))
    (again,) = plan_files(
        [tmp_path / "json" / "sheet.json"], tmp_path / "back.gif", made(grid__cell=1), out_is_folder=False
    )
    convert_file(again)
    first, second = load_frames(by_grid.destination), load_frames(tmp_path / "back.gif")
    assert [frame.picture.pixels.tobytes() for frame in first] == [frame.picture.pixels.tobytes() for frame in second]


def test_a_picture_becomes_a_tile_set(tmp_path: Path) -> None:
    tile = np.zeros((16, 16, 4), np.uint8)
    tile[...] = (*COLOURS[0], 255)
    tile[:4, :4] = (*COLOURS[1], 255)
    Image.fromarray(np.tile(tile, (2, 3, 1))).save(tmp_path / "ground.png")
    chosen = made(export__tiles=[4, 4], export__targets=["tiled", "godot"])
    (job,) = plan_files([tmp_path / "ground.png"], tmp_path / "out", chosen, out_is_folder=True)
    convert_file(job)
    assert {"ground.png", "ground.tsx", "ground.tmx", "ground.tres", "ground.tscn"} <= set(files_of(tmp_path / "out"))
    with Image.open(tmp_path / "out" / "ground.png") as page:
        assert page.size == (4, 4), "one tile, six times on the map"


@pytest.mark.parametrize("name", ["walk.gif", "walk.webp", "walk.json", "walk.tres", "walk.aseprite", "walk.tsx"])
def test_a_foreign_file_of_any_kind_stays_and_our_own_is_replaced(tmp_path: Path, name: str) -> None:
    source = animation(tmp_path / "in.png")
    target = tmp_path / "out" / name
    target.parent.mkdir()
    target.write_bytes(b"an artist's file")
    jobs = plan_files([source], target, made(), out_is_folder=False)
    with pytest.raises(OutputError, match="not made by pixforge"):
        convert_file(jobs[0])
    assert files_of(target.parent) == [name]
    assert target.read_bytes() == b"an artist's file"
    assert convert_file(jobs[0], overwrite=True).status == "written"
    assert convert_file(jobs[0]).status == "unchanged"
    (changed,) = plan_files([source], target, made(grid__cell=8), out_is_folder=False)
    if name != "walk.aseprite":  # its format has no room for a mark: only the ledger knows it
        assert convert_file(changed).status == "written"


def test_what_belongs_to_the_user_is_written_once(tmp_path: Path) -> None:
    source = animation(tmp_path / "in.png")
    (job,) = plan_files([source], tmp_path / "out", made(export__targets=["godot"]), out_is_folder=True)
    convert_file(job)
    (tmp_path / "out" / "in.tscn").write_text("edited in Godot")
    again = convert_file(replace(job, preset=made(export__targets=["godot"], grid__cell=8)))
    assert again.status == "written"
    assert (tmp_path / "out" / "in.tscn").read_text() == "edited in Godot"


def test_a_page_that_falls_on_the_output_of_another_is_refused_with_both_names(tmp_path: Path) -> None:
    source = animation(tmp_path / "walk.png")
    drawing().save(tmp_path / "walk-0.png")
    tight = {"export__targets": ["png"], "sheet__max_size": 8, "sheet__trim": False}
    jobs = plan_files([source, tmp_path / "walk-0.png"], tmp_path / "out", made(**tight), out_is_folder=True)
    first, second = run(jobs)
    assert first.status == "written"
    assert [file.path.name for file in first.files] == ["walk-0.png", "walk-1.png", "walk-2.png"]
    assert first.facts is not None
    assert first.facts.pages == 3
    assert second.failure is not None
    assert "walk.png" in second.failure.error["cause"]
    assert "walk-0.png" in second.failure.error["cause"]


def test_a_page_is_never_written_over_a_frame(tmp_path: Path) -> None:
    paths = numbered(tmp_path / "in")
    with Image.open(paths[0]) as image:
        image.save(tmp_path / "in" / "walk_000.png")
    frames = (tmp_path / "in" / "walk_000.png", *paths[1:])
    job = Job(
        tmp_path / "in", tmp_path / "in" / "walk_000.png", made(export__targets=["frames"]), Intake("clip"), frames
    )
    before = frames[0].read_bytes()
    with pytest.raises(OutputError, match="overwrite the source"):
        convert_file(job, overwrite=True)
    assert frames[0].read_bytes() == before


def test_bad_clips_are_refused_with_the_file_and_a_remedy(tmp_path: Path) -> None:
    def failure(name: str, intake: Intake = Intake(), frames: tuple[Path, ...] = ()) -> dict[str, str]:  # noqa: B008
        outcome = run_job(Job(tmp_path / name, tmp_path / "out" / "x.png", made(), intake, frames))
        assert outcome.failure is not None
        assert outcome.failure.error["kind"] != "internal"
        return outcome.failure.error

    (tmp_path / "broken.json").write_text('{"frames": [')
    assert "not valid JSON" in failure("broken.json", Intake("sheet"))["cause"]
    table = {"frames": [{"filename": "a", "frame": {"x": 0, "y": 0, "w": 4, "h": 4}}], "meta": {"image": "p.png"}}
    drawing().save(tmp_path / "p.png")
    (tmp_path / "tags.json").write_text(
        json.dumps({**table, "meta": {"image": "p.png", "frameTags": [{"name": "t", "from": 0, "to": 9}]}})
    )
    assert "inside the frames 0 to 0" in failure("tags.json", Intake("sheet"))["cause"]
    paths = numbered(tmp_path / "in")
    drawing(0, (40, 24)).save(paths[1])
    error = failure("in", Intake("clip"), paths)
    assert '"walk_1" is 40 x 24' in error["cause"]
    assert "one size" in error["remedy"]
    convert_file(
        Job(animation(tmp_path / "whole.png"), tmp_path / "whole.aseprite", made(export__targets=["aseprite"]))
    )
    cut = (tmp_path / "whole.aseprite").read_bytes()
    (tmp_path / "cut.aseprite").write_bytes(cut[: len(cut) // 2])
    assert failure("cut.aseprite")["path"] == str(tmp_path / "cut.aseprite")
    assert not (tmp_path / "out").exists()


def test_too_many_frames_and_none_at_all_are_refused(tmp_path: Path) -> None:
    paths = tuple(tmp_path / f"f{number}.png" for number in range(5000))  # none is opened
    with pytest.raises(LimitError, match="5000 frames"):
        convert_file(Job(tmp_path, tmp_path / "x.png", made(), Intake("clip"), paths))
    (tmp_path / "empty").mkdir()
    with pytest.raises(PictureError, match="no pictures"):
        convert_file(Job(tmp_path / "empty", tmp_path / "x.png", made(), Intake("clip")))


def test_the_same_clip_gives_the_same_bytes_and_says_how_it_was_made(tmp_path: Path) -> None:
    source = animation(tmp_path / "in.png")
    targets = ["godot", "aseprite", "gif", "texturepacker", "webp"]
    for folder in ("a", "b"):
        (job,) = plan_files([source], tmp_path / folder, made(export__targets=targets), out_is_folder=True)
        convert_file(job)
    for name in files_of(tmp_path / "a"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    with Image.open(io.BytesIO((tmp_path / "a" / "in.png").read_bytes())) as image:
        assert json.loads(image.info["pixforge"])["preset_digest"] == job.preset.digest
