"""Models and training runs as contenders, and what a run has logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixforge.cli import boundary
from pixforge.errors import SettingsError
from pixforge.evaluate.methods import open_contenders
from pixforge.evaluate.plots import write_plots
from pixforge.evaluate.runs import curves, is_run, last_losses, learned
from pixforge.evaluate.table import Mean
from pixforge.image.picture import Picture

Sprite = Callable[..., np.ndarray]
LOSSES = "step,loss,discriminator\n1,4,0.5\n2,2,\n3,3,0.7\n"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run that has logged three steps and saved two checkpoints of tiny networks."""
    pytest.importorskip("torch")
    import torch

    from pixforge.nn.generators import GeneratorOptions
    from pixforge.nn.trunk import TrunkOptions
    from pixforge.train.recipe import load_recipe
    from pixforge.train.state import new_state, save_state

    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "losses.csv").write_text(LOSSES, encoding="utf-8")
    tiny = GeneratorOptions(trunk=TrunkOptions(channels=(16, 16), blocks=(1, 1), kernels=(3, 3)))
    recipe = replace(load_recipe("base"), to_pixel=tiny, to_drawing=tiny)
    state = new_state(recipe, torch.device("cpu"))
    for state.step in (1, 3):
        save_state(folder, state)
    return folder


def test_what_a_run_has_logged_is_read_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text(LOSSES, encoding="utf-8")
    assert is_run(tmp_path)
    assert curves(tmp_path) == {
        "losses loss": [(1, 4.0), (2, 2.0), (3, 3.0)],
        "losses discriminator": [(1, 0.5), (3, 0.7)],
    }
    found = {row.measure: (row.mean, row.pictures) for row in last_losses(tmp_path)}
    assert found == {"loss": (3.0, 3), "discriminator": (pytest.approx(0.6), 2)}


def test_the_best_checkpoint_of_a_run_and_every_one_convert(run: Path, tmp_path: Path, sprite: Sprite) -> None:
    best = learned(str(run), False, tmp_path / "a")
    each = learned(str(run), True, tmp_path / "b")
    assert [one.name for one in best] == ["tiny"]
    assert [one.name for one in each] == ["tiny@1", "tiny@3"]
    for one in open_contenders((*best, *each)):
        assert one.convert is not None
        assert one.restore is not None
        assert one.convert(Picture(sprite(1, 64)), 16, 16, 4).shape == (16, 16, 4)
        assert one.restore(Picture(sprite(1, 16)), 8).pixels.shape == (128, 128, 4)


def test_a_run_stands_in_the_table_with_its_losses_and_curves(
    run: Path, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = ["--pixel", folders[0], "--model", run, "--checkpoints", "--limit", 1, "--plots", tmp_path / "plots"]
    assert boundary.run(["evaluate", *(str(part) for part in args), "--workers", "1", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    rows = {(row["contender"], row["task"], row["measure"]) for row in document["means"]}
    wanted = {("tiny", "training", "discriminator"), ("tiny@3", "round trip", "cycle"), ("tiny@1", "pairs", "exact")}
    assert wanted <= rows
    assert {"tiny-curves.png", "pairs-checkpoints.png", "pairs.png"} <= {Path(path).name for path in document["plots"]}


def test_a_run_without_a_checkpoint_is_explained(tmp_path: Path) -> None:
    (tmp_path / "losses.csv").write_text(LOSSES, encoding="utf-8")
    with pytest.raises(SettingsError, match="checkpoint"):
        learned(str(tmp_path), True, tmp_path / "out")


def test_plots_are_drawn_of_any_rows(tmp_path: Path) -> None:
    rows = [Mean(name, "pairs", "exact", 0.5, 0.4, 0.7, 9) for name in ("a", "r@10", "r@20")]
    steps = [(step, float(np.sin(step / 50))) for step in range(500)]
    paths = write_plots(tmp_path, rows, {"r": {"losses loss": steps}, "empty": {}})
    assert [path.name for path in paths] == ["pairs.png", "pairs-checkpoints.png", "r-curves.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)
