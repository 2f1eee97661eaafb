"""The Python door: pixforge.convert and pixforge.convert_clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixforge
from pixforge.errors import OutputError, PictureError, SettingsError
from pixforge.image.load import load_frames
from pixforge.image.picture import Picture


def test_a_path_a_picture_an_image_and_an_array_are_one_door(source: Path) -> None:
    image = Image.open(source)
    array = np.asarray(image)
    results = [
        pixforge.convert(each, method="identity") for each in (source, str(source), image, array, Picture(array.copy()))
    ]
    for result in results:
        assert np.array_equal(result.picture.pixels, results[0].picture.pixels)
    assert (results[0].picture.width, results[0].picture.height) == (64, 43)


def test_flags_and_settings_override_the_preset(source: Path) -> None:
    result = pixforge.convert(
        source, preset="pico-8", settings={"alpha.mode": "opaque", "outline": {"mode": "none"}}, size=(12, 10), colors=5
    )
    assert (result.picture.width, result.picture.height) == (12, 10)
    assert result.picture.opaque
    assert len(result.palette) == 5
    assert (result.report.method, result.report.preset) == ("classical", "pico-8")
    assert result.report.as_dict()["width"] == 12


def test_the_result_saves_what_it_shows(source: Path, tmp_path: Path) -> None:
    result = pixforge.convert(source, method="identity", width=16)
    assert result.save(tmp_path / "new" / "a.png") is True
    assert result.save(tmp_path / "new" / "a.png") is False
    result.save_preview(tmp_path / "b.png", 5)
    with Image.open(tmp_path / "new" / "a.png") as small, Image.open(tmp_path / "b.png") as large:
        pixels = np.asarray(small.convert("RGBA"))
        assert np.array_equal(pixels, result.picture.pixels)
        assert np.array_equal(np.asarray(large.convert("RGBA")), pixels.repeat(5, 0).repeat(5, 1))


def test_opaque_arrays_need_no_alpha() -> None:
    assert pixforge.convert(np.full((20, 20, 3), 80, np.uint8), method="identity", width=4).picture.opaque


@pytest.mark.parametrize(
    "array", [np.zeros((4, 4)), np.zeros((4, 4, 2), np.uint8), np.zeros((0, 4, 4), np.uint8), "x" * 3]
)
def test_what_is_no_picture_is_refused(array: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PictureError):
        pixforge.convert(array, method="identity")


def test_an_unknown_option_is_suggested(source: Path) -> None:
    with pytest.raises(SettingsError, match='did you mean "colors"'):
        pixforge.convert(source, colours=5)


def test_a_clip_is_converted_from_paths_folders_and_arrays_alike(tmp_path: Path) -> None:
    arrays = []
    (tmp_path / "walk").mkdir()
    for number in range(3):
        pixels = np.zeros((24, 32, 4), np.uint8)
        pixels[8:20, 4 + 4 * number : 12 + 4 * number] = (200, 40, 90, 255)
        arrays.append(pixels)
        Image.fromarray(pixels).save(tmp_path / "walk" / f"walk_{number}.png")
    results = [
        pixforge.convert_clip(frames, 80, method="identity", cell=4)
        for frames in (arrays, tmp_path / "walk", sorted((tmp_path / "walk").iterdir()))
    ]
    for result in results:
        assert [picture.pixels.tobytes() for picture in result.pictures] == [
            picture.pixels.tobytes() for picture in results[0].pictures
        ]
        assert result.durations == (80, 80, 80)
    facts = results[0].report
    assert (facts.width, facts.height, facts.frames, facts.milliseconds, results[0].flicker) == (8, 6, 3, 240, 0.0)


def test_a_clip_is_saved_as_its_ending_says(tmp_path: Path) -> None:
    arrays = [np.full((8, 8, 4), (50 * number, 9, 9, 255), np.uint8) for number in range(3)]
    result = pixforge.convert_clip(arrays, [10, 20, 30], method="identity", cell=4)
    assert [path.name for path in result.save(tmp_path / "a.gif")] == ["a.gif"]
    assert sorted(path.name for path in result.save(tmp_path / "b.png")) == ["b.json", "b.png"]
    assert {path.name for path in result.save(tmp_path / "c.tres")} == {"c.png", "c.png.import", "c.tres", "c.tscn"}
    assert [frame.duration for frame in load_frames(tmp_path / "a.gif")] == [10, 20, 30]
    with pytest.raises(OutputError, match=r"not \.zip"):
        result.save(tmp_path / "d.zip")
    with pytest.raises(PictureError, match="2 durations for 3 frames"):
        pixforge.convert_clip(arrays, [10, 20], method="identity")
