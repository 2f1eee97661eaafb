"""Findings that are kept from one evaluation to the next: nothing is measured twice while nothing has changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pixforge.evaluate.examine import Finding, Wish
from pixforge.evaluate.methods import Entrant
from pixforge.image.save import write_atomic

if TYPE_CHECKING:
    from pixforge.evaluate.work import Job


class Kept:
    """A folder of findings, one small JSON file each.

    The name of a file is the digest of all that decides the finding: contender and model, task, picture, wish, and
    pixforge's own source. A file that cannot be read is measured again.

    Args:
        folder: made when the first finding is kept.
        source: `source_digest()`, which the caller computes once for many.
    """

    def __init__(self, folder: Path, source: str) -> None:
        self._folder = folder
        self._source = source

    def get(self, entrant: Entrant, job: Job, wish: Wish) -> Finding | None:
        """Return what is kept."""
        try:
            table = json.loads(self._path(entrant, job, wish).read_bytes())
            return Finding(**{**table, "features": tuple(table["features"])})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(self, entrant: Entrant, job: Job, wish: Wish, finding: Finding) -> None:
        """Keep a finding."""
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomic(self._path(entrant, job, wish), json.dumps(asdict(finding)).encode())

    def _path(self, entrant: Entrant, job: Job, wish: Wish) -> Path:
        who = replace(entrant, model="") if entrant.digest else entrant  # a model is its weights, wherever they lie
        decides = json.dumps([asdict(who), job.task, job.index, job.subject.source, job.subject.name, asdict(wish)])
        pixels = job.subject.picture.pixels
        digest = hashlib.sha256(f"{self._source}{decides}{pixels.shape}".encode())
        digest.update(pixels.tobytes())
        return self._folder / f"{digest.hexdigest()[:40]}.json"


def source_digest() -> str:
    """Return the digest of pixforge's own modules and of the critic: a change of either makes all findings new."""
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted((*root.rglob("*.py"), *root.rglob("critic.onnx"))):
        digest.update(path.read_bytes())
    return digest.hexdigest()
