"""pixforge job: JSON in, JSON out, whatever happens."""

from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from pixforge import __version__
from pixforge.cli.job_file import JobFile
from pixforge.exporters import registry as targets
from pixforge.image import aseprite
from pixforge.sheet import sources

Runner = Callable[..., Any]
Draw = Callable[..., Path]
Tree = Callable[[Path], dict[str, bytes]]
Job = Callable[..., tuple[int, dict[str, Any]]]
HEAVY = {"numpy", "PIL", "rich", "onnxruntime", "torch", "tensorflow"}
FAST = {"method.name": "identity"}


@pytest.fixture
def job(pixforge: Runner, work: Path) -> Job:
    """Write a job file, run it and return the exit code and the report."""

    def run(**keys: object) -> tuple[int, dict[str, Any]]:
        path = work / "jobs" / "job.json"
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"version": 1, "report": "report.json", **keys}), encoding="utf-8")
        code = pixforge("job", path).code
        document = json.loads((path.parent / "report.json").read_text(encoding="utf-8"))
        assert document["version"] == 1
        assert document["pixforge"] == __version__
        assert document["exit_code"] == code
        assert document["ok"] == (code == 0)
        return code, document

    return run


def animated(path: Path, count: int = 3) -> Path:
    """A GIF in which a square moves."""
    frames = []
    for number in range(count):
        pixels = np.zeros((32, 40, 3), np.uint8)
        pixels[8:20, 4 + 6 * number : 20 + 6 * number] = (200, 40, 40)
        frames.append(Image.fromarray(pixels))
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=[80, 120, 160][:count], loop=0)
    return path


def test_a_still_goes_to_the_file_that_was_asked_for(job: Job, hero: Path) -> None:
    code, document = job(sources=["../hero.png"], out="out/small.png", set={**FAST, "grid.height": 12})
    (result,) = document["results"]
    assert code == 0
    assert result["status"] == "written"
    assert result["error"] is None
    assert (result["facts"]["width"], result["facts"]["height"]) == (16, 12)
    (output,) = map(Path, result["outputs"])
    assert output == hero.parent / "jobs" / "out" / "small.png"
    with Image.open(output) as image:
        assert image.size == (16, 12)


def test_what_a_job_makes_is_what_convert_makes(job: Job, pixforge: Runner, hero: Path) -> None:
    job(sources=[str(hero)], out="a.png", preset="pico-8", set={"grid": {"height": 12}, "outline.mode": "black"})
    args = ("convert", hero, "-o", "b.png", "-p", "pico-8", "--height", "12", "--outline", "black")
    assert pixforge(*args).code == 0
    assert (hero.parent / "jobs" / "a.png").read_bytes() == Path("b.png").read_bytes()


def test_an_inline_palette_is_the_only_one_used(job: Job, hero: Path) -> None:
    palette = ["#112233", "#445566", "#DDEEFF"]
    _, document = job(sources=[str(hero)], out="a.png", preset="pico-8", set=FAST, palette=palette)
    with Image.open(document["results"][0]["outputs"][0]) as image:
        pixels = np.asarray(image.convert("RGBA"))
    used = {bytes(colour[:3]).hex() for colour in pixels.reshape(-1, 4) if colour[3]}
    assert used
    assert used <= {text[1:].lower() for text in palette}


def test_a_clip_keeps_its_frames_and_times(job: Job, work: Path) -> None:
    animated(work / "walk.gif")
    _, document = job(
        sources=["../walk.gif"], out="out/", set={**FAST, "grid.height": 16}, targets=["aseprite", "png"], name="go"
    )
    (result,) = document["results"]
    assert sorted(Path(path).name for path in result["outputs"]) == ["go.aseprite", "go.png"]
    clip = sources.read([work / "jobs" / "out" / "go.aseprite"])
    assert clip.durations == (80, 120, 160)
    assert (clip.width, clip.height) == (20, 16)


def test_stills_clips_and_folders_together_keep_their_order(job: Job, work: Path, draw: Draw) -> None:
    animated(work / "walk.gif")
    draw(work / "b.png")
    draw(work / "set" / "one.png")
    draw(work / "set" / "in" / "two.png")
    code, document = job(sources=["../walk.gif", "../b.png", "../set"], out="out", set=FAST)
    assert code == 0
    names = [Path(result["source"]).name for result in document["results"]]
    assert names[:2] == ["walk.gif", "b.png"]
    assert sorted(names[2:]) == ["one.png", "two.png"]
    assert (work / "jobs" / "out" / "in" / "two.png").is_file()


def test_null_takes_a_key_of_the_preset_away(job: Job, hero: Path) -> None:
    keys: dict[str, Any] = {"sources": [str(hero)], "preset": "tile-map-16", "targets": ["png"]}
    _, tiles = job(**keys, out="a/")
    _, whole = job(**keys, out="b/", set={"export.tiles": None, "sheet.extrude": 0, "sheet.trim": False, **FAST})
    assert tiles["results"][0]["facts"]["width"] == whole["results"][0]["facts"]["width"]
    with Image.open(whole["results"][0]["outputs"][0]) as image:
        assert image.size == (whole["results"][0]["facts"]["width"], whole["results"][0]["facts"]["height"])


def test_a_dry_run_writes_the_report_alone(job: Job, hero: Path, work: Path, tree: Tree) -> None:
    _, document = job(sources=[str(hero)], out="out/", dry_run=True)
    assert document["results"][0]["status"] == "planned"
    assert [Path(path).name for path in document["results"][0]["outputs"]] == ["hero.png"]
    assert set(tree(work)) == {"hero.png", "jobs/job.json", "jobs/report.json"}


def test_files_of_others_are_kept_unless_overwrite_is_true(job: Job, hero: Path) -> None:
    target = hero.parent / "jobs" / "a.png"
    keys: dict[str, Any] = {"sources": [str(hero)], "out": "a.png", "set": FAST}
    target.parent.mkdir()
    target.write_bytes(b"mine")
    code, document = job(**keys)
    assert code == 8
    assert document["results"][0]["outputs"] == []
    assert "--overwrite" in document["results"][0]["error"]["remedy"]
    assert job(**keys, overwrite=False)[1]["results"][0]["status"] == "skipped"
    assert target.read_bytes() == b"mine"
    assert job(**keys, overwrite=True)[1]["results"][0]["status"] == "written"


def test_one_bad_source_of_several_is_a_partial_failure(job: Job, draw: Draw, work: Path) -> None:
    draw(work / "hero.png")
    (work / "bad.png").write_bytes(b"no picture")
    code, document = job(sources=["../bad.png", "../hero.png"], out="out/", set=FAST)
    assert code == 3
    bad, good = document["results"]
    assert good["status"] == "written"
    assert bad["status"] == "failed"
    assert set(bad["error"]) == {"kind", "message", "remedy", "file", "exit_code"}
    assert bad["error"]["file"] == str(work / "jobs" / ".." / "bad.png")


def test_the_error_of_a_single_source_is_the_exit_code(job: Job) -> None:
    code, document = job(sources=["nothing.png"], out="a.png")
    assert code == 4
    assert document["results"][0]["error"]["exit_code"] == 4
    assert document["results"][0]["error"]["remedy"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"sorces": []}, 'did you mean "sources"?'),
        ({"sources": []}, "at least one path"),
        ({"sources": "a.png"}, "a list, each a path"),
        ({"version": 2}, "1"),
        ({"out": ""}, "a file or a folder"),
        ({"palette": ["red"]}, '"#ff00ff"'),
        ({"palette": []}, "at least one colour"),
        ({"palette": ["#000000"], "set": {"palette.source": "db32"}}, "palette.source"),
        ({"set": {"grid.hieght": 3}}, 'did you mean "height"?'),
        ({"set": {"grid.height": "tall"}}, "a whole number"),
        ({"preset": "pcio-8"}, 'did you mean "pico-8"?'),
        ({"preset": "not/there.toml"}, "no such preset file"),
        ({"preset": None}, "at least one target"),
        ({"name": "a/b"}, "a file name without folders"),
        ({"name": "a", "sources": ["x.png", "y.png"]}, "several sources"),
    ],
)
def test_mistakes_are_named_and_nothing_is_done(
    job: Job, hero: Path, work: Path, tree: Tree, keys: dict[str, Any], said: str
) -> None:
    code, document = job(**{"sources": [str(hero)], "out": "out/", **keys})
    assert code == 5
    assert said in document["error"]["message"] + document["error"]["remedy"]
    assert document["results"] == []
    assert set(tree(work)) == {"hero.png", "jobs/job.json", "jobs/report.json"}


@pytest.mark.parametrize("text", ["", "{", "[]", "nul", "[" * 5000, '{"version": 1} x'])
def test_what_is_no_json_object_is_reported_on_stdout(pixforge: Runner, work: Path, text: str) -> None:
    (work / "job.json").write_text(text)
    ran = pixforge("job", "job.json")
    assert ran.code == 5
    document = json.loads(ran.out)
    assert document["error"]["file"] == "job.json"
    assert "job" in document["error"]["message"]


def test_a_job_comes_from_stdin_and_the_report_goes_to_stdout(
    pixforge: Runner, hero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = json.dumps({"version": 1, "sources": ["hero.png"], "out": "ü ö.png", "set": FAST})
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
    ran = pixforge("job", "-")
    assert ran.code == 0
    assert ran.out.isascii()
    assert json.loads(ran.out)["results"][0]["outputs"] == [str(hero.parent / "ü ö.png")]


def test_names_with_every_trap_are_taken_as_they_are(job: Job, draw: Draw, work: Path) -> None:
    name = "it's $HOME `x` %TEMP% & ^ größe 絵"
    draw(work / f"{name}.png")
    _, document = job(sources=[f"../{name}.png"], out=f"{name}/", set=FAST)
    assert Path(document["results"][0]["outputs"][0]) == work / "jobs" / name / f"{name}.png"


def test_project_presets_are_searched_from_the_job(job: Job, hero: Path, work: Path) -> None:
    (work / "jobs" / "presets").mkdir(parents=True)
    text = 'direction = "to-pixel"\n[method]\nname = "identity"\n[grid]\nheight = 7\n'
    (work / "jobs" / "presets" / "own.toml").write_text(text)
    assert job(sources=[str(hero)], out="a.png", preset="own")[1]["results"][0]["facts"]["height"] == 7
    assert job(sources=[str(hero)], out="a.png", preset="presets/own.toml")[0] == 0


def test_describe_says_what_a_dialog_needs(pixforge: Runner, job: Job) -> None:
    document = json.loads(pixforge("job", "--describe").out)
    assert {"sprite-64", "character-32"} <= {preset["name"] for preset in document["presets"]}
    assert all(preset["direction"] in {"to-pixel", "to-drawing"} for preset in document["presets"])
    assert {"name": "classical", "directions": ["to-pixel"], "missing": []} in document["methods"]
    assert {"name": "pico-8", "colors": 16} in document["palettes"]
    assert document["targets"] == list(targets.names())
    assert job(describe=True)[1] == document


def test_describe_imports_nothing_heavy() -> None:
    script = (
        "from pixforge.cli.boundary import run\nrun(['job', '--describe'])\nimport sys\nprint('\\n'.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {line.partition(".")[0] for line in done.stdout.splitlines()} & HEAVY


@pytest.mark.parametrize("given", [["../frames"], ["../frames/run_2.png", "../frames/run_1.png"]])
def test_numbered_frames_are_one_clip(job: Job, work: Path, draw: Draw, given: list[str]) -> None:
    for number in (1, 2):
        draw(work / "frames" / f"run_{number}.png", seed=number)
    keys = {"sources": given, "kind": "clip", "out": "out", "name": "hero", "targets": ["aseprite"], "set": FAST}
    code, document = job(**keys)
    assert code == 0
    (result,) = document["results"]
    assert result["facts"]["frames"] == 2
    assert [Path(path).name for path in result["outputs"]] == ["hero.aseprite"]


def test_without_a_preset_the_pixels_are_exported_as_they_are(job: Job, work: Path) -> None:
    path = animated(work / "walk.gif")
    code, document = job(sources=["../walk.gif"], out="out/", preset=None, targets=["aseprite"])
    assert code == 0
    assert document["results"][0]["facts"] is None
    clip, before = sources.read([Path(document["results"][0]["outputs"][0])]), sources.read([path])
    assert clip.durations == before.durations
    for mine, other in zip(clip.pictures, before.pictures, strict=True):
        assert np.array_equal(mine.pixels, other.pixels)


def test_names_of_presets_are_searched_from_the_project(job: Job, hero: Path, work: Path) -> None:
    (work / "game" / "presets").mkdir(parents=True)
    text = 'direction = "to-pixel"\n[method]\nname = "identity"\n[grid]\nheight = 9\n'
    (work / "game" / "presets" / "own.toml").write_text(text)
    _, document = job(sources=[str(hero)], out="a.png", preset="own", project="../game")
    assert document["results"][0]["facts"]["height"] == 9
    assert "own" in {preset["name"] for preset in job(describe=True, project="../game")[1]["presets"]}


def test_the_job_of_the_documentation_runs_and_every_key_is_explained(job: Job, work: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")
    keys = json.loads(text.partition("```json")[2].partition("```")[0])
    animated(work / "walk.gif")
    job(sources=["../walk.gif"], out="./", name="hero", preset=None, targets=["aseprite"])
    del keys["version"], keys["report"]
    code, document = job(**keys)
    assert code == 0
    assert {Path(path).suffix for path in document["results"][0]["outputs"]} >= {".png", ".tres", ".tscn"}
    rows = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    assert rows == {field.name for field in dataclasses.fields(JobFile)}


def test_an_aseprite_file_is_a_source(job: Job, work: Path) -> None:
    animated(work / "walk.gif", 2)
    job(sources=["../walk.gif"], out="out/", set=FAST, targets=["aseprite"])
    _, document = job(sources=["out/walk.aseprite"], out="again/", set={**FAST, "grid.width": 10}, targets=["aseprite"])
    data = Path(document["results"][0]["outputs"][0]).read_bytes()
    assert aseprite.decode(data).width == 10


@pytest.mark.parametrize("palette", ["#ff0000\n", None])
def test_the_report_names_the_files_that_steer_the_output_also_a_missing_one(
    job: Job, draw: Draw, work: Path, palette: str | None
) -> None:
    own = work / "jobs" / "own.toml"
    own.parent.mkdir()
    own.write_text('direction = "to-pixel"\nmethod.name = "identity"\npalette.source = "own.hex"\n', encoding="utf-8")
    if palette is not None:
        own.with_suffix(".hex").write_text(palette, encoding="utf-8")
    code, document = job(sources=[str(draw(work / "hero.png"))], out="a.png", preset="own.toml")
    assert code == (0 if palette else 5)
    assert document["depends"] == [str(own), str(own.with_suffix(".hex"))]
