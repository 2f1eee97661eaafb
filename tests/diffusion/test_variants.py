"""`convert --variants`: files that differ, each the one of its seed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from pixforge.cli import boundary


def command(drawing: Path, model: Path, out: Path, *more: str) -> list[str]:
    return [
        "convert", str(drawing), "-o", str(out), "-m", "diffusion", "--model", str(model), "--size", "12x14",
        "--set", "method.diffusion.steps=2", "--set", "method.diffusion.freedom=2", "--json", *more,
    ]  # fmt: skip


def test_variants_are_numbered_differ_and_come_back_by_their_seed(
    models: SimpleNamespace, drawing: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "hero.png"
    assert boundary.run(command(drawing, models.joint, out, "--variants", "3")) == 0
    files = sorted(path.name for path in out.parent.iterdir())
    assert files == ["hero.1.png", "hero.2.png", "hero.3.png"]
    pictures = [np.asarray(Image.open(out.parent / name).convert("RGBA")) for name in files]
    assert all(picture.shape == (14, 12, 4) for picture in pictures)
    assert all((pictures[left] != pictures[right]).any() for left, right in ((0, 1), (0, 2), (1, 2)))
    again = tmp_path / "again.png"
    assert boundary.run(command(drawing, models.joint, again, "--set", "method.seed=1")) == 0
    assert (np.asarray(Image.open(again).convert("RGBA")) == pictures[1]).all()


def test_a_method_without_chance_says_that_all_would_be_alike(
    drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out" / "hero.png"
    assert boundary.run(["convert", str(drawing), "-o", str(out), "--variants", "2"]) == 5
    assert "diffusion" in capsys.readouterr().err
    assert not out.parent.exists()


def test_a_dry_run_names_every_variant(
    models: SimpleNamespace, drawing: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(command(drawing, models.joint, tmp_path / "a.png", "--variants", "2", "--dry-run")) == 0
    said = capsys.readouterr().out
    assert "a.1.png" in said
    assert "a.2.png" in said
    assert not list(tmp_path.glob("a.*"))
