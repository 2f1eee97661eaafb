"""Trains the critic of `pixforge evaluate` and writes it with its card; the same file for the same data and options.

    python -m benchmarks.critic DATASET [--out critic.onnx] [--each 260] [--steps 1000] [--folds 3]

It learns from split train of the data set, and is then judged on the sources of sprites that have nothing there. With
--folds, critics that are trained without some of the other sources are judged on those as well (with half the steps).
On one core: about ten minutes, and as many again for the folds.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from pixforge.evaluate.critic import fitting
from pixforge.evaluate.critic.planes import CHANNELS
from pixforge.evaluate.critic.samples import Sample, gather
from pixforge.nn.card import Credit
from pixforge.nn.critic import CriticOptions, export_critic
from pixforge.train.data.manifest import Entry, read_manifest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "pixforge" / "evaluate" / "critic" / "critic.onnx"
JUDGED = 150  # sprites of a held-out source, at most
UNSEEN = "auc on sources held out, of this file"
FOLDS = "auc on sources left out, of critics trained without them"


def main() -> None:
    """Train, judge, write, and print the card."""
    options = _options()
    entries = read_manifest(options.data)
    learnt = {entry.source for entry in entries if entry.split == "train"}
    seen = gather(options.data, options.each, lambda entry: entry.split == "train")
    unseen = gather(options.data, JUDGED, lambda entry: entry.source not in learnt)
    shape = CriticOptions(steps=options.steps)
    network = fitting.train_critic(seen, shape, _progress)
    told = {UNSEEN: fitting.tell(network, unseen, _sprite_sources(unseen))}
    told[FOLDS] = _folds(seen, unseen, options.folds, replace(shape, steps=options.steps // 2))
    content = export_critic(network, CHANNELS)
    card = fitting.card_of(content, shape, seen, told, _credits(entries))
    options.out.write_bytes(content)
    options.out.with_suffix(".json").write_bytes(card.encode())
    print(json.dumps(asdict(card), indent=1))


def _folds(
    seen: Sequence[Sample], unseen: Sequence[Sample], folds: int, options: CriticOptions
) -> dict[str, fitting.Told]:
    """Each source of sprites judged by a critic that saw neither it nor the drawings that it is judged beside."""
    sources = _sprite_sources(seen)
    drawn = [sample for sample in unseen if sample.source not in _sprite_sources(unseen)]
    found: dict[str, fitting.Told] = {}
    for fold in range(folds):
        apart = sources[fold::folds]
        network = fitting.train_critic([one for one in seen if one.source not in apart], options, _progress)
        judged = [one for one in seen if one.source in apart]
        found |= fitting.tell(network, [*judged, *drawn], apart)
    return found


def _sprite_sources(samples: Sequence[Sample]) -> list[str]:
    return sorted({sample.source for sample in samples if sample.real})


def _credits(entries: Sequence[Entry]) -> list[Credit]:
    """Whom the pictures come from that it may learn from, with how many there are."""
    counts = Counter((one.source, one.author, one.licence, one.note) for one in entries if one.split == "train")
    return [
        Credit(source, author, licence, count, note)
        for (source, author, licence, note), count in sorted(counts.items())
    ]


def _progress(step: int, loss: float) -> None:
    if step % 50 == 0:
        print(f"step {step}  loss {loss:.3f}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--each", type=int, default=260, help="sprites of a source")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--folds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
