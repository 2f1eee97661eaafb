"""Measures many contenders on many pictures: in this process or in several, each picture once for all contenders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from pixforge.evaluate import examine
from pixforge.evaluate.critic.model import bundled
from pixforge.evaluate.examine import ARTIST, Finding, Found, Task, Wish
from pixforge.evaluate.kept import Kept, source_digest
from pixforge.evaluate.methods import Contender, Entrant, open_contenders
from pixforge.evaluate.peers import PeerError
from pixforge.evaluate.subjects import Subject
from pixforge.nn.onnx_session import THREADS

_MANY: Final = 24  # jobs from which starting processes pays
_ARTIST: Final = Entrant(ARTIST, "plain")


@dataclass(frozen=True, eq=False)
class Job:
    """One picture under one task.

    Attributes:
        task: see `Finding`.
        index: of the picture among those of its kind.
        subject: the picture.
    """

    task: Task
    index: int
    subject: Subject


@dataclass(frozen=True)
class Setting:
    """What is the same for all jobs.

    Attributes:
        entrants: who is measured.
        wish: what is asked of them for a drawing.
        cache: folder in which findings are kept; None: nowhere.
        source: `kept.source_digest()`; `findings` fills it in, so that no worker computes it again.
    """

    entrants: tuple[Entrant, ...]
    wish: Wish
    cache: Path | None = None
    source: str = ""


def jobs(sprites: Sequence[Subject], drawings: Sequence[Subject]) -> tuple[Job, ...]:
    """Return everything that can be measured on these pictures."""
    return (
        *(Job(task, index, one) for index, one in enumerate(sprites) for task in ("pairs", "round trip")),
        *(Job(task, index, one) for index, one in enumerate(drawings) for task in ("drawings", "grounds")),
    )


def findings(todo: Sequence[Job], setting: Setting, workers: int) -> Iterator[tuple[Finding, ...]]:
    """Yield the findings of each job, in order.

    Args:
        todo: the jobs.
        setting: for all of them.
        workers: processes; 0: as many as there are cores, if there are enough jobs.
    """
    count = workers or (os.cpu_count() or 1 if len(todo) >= _MANY else 1)
    way = partial(measure, setting=replace(setting, source=source_digest()) if setting.cache else setting)
    if count == 1:
        yield from map(way, todo)
        return
    with ProcessPoolExecutor(count, get_context("spawn"), _one_thread) as pool:
        yield from pool.map(way, todo)


def measure(job: Job, setting: Setting) -> tuple[Finding, ...]:
    """Return what every contender, and for sprites the artist, comes to on one picture."""
    kept = Kept(setting.cache, setting.source) if setting.cache else None
    found = []
    entrants = setting.entrants if job.task != "pairs" else (*setting.entrants, _ARTIST)
    for place, entrant in enumerate(entrants):
        key = (entrant, job, setting.wish)
        finding = kept.get(*key) if kept else None
        if finding is None:
            finding = _measured(place, job, setting)
            if kept:
                kept.put(*key, finding)
        found.append(finding)
    return tuple(found)


def _measured(place: int, job: Job, setting: Setting) -> Finding:
    if place == len(setting.entrants):
        values, features = examine.artist(job.subject.picture, bundled())
        return _finding(ARTIST, Job("drawings", job.index, job.subject), (values, features))
    contender = _opened(setting.entrants)[place]
    try:
        return _finding(contender.name, job, _examined(contender, job, setting.wish))
    except PeerError:
        return _finding(contender.name, job, ({"failed": 1.0}, ()))


def _examined(contender: Contender, job: Job, wish: Wish) -> Found:
    if job.task == "pairs":
        return examine.on_pair(contender, _pair(job.subject, job.index))
    if job.task == "round trip":
        return examine.round_trip(contender, job.subject.picture)
    if job.task == "grounds":
        return examine.on_grounds(contender, job.subject.picture, wish)
    return examine.on_drawing(contender, job.subject.picture, wish, bundled())


def _finding(name: str, job: Job, found: Found) -> Finding:
    values = {measure: value for measure, value in found[0].items() if value is not None}
    return Finding(name, job.task, f"{job.subject.source}/{job.subject.name}", values, found[1])


_opened = lru_cache(maxsize=1)(open_contenders)
_pair = lru_cache(maxsize=1)(examine.exact_pair)


def _one_thread() -> None:
    os.environ[THREADS] = "1"
