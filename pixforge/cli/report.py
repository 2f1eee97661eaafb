"""Outcomes as lines for people and as the JSON of `convert` and `batch`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pixforge.cli.output import Output
from pixforge.engine.events import Outcome, summarize
from pixforge.errors import PartialFailure
from pixforge.preset import Preset


def say_outcome(output: Output, outcome: Outcome) -> None:
    """Write one outcome for people: a line on stdout, an error on stderr."""
    if outcome.failure is not None:
        output.complaint(outcome.failure.error, outcome.failure.traceback)
        return
    output.line(f"{outcome.source} -> {outcome.destination}  {_describe(outcome)}")


def _describe(outcome: Outcome) -> str:
    if outcome.facts is None:
        return {"planned": "would be written", "skipped": "kept, it is there already"}.get(
            outcome.status, outcome.status
        )
    facts = outcome.facts
    same = ", unchanged" if outcome.status == "unchanged" else ""
    return f"{facts.width} x {facts.height}, {facts.colors} colours, {outcome.seconds:.2f} s{same}"


def document(preset: Preset, outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """Return the keys that `convert` and `batch` add to the JSON document."""
    return {
        "preset": {
            "name": preset.name,
            "path": None if preset.path is None else str(preset.path),
            "digest": preset.digest,
        },
        "outcomes": [outcome.as_dict() for outcome in outcomes],
        "summary": summarize(outcomes),
        "seconds": round(seconds, 4),
    }


def single_exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 0, the exit code of the only picture's error, or that of a partial failure."""
    failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
    if not failures:
        return 0
    return int(failures[0].error["exit_code"]) if len(outcomes) == 1 else PartialFailure.exit_code
