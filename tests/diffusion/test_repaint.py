"""`pixforge repaint`: the region changes, nothing else does, and no colour is new."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pixforge.cli import boundary


@pytest.fixture
def art(tmp_path: Path) -> tuple[Path, Path]:
    """A sprite of three colours, and a mask of its upper half."""
    rng = np.random.default_rng(2)
    colours = np.array([[20, 10, 30, 255], [200, 60, 40, 255], [240, 230, 90, 255], [0, 0, 0, 0]], np.uint8)
    Image.fromarray(colours[rng.integers(0, 4, (11, 9))]).save(tmp_path / "sprite.png")
    mask = np.zeros((11, 9), np.uint8)
    mask[:5] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path / "sprite.png", tmp_path / "mask.png"


def test_the_region_alone_changes_and_no_colour_is_new(
    models: SimpleNamespace, art: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    command = ["repaint", str(art[0]), "--mask", str(art[1]), "-o", str(out), "--model", str(models.joint)]
    assert boundary.run([*command, "--steps", "2", "--variants", "2"]) == 0
    before = np.asarray(Image.open(art[0]).convert("RGBA"))
    made = [np.asarray(Image.open(tmp_path / f"out.{number}.png").convert("RGBA")) for number in (1, 2)]
    for pixels in made:
        assert (pixels[5:] == before[5:]).all()
        assert (pixels[:5] != before[:5]).any()
        assert {tuple(pixel) for pixel in pixels.reshape(-1, 4)} <= {tuple(pixel) for pixel in before.reshape(-1, 4)}
    assert (made[0] != made[1]).any()


@pytest.mark.parametrize(
    ("mask", "words"),
    [(np.full((4, 4), 255, np.uint8), "4 x 4"), (np.zeros((11, 9), np.uint8), "marks nothing")],
)
def test_masks_that_cannot_be_meant_are_refused(
    mask: np.ndarray,
    words: str,
    models: SimpleNamespace,
    art: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Image.fromarray(mask).save(art[1])
    out = tmp_path / "out.png"
    command = ["repaint", str(art[0]), "--mask", str(art[1]), "-o", str(out), "--model", str(models.joint)]
    assert boundary.run(command) == 4
    assert words in capsys.readouterr().err
    assert not out.exists()


def test_a_stable_diffusion_model_and_a_foreign_file_are_refused(
    models: SimpleNamespace, art: tuple[Path, Path], tmp_path: Path
) -> None:
    command = ["repaint", str(art[0]), "--mask", str(art[1])]
    assert boundary.run([*command, "-o", str(tmp_path / "a.png"), "--model", str(models.stable)]) == 5
    before = art[0].read_bytes()
    assert boundary.run([*command, "-o", str(art[0]), "--model", str(models.joint), "--steps", "1"]) == 8
    assert art[0].read_bytes() == before
