"""Outcomes as lines for people and as the JSON of `convert` and `batch`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TextIO

from pixforge.cli.output import Output
from pixforge.engine.events import Outcome, summarize
from pixforge.errors import OutputError, PartialFailure
from pixforge.preset import Preset

_SHOWN: Final = 6  # names in one line


def say_outcome(output: Output, outcome: Outcome) -> None:
    """Write one outcome for people: a line on stdout, an error on stderr."""
    if outcome.failure is not None:
        output.complaint(outcome.failure.error, outcome.failure.traceback)
        return
    output.line(f"{outcome.source} -> {outcome.destination}{_others(outcome)}  {_describe(outcome)}")


def _others(outcome: Outcome) -> str:
    """The names of the files beside the main one."""
    others = [file.path.name for file in outcome.files if file.path not in (outcome.destination, outcome.preview)]
    shown = others if len(others) <= _SHOWN else [*others[: _SHOWN - 1], f"{len(others) - _SHOWN + 1} more"]
    return f" (+ {', '.join(shown)})" if others else ""


def _describe(outcome: Outcome) -> str:
    if outcome.facts is None:
        return {"planned": "would be written", "skipped": "kept, it is there already"}.get(
            outcome.status, outcome.status
        )
    facts = outcome.facts
    words = [f"{facts.width} x {facts.height}", f"{facts.colors} colours"]
    if facts.frames > 1:
        words.append(f"{facts.frames} frames")
        words += [] if facts.flicker is None else [f"flicker {facts.flicker:.2%}"]
    words += [f"{facts.pages} pages"] if facts.pages > 1 else []
    same = ", unchanged" if outcome.status == "unchanged" else ""
    return f"{', '.join(words)}, {outcome.seconds:.2f} s{same}"


def document(preset: Preset, outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """Return the keys that `convert` and `batch` add to the JSON document."""
    return {
        "preset": describe_preset(preset),
        "outcomes": [outcome.as_dict() for outcome in outcomes],
        "summary": summarize(outcomes),
        "seconds": round(seconds, 4),
    }


def describe_preset(preset: Preset) -> dict[str, Any]:
    """Return what the JSON document says of a preset."""
    return {
        "name": preset.name,
        "path": None if preset.path is None else str(preset.path),
        "digest": preset.digest,
    }


def write_file(path: Path, write: Callable[[TextIO], None]) -> None:
    """Write a report, whole or not at all.

    Raises:
        OutputError: it cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8") as file:
            write(file)
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise OutputError(f"the report cannot be written ({error.strerror})", "choose another file", path) from error


def single_exit_code(outcomes: Sequence[Outcome]) -> int:
    """Return 0, the exit code of the only picture's error, or that of a partial failure."""
    failures = [outcome.failure for outcome in outcomes if outcome.failure is not None]
    if not failures:
        return 0
    return int(failures[0].error["exit_code"]) if len(outcomes) == 1 else PartialFailure.exit_code
