"""Other programs as contenders: real processes that answer on stdin and stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from pixforge.cli import boundary
from pixforge.evaluate.methods import open_contenders, tool
from pixforge.evaluate.peers import Peer, PeerError
from pixforge.image.picture import Picture

Sprite = Callable[..., np.ndarray]

# Loses alpha, invents colours, counts its pictures, and fails for pictures of 9 cells across.
PROGRAM = """
import sys
from PIL import Image

assert sys.argv[1:] == ["serve"]
for number, line in enumerate(sys.stdin):
    source, out, width, height, colors = line.rstrip("\\n").split("\\t")
    if width == "9":
        print("failed: nine is too much", flush=True)
        continue
    with Image.open(source) as picture:
        small = picture.convert("RGB").resize((int(width), int(height)), Image.Resampling.BILINEAR)
    small.putpixel((0, 0), (number, 0, 0))
    small.save(out)
    print("ok", flush=True)
"""


@pytest.fixture
def program(tmp_path: Path) -> tuple[str, ...]:
    path = tmp_path / "peer.py"
    path.write_text(PROGRAM, encoding="utf-8")
    return (sys.executable, str(path))


def test_a_program_runs_once_for_many_pictures(program: tuple[str, ...], sprite: Sprite) -> None:
    peer = Peer("x", program)
    seen = [peer.convert(Picture(sprite(seed, 64)), 16, 12, 8)[0, 0, 0] for seed in range(3)]
    peer.close()
    assert seen == [0, 1, 2]


def test_the_same_picture_is_not_asked_for_twice(program: tuple[str, ...], sprite: Sprite) -> None:
    """So that a tool as it is and the same tool completed are one conversion."""
    raw, whole = open_contenders(tool("x", program))
    drawing = Picture(sprite(1, 64))
    assert raw.convert is not None
    assert whole.convert is not None
    first = raw.convert(drawing, 16, 16, 4)
    assert first[..., 3].min() == 255
    done = whole.convert(drawing, 16, 16, 4)
    assert set(np.unique(done[..., 3])) == {0, 255}
    assert len(np.unique(done[done[..., 3] > 0], axis=0)) <= 4
    assert raw.convert(Picture(sprite(1, 64)), 16, 16, 4)[0, 0, 0] == 1


def test_a_failure_is_told_and_the_next_picture_is_made(program: tuple[str, ...], sprite: Sprite) -> None:
    peer = Peer("x", program)
    with pytest.raises(PeerError, match="nine is too much"):
        peer.convert(Picture(sprite(1, 64)), 9, 9, 8)
    assert peer.convert(Picture(sprite(1, 64)), 8, 8, 8).shape == (8, 8, 4)
    peer.close()


@pytest.mark.parametrize(
    ("command", "words"),
    [((sys.executable, "-c", "raise SystemExit(3)"), "exit code 3"), (("no-such-program",), "cannot be started")],
)
def test_a_program_that_does_not_run_is_said(command: tuple[str, ...], words: str, sprite: Sprite) -> None:
    peer = Peer("x", command)
    with pytest.raises(PeerError, match=words):
        peer.convert(Picture(sprite(1, 64)), 8, 8, 8)
    peer.close()


def test_the_command_measures_a_program_beside_the_others(
    program: tuple[str, ...], folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["--drawings", str(folders[1]), "--peer", f"mine={' '.join(program)}", "--peer", "area", "--size", "16"]
    assert boundary.run(["evaluate", *args, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    contract = {row["contender"]: row["mean"] for row in document["means"] if row["measure"] == "contract"}
    assert contract == {"mine": 0.0, "mine+": 1.0, "area": 1.0}
