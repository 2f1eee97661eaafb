"""A run that is killed again and again ends with the weights of one that was not, judges and all."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from pixforge.train.state import checkpoints, read_checkpoint  # noqa: E402  # after the check for torch

RECIPE = """
name = "tiny"
[data]
side = 8
pairs = 2
reverse = 2
drawings = 1
art = 2
longest = [8, 16]
[to_pixel.trunk]
channels = [8, 8]
blocks = [1, 1]
kernels = [3, 3]
[to_drawing.trunk]
channels = [8, 8]
blocks = [1, 1]
kernels = [3, 3]
[loss]
outline = 0.05
taught = 0.5
content = 0.5
cycle_pixel = 0.2
cycle_drawing = 0.2
palette = 0.2
adversarial_pixel = 0.02
adversarial_drawing = 0.02
[adversary]
start = 5
ramp = 10
pixel = { width = 4 }
drawing = { width = 4 }
[optimiser]
steps = 60
[watch]
validate = 25
canvases = 4
"""

RUN = """
import sys
from pathlib import Path
import torch
from pixforge.train.recipe import load_recipe
from pixforge.train.trainer import RunOptions, Sources, train
torch.set_num_threads(1)
recipe, data, folder = sys.argv[1:]
options = RunOptions(torch.device("cpu"), save_seconds=0.0, picture_seconds=0.0)
for event in train(load_recipe(recipe), Sources(Path(data)), Path(folder), options):
    print(event.step, flush=True)
"""


def command(recipe: Path, data: Path, folder: Path) -> list[str]:
    return [sys.executable, "-c", RUN, str(recipe), str(data), str(folder)]


@pytest.mark.slow
def test_five_kills_change_no_weight(data_set: Callable[[], Path], tmp_path: Path) -> None:
    recipe, data = tmp_path / "tiny.toml", data_set()
    recipe.write_text(RECIPE)
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    subprocess.run(command(recipe, data, whole), check=True, stdout=subprocess.DEVNULL, timeout=300)
    for kill in range(5):
        process = subprocess.Popen(command(recipe, data, broken), stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for line in process.stdout:  # killed in the middle of whatever comes after this step
            if int(line) >= 10 * (kill + 1):
                break
        time.sleep(0.003 * kill)
        process.kill()
        process.wait(timeout=60)
        process.stdout.close()
    subprocess.run(command(recipe, data, broken), check=True, stdout=subprocess.DEVNULL, timeout=300)
    ends = [read_checkpoint(checkpoints(folder)[-1]) for folder in (whole, broken)]
    assert [end["numbers"]["step"] for end in ends] == [60, 60]
    assert set(ends[0]["networks"]) == {"to-pixel", "to-drawing", "judge-pixel", "judge-drawing"}
    for part in ("networks", "averages"):
        for name, weights in ends[0][part].items():
            for key, value in weights.items():
                assert torch.equal(value, ends[1][part][name][key]), (part, name, key)
    assert ends[0]["numbers"] == ends[1]["numbers"]
