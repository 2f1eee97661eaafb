"""Several proposals for one picture: the same job with one seed after another."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from pixforge.engine.plan import Job, checked, main_ending
from pixforge.errors import SettingsError
from pixforge.methods import registry

SEEDS = 2**32


def variants(jobs: Sequence[Job], count: int) -> tuple[Job, ...]:
    """Return `count` jobs for each: hero.png becomes hero.1.png, hero.2.png, ..., by the preset's seed and those after.

    Raises:
        SettingsError: the method draws no random numbers, so that all would be alike; or a job is a cast.
        OutputError: two outputs would be one file.
    """
    for job in jobs:
        method = job.preset.method.name
        if not getattr(registry.load(method), "BY_CHANCE", False):
            able = [name for name in registry.names() if getattr(registry.load(name), "BY_CHANCE", False)]
            raise SettingsError(
                f'method "{method}" gives one answer, so that all variants would be alike',
                f"choose a method that draws random numbers: {', '.join(able)}",
            )
        if job.intake.kind == "cast":
            raise SettingsError("a cast has one palette for pictures that must match", "make variants of one of them")
    return checked([one for job in jobs for one in _proposals(job, count)])


def _proposals(job: Job, count: int) -> Iterator[Job]:
    ending = main_ending(job.preset)
    stem = job.destination.name.removesuffix(ending)
    for number in range(count):
        seed = (job.preset.method.seed + number) % SEEDS
        preset = dataclasses.replace(job.preset, method=dataclasses.replace(job.preset.method, seed=seed))
        place = job.destination.with_name(f"{stem}.{number + 1}{ending}")
        yield dataclasses.replace(job, destination=place, preset=preset)
