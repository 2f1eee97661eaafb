"""Models and training runs as contenders, and the curves that a run has written."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from pixforge import __version__
from pixforge.errors import MissingDependencyError, SettingsError
from pixforge.evaluate.methods import Entrant, entrant
from pixforge.evaluate.table import Mean, interval

CURVES: Final = ("losses.csv", "scores.csv")
_LAST: Final = 100  # steps of which a loss is the mean


def is_run(path: Path) -> bool:
    """Whether a folder is that of a training run: it holds numbered checkpoints or its losses."""
    return path.is_dir() and (any(path.glob("step-*.pt")) or (path / CURVES[0]).is_file())


def learned(model: str, every: bool, folder: Path) -> tuple[Entrant, ...]:
    """Return the entrants of a model or of a run.

    Args:
        model: the name or the path of a model; or the folder of a run, whose best checkpoint enters.
        every: of a run let every checkpoint that is there enter, as RUN@STEP.
        folder: where checkpoints are exported to; it must stay as long as they are measured.

    Raises:
        SettingsError: a run without a checkpoint, or no such model.
        MissingDependencyError: to read a checkpoint the extra "train" is needed.
    """
    path = Path(model)
    if not is_run(path):
        return (replace(entrant(f"cyclegan={model}"), name=path.name),)
    chosen = {path.name: path}
    if every:
        chosen = {f"{path.name}@{_step(one)}": one for one in sorted(path.glob("step-*.pt"))}
    if not chosen:
        raise SettingsError("holds no checkpoint", "let the run go on until it has saved one", path)
    paths = {name: _exported(one, name, folder) for name, one in chosen.items()}
    return tuple(replace(entrant(f"cyclegan={path}"), name=name) for name, path in paths.items())


def curves(run: Path) -> dict[str, list[tuple[int, float]]]:
    """Return what a run has logged, (step, value) by name: its losses (of discriminators too) and its scores."""
    found: dict[str, list[tuple[int, float]]] = {}
    for name in CURVES:
        path = run / name
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                step = int(row.pop("step"))
                for column, text in row.items():
                    if text:
                        found.setdefault(f"{path.stem} {column}", []).append((step, float(text)))
    return found


def last_losses(run: Path) -> Iterator[Mean]:
    """Yield the mean of each loss of a run, those of discriminators too, over the last steps; task "training"."""
    for name, points in curves(run).items():
        if name.startswith("losses "):
            values = [value for _, value in points[-_LAST:]]
            yield Mean(run.name, "training", name.removeprefix("losses "), *interval(values), len(values))


def _step(checkpoint: Path) -> int:
    return int(checkpoint.stem.partition("-")[2])


def _exported(run: Path, name: str, folder: Path) -> Path:
    try:
        from pixforge.train.ship import ship
    except ImportError as error:
        cause = f"checkpoints are read by {error.name}, which is not installed"
        raise MissingDependencyError(cause, 'install it with: pip install "pixforge[train]"') from error
    path = folder / name
    ship(run, None, path, name.replace("@", "-"), __version__)
    return path
