"""What a training run reports while it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class StepDone:
    """One step: losses by part, and how long it took in seconds."""

    step: int
    losses: dict[str, float]
    seconds: float


@dataclass(frozen=True)
class Validated:
    """Scores on held-out art; `best` if this checkpoint is now the chosen one."""

    step: int
    scores: dict[str, float]
    best: bool


@dataclass(frozen=True)
class Saved:
    """A checkpoint was written."""

    step: int
    path: Path


@dataclass(frozen=True)
class Pictured:
    """The grid of fixed samples was written."""

    step: int
    path: Path


@dataclass(frozen=True)
class RolledBack:
    """A step gave no finite number, or exploded; the run went back to `step` at half the rate."""

    step: int
    reason: str


@dataclass(frozen=True)
class Finished:
    """The run ended: all steps done, or no better score for long."""

    step: int
    reason: str


Event = StepDone | Validated | Saved | Pictured | RolledBack | Finished
