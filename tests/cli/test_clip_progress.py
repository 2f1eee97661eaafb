"""A long clip shows its frames where somebody is looking, and Ctrl-C leaves nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge import preset
from pixforge.engine.clip import convert_clip
from pixforge.engine.plan import Intake, Job
from pixforge.engine.run import run
from pixforge.image.picture import Frame, Picture
from pixforge.image.resample import enlarge
from pixforge.sheet.clip import Clip

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a terminal is made of a pseudo-terminal")

Told = list[tuple[int, int]]


def pictures(count: int) -> list[Picture]:
    """Noise, so that no frame is like another."""
    rng = np.random.default_rng(1)
    return [Picture(rng.integers(0, 256, (48, 48, 4), dtype=np.uint8)) for _ in range(count)]


def animation(path: Path, count: int) -> Path:
    first, *others = (Image.fromarray(picture.pixels) for picture in pictures(count))
    first.save(path, format="PNG", save_all=True, append_images=others, duration=50)
    return path


@pytest.mark.parametrize(
    "overrides",
    [
        {"grid.cell": 4},
        {"grid.cell": 4, "clip.lock": []},
        {"grid.cell": 4, "clip.mode": "set"},
        {"grid.cell": "auto"},
    ],
)
def test_every_road_tells_of_every_frame_in_order(overrides: dict[str, object]) -> None:
    chosen = preset.parse({"direction": "to-pixel"}, "test", overrides={"method.name": "identity", **overrides})
    frames = [enlarge(picture, 6) for picture in pictures(3)]
    told: Told = []
    convert_clip(
        Clip(tuple(Frame(picture, 50) for picture in [*frames, frames[0]])),
        chosen,
        lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_what_the_listener_raises_ends_the_job_and_nothing_is_written(tmp_path: Path) -> None:
    """Ctrl-C comes in the midst of a clip: KeyboardInterrupt passes, the folder of the outputs is not even there."""
    chosen = preset.parse({"direction": "to-pixel"}, "test", overrides={"method.name": "identity", "grid.cell": 4})
    job = Job(animation(tmp_path / "in.png", 4), tmp_path / "out" / "walk.png", chosen, Intake("file"))
    told: Told = []

    def listen(done: int, total: int) -> None:
        told.append((done, total))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(run([job], progress=listen))
    assert told == [(1, 4), (2, 4)]
    assert not (tmp_path / "out").exists()


def test_control_c_during_a_long_clip_ends_the_process_with_nothing_written(work: Path) -> None:
    """A real process on a real terminal: it is interrupted when its bar has appeared."""
    import pty

    animation(work / "in.png", 250)
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pixforge", "convert", "in.png", "-o", "out/", "-m", "classical", "--cell", "2"]
    process = subprocess.Popen(command, cwd=work, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = _read_until(ours, b"/250")
    process.send_signal(signal.SIGINT)
    seen += _read_until(ours, b"no such text")
    assert process.wait(60) == 130, seen
    assert sorted(path.name for path in work.iterdir()) == ["in.png"]
    assert b"Traceback" not in seen


def _read_until(file: int, wanted: bytes) -> bytes:
    seen = b""
    while wanted not in seen:
        try:
            more = os.read(file, 4096)
        except OSError:  # the other end was closed
            return seen
        if not more:
            return seen
        seen += more
    return seen
