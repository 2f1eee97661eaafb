"""Trains the critic of `pixforge evaluate` and writes it with its card; the same file for the same data and options.

    python -m benchmarks.critic DATASET [--out critic.onnx] [--each 200]

It learns from split train of the data set, and is then judged on the held-out sources that have nothing there. First
critics that are fitted without one of the other sources each are judged on that one: design and options were chosen by
these folds alone. On one core: a few minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np

from pixforge.evaluate.critic import fitting
from pixforge.evaluate.critic.fitting import CriticOptions, Table, Told
from pixforge.evaluate.critic.samples import gather
from pixforge.nn.card import Credit
from pixforge.train.data.manifest import Entry, read_manifest

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = ROOT / "pixforge" / "evaluate" / "critic" / "critic.onnx"
JUDGED = 150  # sprites of a held-out source, at most
UNSEEN = "auc on sources held out, of this file"
FOLDS = "auc on sources left out, of critics fitted without them"


def main() -> None:
    """Fit, judge, write, and print the card."""
    options = _options()
    entries = read_manifest(options.data)
    learnt = {entry.source for entry in entries if entry.split == "train"}
    seen = _table(options.data, options.each, lambda entry: entry.split == "train")
    unseen = _table(options.data, JUDGED, lambda entry: entry.split == "held-out" and entry.source not in learnt)
    how = CriticOptions()
    folds = _folds(seen, unseen, how)
    critic = fitting.fit_critic(seen, how)
    told = {UNSEEN: fitting.tell(critic, unseen, unseen.sprites), FOLDS: folds}
    content = fitting.export_critic(critic)
    card = fitting.card_of(content, how, seen, told, _credits(entries))
    options.out.write_bytes(content)
    options.out.with_suffix(".json").write_bytes(card.encode())
    print(json.dumps(asdict(card), indent=1))


def _table(data: Path, each: int, wanted: Callable[[Entry], bool]) -> Table:
    return fitting.tabulate(gather(data, each, wanted), _progress)


def _folds(seen: Table, unseen: Table, options: CriticOptions) -> dict[str, Told]:
    """Each source of sprites judged by a critic that saw neither it nor the drawings that it is judged beside."""
    drawn = unseen.where(~np.isin(unseen.source, unseen.sprites))
    found: dict[str, Told] = {}
    for source in seen.sprites:
        left = seen.where(seen.source == source)
        judged = Table(*(np.concatenate([getattr(one, part.name) for one in (left, drawn)]) for part in fields(Table)))
        found |= fitting.tell(fitting.fit_critic(seen.where(seen.source != source), options), judged, [source])
    return found


def _credits(entries: Sequence[Entry]) -> list[Credit]:
    """Whom the pictures come from that it may learn from, with how many there are."""
    counts = Counter((one.source, one.author, one.licence, one.note) for one in entries if one.split == "train")
    return [
        Credit(source, author, licence, count, note)
        for (source, author, licence, note), count in sorted(counts.items())
    ]


def _progress(done: int, total: int) -> None:
    if done % 500 == 0 or done == total:
        print(f"statistics {done} of {total}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=SHIPPED)
    parser.add_argument("--each", type=int, default=200, help="sprites of a source")
    return parser.parse_args()


if __name__ == "__main__":
    main()
