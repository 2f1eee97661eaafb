"""A drawn animation, converted by a shipped preset into a Godot project: Godot plays what was drawn, as long."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

import pixforge
from pixforge.cli import boundary

pytestmark = [pytest.mark.godot, pytest.mark.xdist_group("godot")]

HERE = Path(__file__).parent
PROJECT = 'config_version=5\n[application]\nconfig/name="test"\nconfig/features=PackedStringArray("4.6")\n'
DURATIONS = (100, 83, 40, 1000)


def draw(path: Path) -> Path:
    """A figure that waves: outlines, a gradient and transparency."""
    frames = []
    for number in range(len(DURATIONS)):
        image = Image.new("RGBA", (200, 240))
        pen = ImageDraw.Draw(image)
        pen.ellipse((60, 20, 140, 100), fill=(230, 180, 140, 255), outline=(20, 10, 10, 255), width=6)
        pen.rectangle((70, 100, 130, 200), fill=(60, 90, 200, 255), outline=(20, 10, 10, 255), width=6)
        pen.line((130, 120, 180, 150 - 30 * number), fill=(20, 10, 10, 255), width=8)
        frames.append(image)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=list(DURATIONS), format="PNG")
    return path


def test_a_clip_by_preset_arrives_in_godot_with_its_frames_and_times(
    tmp_path: Path, godot: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "game"
    for folder in ("clips", "tiles"):
        (project / folder).mkdir(parents=True)
    (project / "project.godot").write_text(PROJECT)
    (project / "check.gd").write_text((HERE / "check.gd").read_text())
    source = draw(tmp_path / "wave.png")
    monkeypatch.chdir(tmp_path)
    assert boundary.run(["convert", "wave.png", "-o", "game/clips/wave/hero.tres", "-p", "godot-character"]) == 0
    before = {path: path.read_bytes() for path in (project / "clips").rglob("*") if path.is_file()}
    assert len(before) == 4
    printed = godot(project, "--import") + godot(project, "--script", "res://check.gd")
    assert "ERROR" not in printed, printed
    result = next(line for line in printed.splitlines() if line.startswith("RESULT "))
    found = json.loads(result[7:])["wave"]
    expected = pixforge.convert_clip(source, preset="godot-character")
    assert list(found["animations"]) == ["default"]
    frames = found["animations"]["default"]["frames"]
    assert [round(frame["seconds"] * 1000, 3) for frame in frames] == list(DURATIONS)
    for frame, picture in zip(frames, expected.pictures, strict=True):
        assert frame["size"] == [picture.width, picture.height]
        assert frame["pixels"] == picture.pixels.tobytes().hex()
    assert {picture.height for picture in expected.pictures} == {64}
    assert len({picture.pixels.tobytes() for picture in expected.pictures}) == len(DURATIONS)
    assert found["scene"]["frames"] is True
    changed = [path.name for path, data in before.items() if path.read_bytes() != data]
    assert changed == [], "Godot finds nothing to complete"
