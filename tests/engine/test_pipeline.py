"""One picture from the source to a checked PNG."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from pixforge import __version__, preset
from pixforge.engine import drafting, files, provenance, sessions
from pixforge.engine.files import convert_file
from pixforge.engine.pipeline import convert_picture
from pixforge.engine.plan import Job
from pixforge.engine.run import run, run_job
from pixforge.errors import ContractError, OutputError, PictureError
from pixforge.image.picture import Picture
from pixforge.pixel.stage import Finished
from pixforge.preset import Preset


def made(**overrides: object) -> Preset:
    changed = {"method.name": "identity", **{key.replace("__", "."): value for key, value in overrides.items()}}
    return preset.parse({"direction": "to-pixel"}, "test", overrides=changed)


def test_the_file_on_disk_is_what_was_asked_for_and_says_how_it_was_made(source: Path, tmp_path: Path) -> None:
    chosen = made(grid__size=[24, 16], palette__colors=6, export__preview=3)
    outcome = convert_file(Job(source, tmp_path / "out" / "hero.png", chosen))
    assert outcome.status == "written"
    assert outcome.facts is not None
    with Image.open(outcome.destination) as image:
        assert image.size == (24, 16)
        assert image.mode == "P"
        text = dict(image.info)
        pixels = np.asarray(image.convert("RGBA"))
    assert json.loads(text["pixforge"]) == {
        "direction": "to-pixel", "method": "identity", "model_digest": "", "preset": "test",
        "preset_digest": chosen.digest, "version": __version__,
    }  # fmt: skip
    assert outcome.facts.colors == len(np.unique(pixels[pixels[..., 3] > 0], axis=0)) <= 6
    assert outcome.preview is not None
    with Image.open(outcome.preview) as image:
        assert np.array_equal(np.asarray(image.convert("RGBA")), pixels.repeat(3, 0).repeat(3, 1))


def test_a_second_run_changes_nothing(source: Path, tmp_path: Path) -> None:
    job = Job(source, tmp_path / "a.png", made())
    first = convert_file(job)
    stamp = job.destination.stat().st_mtime_ns
    assert (first.status, convert_file(job).status) == ("written", "unchanged")
    assert job.destination.stat().st_mtime_ns == stamp
    assert convert_file(Job(source, job.destination, made(palette__colors=2))).status == "written"


def test_a_file_of_somebody_else_is_kept_unless_told_otherwise(source: Path, tmp_path: Path) -> None:
    target = tmp_path / "theirs.png"
    Image.new("RGB", (3, 3)).save(target)
    before = target.read_bytes()
    job = Job(source, target, made())
    with pytest.raises(OutputError, match="not made by pixforge") as caught:
        convert_file(job)
    assert "--overwrite" in caught.value.remedy
    assert target.read_bytes() == before
    assert convert_file(job, overwrite=False).status == "skipped"
    assert target.read_bytes() == before
    assert convert_file(job, overwrite=True).status == "written"


def test_a_preview_does_not_replace_a_file_of_somebody_else_either(source: Path, tmp_path: Path) -> None:
    (tmp_path / "a@2x.png").write_bytes(b"precious")
    with pytest.raises(OutputError, match="not made by pixforge"):
        convert_file(Job(source, tmp_path / "a.png", made(export__preview=2)))
    assert not (tmp_path / "a.png").exists()


def test_a_broken_promise_is_an_error_and_nothing_is_written(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = drafting.stage.finish

    def smaller(*arguments: Any, **options: Any) -> Finished:  # noqa: ANN401  # passed on
        finished = finish(*arguments, **options)
        return Finished(finished.indices[:-1], finished.opaque[:-1], finished.palette)

    monkeypatch.setattr(drafting.stage, "finish", smaller)
    with pytest.raises(ContractError, match="size is"):
        convert_file(Job(source, tmp_path / "a.png", made(grid__size=[8, 8])))
    assert not (tmp_path / "a.png").exists()


def test_a_background_makes_every_cell_opaque() -> None:
    pixels = np.zeros((40, 80, 4), np.uint8)
    pixels[10:30, 10:70] = (200, 30, 30, 255)
    chosen = made(grid__size=[16, 16], alpha__mode="opaque", alpha__background="#0000ff")
    out = convert_picture(Picture(pixels), chosen).picture.pixels
    assert (out[..., 3] == 255).all()
    assert out[0, 0, :3].tolist() == [0, 0, 255]
    assert {tuple(colour) for colour in out.reshape(-1, 4)[:, :3].tolist()} >= {(0, 0, 255), (200, 30, 30)}


def test_reserved_colours_are_in_the_palette_in_front() -> None:
    pixels = np.full((16, 16, 4), 255, np.uint8)
    palette = convert_picture(Picture(pixels), made(grid__width=4, palette__reserve=["#ff00ff", "#010203"])).palette
    assert palette is not None
    assert palette[:2].tolist() == [[255, 0, 255], [1, 2, 3]]


def test_a_fixed_palette_is_the_only_source_of_colours() -> None:
    rng = np.random.default_rng(1)
    picture = Picture(rng.integers(0, 256, (32, 32, 4), np.uint8))
    for colors in (None, 3):
        converted = convert_picture(picture, made(grid__width=16, palette__source="pico-8", palette__colors=colors))
        assert converted.preset.colors is not None
        out = converted.picture.pixels
        used = {tuple(colour) for colour in out[out[..., 3] > 0][:, :3].tolist()}
        assert used <= set(converted.preset.colors.colors)
        assert len(used) <= (colors or 16)


def test_existing_pixel_art_comes_back_to_the_pixel() -> None:
    rng = np.random.default_rng(3)
    colours = np.array([[20, 20, 30, 255], [200, 60, 50, 255], [240, 230, 180, 255], [60, 120, 190, 255]], np.uint8)
    art = colours[rng.integers(0, 4, (14, 12))]
    converted = convert_picture(Picture(art.repeat(6, 0).repeat(6, 1)), made(grid__cell="auto"))
    assert np.array_equal(converted.picture.pixels, art)
    assert converted.facts.method == "grid"
    assert converted.facts.grid is not None
    assert converted.facts.grid["pitch_x"] == pytest.approx(6, abs=0.05)


def test_a_picture_larger_than_the_limits_is_refused(source: Path, tmp_path: Path) -> None:
    outcome = run_job(Job(source, tmp_path / "a.png", made(limits__max_pixels=100)))
    assert outcome.failure is not None
    assert outcome.failure.error["kind"] == "limit"


def test_padding_does_not_escape_the_limits() -> None:
    picture = Picture(np.full((2, 1000, 4), 255, np.uint8))
    chosen = made(grid__size=[2, 200], alpha__mode="opaque", limits__max_pixels=50_000)
    with pytest.raises(PictureError, match="limit of 50000"):
        convert_picture(picture, chosen)


def test_a_session_is_opened_once() -> None:
    first = sessions.get(made().method)
    assert sessions.get(made(grid__width=9).method) is first


def test_a_fault_of_one_job_is_its_outcome_and_the_next_is_done(source: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    jobs = [Job(path, tmp_path / "out" / path.name, made()) for path in (bad, source)]
    failed, done = run(jobs)
    assert failed.failure is not None
    assert failed.failure.error["path"] == str(bad)
    assert failed.failure.error["exit_code"] == 4
    assert "Traceback" in failed.failure.traceback
    assert done.status == "written"


def test_an_unforeseen_fault_is_reported_as_ours(source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(files, "convert_picture", broken)
    outcome = run_job(Job(source, tmp_path / "a.png", made()))
    assert outcome.failure is not None
    assert outcome.failure.error["kind"] == "internal"
    assert outcome.failure.error["cause"] == "ZeroDivisionError: oops"


def test_a_dry_run_reads_and_writes_nothing(tmp_path: Path) -> None:
    (outcome,) = run([Job(tmp_path / "missing.png", tmp_path / "a.png", made())], dry=True)
    assert outcome.status == "planned"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt", b"pixforge\0{}"]
)
def test_a_foreign_file_has_no_provenance(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    assert provenance.read_provenance(path) is None


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Noise, flats and gradients with alpha of every kind: none, binary, soft, invisible with colours under it."""
    width, height = draw(st.integers(1, 90)), draw(st.integers(1, 90))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    pixels = rng.integers(0, 256, (height, width, 4), np.uint8)
    if draw(st.booleans()):
        pixels[..., :3] = np.linspace(0, 255, width).astype(np.uint8)[None, :, None]
    if draw(st.booleans()):
        pixels[height // 3 :, : width // 2, :3] = rng.integers(0, 256, 3)
    alpha = draw(st.sampled_from(["opaque", "binary", "soft", "clear"]))
    if alpha != "soft":
        pixels[..., 3] = {"opaque": 255, "clear": 0}.get(alpha, 255 * (pixels[..., 3] > 120))
    return Picture(pixels)


@settings(max_examples=40, deadline=None)
@given(
    picture=pictures(),
    width=st.integers(1, 48),
    height=st.integers(1, 48),
    colors=st.integers(2, 256),
    fit=st.sampled_from(["contain", "cover", "stretch"]),
    outline=st.sampled_from(["keep", "none", "black", "selective"]),
    mode=st.sampled_from(["keep", "opaque"]),
)
def test_the_contract_holds_for_the_bytes_of_every_fit_outline_and_background(  # noqa: PLR0917  # hypothesis passes every draw by name
    picture: Picture, width: int, height: int, colors: int, fit: str, outline: str, mode: str
) -> None:
    chosen = made(
        grid__size=[width, height], grid__fit=fit, palette__colors=colors, outline__mode=outline,
        alpha__mode=mode,
    )  # fmt: skip
    converted = convert_picture(picture, chosen)
    data = converted.encode()
    with Image.open(io.BytesIO(data)) as image:
        pixels = np.asarray(image.convert("RGBA"))
    assert pixels.shape == (height, width, 4)
    assert np.isin(pixels[..., 3], (0, 255)).all()
    assert not pixels[pixels[..., 3] == 0].any()
    used = {tuple(colour) for colour in pixels[pixels[..., 3] > 0][:, :3].tolist()}
    assert converted.palette is not None
    assert used <= {tuple(colour) for colour in converted.palette.tolist()}
    assert len(converted.palette) <= colors
    if mode == "opaque":
        assert (pixels[..., 3] == 255).all()
    assert convert_picture(picture, chosen).encode() == data
