"""The critic in use: ONNX Runtime, one thread, one picture at a time or many."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.evaluate.critic.statistics import VERSION, statistics
from pixforge.image.picture import Rgba
from pixforge.pixel.ground import groundless

if TYPE_CHECKING:
    import onnxruntime

Values = NDArray[np.floating]

_BUNDLED: Final = Path(__file__).parent / "critic.onnx"
LEAST: Final = 30  # opaque cells of a picture that can be judged
REACH: Final = 4.0  # spreads from the mean to which a statistic is clipped


@dataclass(frozen=True)
class Card:
    """What a critic says about itself; JSON beside its ONNX file.

    Attributes:
        sha256: of the ONNX file, hexadecimal.
        statistics: version of the statistics that it looks at.
        about: what it was trained on and how well it tells sources that it never saw, as plain values.
        credits: of the training pictures.
    """

    sha256: str
    statistics: int
    about: Mapping[str, Any] = field(default_factory=dict)
    credits: tuple[Mapping[str, Any], ...] = ()

    def encode(self) -> bytes:
        """Return the card as JSON."""
        return (json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n").encode()


class Critic:
    """A loaded critic.

    Args:
        path: its ONNX file; the card lies beside it with the ending .json.

    Attributes:
        card: what it says about itself.

    Raises:
        SettingsError: it cannot be read, or looks at other statistics than this version makes.
    """

    def __init__(self, path: Path) -> None:
        self.card = _read_card(path)
        self._session = _open(path, self.card)

    def realness(self, cells: Rgba) -> float | None:
        """Return how real a picture (H, W, 4) with hard alpha looks, 0..1; None where too little of it is opaque."""
        found = self.judge(cells)
        return None if found is None else found[0]

    def judge(self, cells: Rgba) -> tuple[float, NDArray[np.float32]] | None:
        """Return realness and features (K,), principal components of the statistics that it rests on."""
        shown = groundless(cells)
        if (shown[..., 3] > 0).sum() < LEAST:
            return None
        logits, features = self._session.run(None, {"statistics": statistics(shown)[None].astype(np.float32)})
        return float(1 / (1 + np.exp(-logits[0]))), features[0]


def area_under_curve(real: Values, made: Values) -> float:
    """Chance that a real picture gets the higher value than one that is not, ties counting half (AUC)."""
    order = np.sort(made)
    below = np.searchsorted(order, real, "left") + np.searchsorted(order, real, "right")
    return float(below.mean() / (2 * len(made)))


@cache
def bundled() -> Critic:
    """Return the critic that comes with pixforge."""
    return Critic(_BUNDLED)


def _read_card(path: Path) -> Card:
    try:
        table = json.loads(path.with_suffix(".json").read_bytes())
        card = Card(str(table["sha256"]), int(table["statistics"]), table["about"], tuple(table["credits"]))
        if card.statistics != VERSION:
            raise ValueError("it looks at other statistics than this version's")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"is not a critic: {error}", "train it again", path) from error
    return card


def _open(path: Path, card: Card) -> onnxruntime.InferenceSession:
    import onnxruntime

    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"is not a critic: {error}", "train it again", path) from error
    if hashlib.sha256(content).hexdigest() != card.sha256:
        raise SettingsError("is not a critic: the file is not the one that its card describes", "train it again", path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
