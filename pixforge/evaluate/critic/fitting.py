"""Fits a critic to samples, and says how well it tells sources that it never saw.

Logistic regression with a level of its own for each source of sprites (as a fixed effect): what the sprites of a source
and their downscales have in common says nothing about what is real. The levels are left behind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.evaluate.critic.model import REACH, Card, area_under_curve
from pixforge.evaluate.critic.samples import LARGEST, METHODS, Sample
from pixforge.evaluate.critic.statistics import VERSION, statistics

if TYPE_CHECKING:
    from pixforge.nn.card import Credit

Values = NDArray[np.float64]
Progress = Callable[[int, int], None]

_ROUNDS: Final = 12  # Newton steps; half as many are enough
_LEAST_SPREAD: Final = 1e-3


@dataclass(frozen=True)
class CriticOptions:
    """How a critic is fitted.

    Attributes:
        ridge: penalty on the square of each standardised weight.
        level: penalty on the square of each source's level.
        drawn: weight of downscales of drawings beside those of sprites; more of them teach what drawings are like.
        features: numbers that distances between sets of pictures rest on: principal components of the statistics.
    """

    ridge: float = 0.01
    level: float = 0.001
    drawn: float = 0.3
    features: int = 32


@dataclass(frozen=True, eq=False)
class Table:
    """The statistics of many samples, a row each.

    Attributes:
        values: float64 (N, F).
        real: bool (N,).
        source: of each (N,).
    """

    values: Values
    real: NDArray[np.bool_]
    source: NDArray[np.str_]

    def where(self, chosen: NDArray[np.bool_]) -> Table:
        """Return the rows that a mask (N,) chooses."""
        return Table(self.values[chosen], self.real[chosen], self.source[chosen])

    @property
    def sprites(self) -> list[str]:
        """The sources that have real samples, sorted; all others are sources of drawings."""
        return sorted(set(self.source[self.real].tolist()))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A critic: standardise the statistics, clip them, weigh them.

    Attributes:
        mean: (F,).
        spread: (F,).
        weights: (F,).
        bias: added to the weighted sum; above 0 is rather real.
        directions: (F, K), that features lie along.
    """

    mean: Values
    spread: Values
    weights: Values
    bias: float
    directions: Values

    def judged(self, values: Values) -> Values:
        """Return the logits (N,) of statistics (N, F)."""
        return np.asarray(_standard(values, self.mean, self.spread) @ self.weights + self.bias)


@dataclass(frozen=True)
class Told:
    """How well a critic tells a source of sprites from algorithmic downscales.

    Attributes:
        auc: against all downscales: of the same sprites and of drawings, neither seen in fitting.
        paired: against the downscales of the same sprites alone.
        real: sprites judged.
        made: downscales judged.
    """

    auc: float
    paired: float
    real: int
    made: int


def tabulate(samples: Sequence[Sample], progress: Progress = lambda _done, _total: None) -> Table:
    """Return the statistics of samples; `progress` is told how many are done of how many."""
    rows = []
    for done, sample in enumerate(samples, 1):
        rows.append(statistics(sample.cells))
        progress(done, len(samples))
    real = np.array([sample.real for sample in samples], bool)
    return Table(np.array(rows), real, np.array([sample.source for sample in samples], np.str_))


def fit_critic(table: Table, options: CriticOptions) -> Fitted:
    """Return the critic that tells the samples best; every source of sprites counts alike."""
    mean, spread = table.values.mean(axis=0), table.values.std(axis=0) + _LEAST_SPREAD
    rows = _standard(table.values, mean, spread)
    own = np.stack([table.source == name for name in table.sprites], axis=1).astype(np.float64)
    weight = _weights(table, options.drawn)
    width = rows.shape[1]
    penalty = np.concatenate([np.full(width, options.ridge), np.full(own.shape[1], options.level), [1e-6]])
    found = _logistic(np.column_stack([rows, own, np.ones(len(rows))]), table.real, weight, penalty)
    verdict = rows @ found[:width]
    slope, bias = _logistic(np.column_stack([verdict, np.ones(len(rows))]), table.real, weight, np.full(2, 1e-6))
    directions = np.linalg.eigh(np.cov(rows.T))[1][:, ::-1][:, : options.features]
    return Fitted(mean, spread, found[:width] * slope, float(bias), directions)


def tell(critic: Fitted, table: Table, sources: Collection[str]) -> dict[str, Told]:
    """Return for each of these sources of sprites how well the critic tells it.

    Args:
        critic: any.
        table: of pictures that it was not fitted to.
        sources: of sprites; the made pictures of sources that have no sprites are those of drawings.
    """
    logits = critic.judged(table.values)
    drawn = ~np.isin(table.source, table.sprites)
    found: dict[str, Told] = {}
    for source in sources:
        own, shown = (table.source == source) & ~table.real, logits[(table.source == source) & table.real]
        paired, every = logits[own], logits[own | drawn]
        aucs = (area_under_curve(shown, every), area_under_curve(shown, paired))
        found[source] = Told(round(aucs[0], 3), round(aucs[1], 3), len(shown), len(every))
    return found


def export_critic(critic: Fitted) -> bytes:
    """Return an ONNX model: statistics (N, F) float32 -> logits (N,), features (N, K)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    constants = {
        "mean": critic.mean, "spread": critic.spread, "least": np.array(-REACH), "most": np.array(REACH),
        "weights": critic.weights, "bias": np.array(critic.bias), "directions": critic.directions,
    }  # fmt: skip
    nodes = [
        helper.make_node("Sub", ["statistics", "mean"], ["centred"]),
        helper.make_node("Div", ["centred", "spread"], ["standard"]),
        helper.make_node("Clip", ["standard", "least", "most"], ["clipped"]),
        helper.make_node("MatMul", ["clipped", "weights"], ["verdict"]),
        helper.make_node("Add", ["verdict", "bias"], ["logits"]),
        helper.make_node("MatMul", ["clipped", "directions"], ["features"]),
    ]
    shapes: dict[str, list[str | int | None]] = {
        "statistics": ["batch", len(critic.mean)],
        "logits": ["batch"],
        "features": ["batch", critic.directions.shape[1]],
    }
    given, *wanted = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items())
    stored = [numpy_helper.from_array(np.asarray(value, np.float32), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "critic", [given], wanted, stored)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def card_of(
    content: bytes,
    options: CriticOptions,
    table: Table,
    told: Mapping[str, Mapping[str, Told]],
    credit: Sequence[Credit],
) -> Card:
    """Return the card of a critic.

    Args:
        content: its ONNX file.
        options: how it was fitted.
        table: what to.
        told: how well it tells sources, by what was left out.
        credit: of the pictures.
    """
    real = int(table.real.sum())
    return Card(
        sha256=hashlib.sha256(content).hexdigest(),
        statistics=VERSION,
        about={
            "real": f"{real} sprites at one pixel a cell, cut to {LARGEST} cells",
            "made": f"{len(table.real) - real} downscales ({', '.join(METHODS)}; few colours) of the same sprites made "
            "drawings, up to half a cell off the grid, and of real drawings",
            **{words: {source: asdict(one) for source, one in found.items()} for words, found in told.items()},
            "options": asdict(options),
        },
        credits=tuple(asdict(one) for one in credit),
    )


def _standard(values: Values, mean: Values, spread: Values) -> Values:
    return np.asarray(np.clip((values - mean) / spread, -REACH, REACH))


def _weights(table: Table, drawn: float) -> Values:
    """Real and made samples weigh 1 together each; among them every source alike, those of drawings `drawn` each."""
    out = np.zeros(len(table.real))
    for real in (True, False):
        for source in np.unique(table.source[table.real == real]):
            chosen = (table.source == source) & (table.real == real)
            out[chosen] = (1 if source in table.sprites else drawn) / chosen.sum()
        out[table.real == real] /= 2 * out[table.real == real].sum()
    return out


def _logistic(rows: Values, right: NDArray[np.bool_], weight: Values, penalty: Values) -> Values:
    """The weights (F,) of a logistic regression with a penalty on the square of each (Newton's method)."""
    found = np.zeros(rows.shape[1])
    for _ in range(_ROUNDS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ found, -30, 30)))
        slope = rows.T @ (weight * (chance - right)) + penalty * found
        bend = rows.T @ (rows * (weight * chance * (1 - chance))[:, None]) + np.diag(penalty)
        found = found - np.linalg.solve(bend, slope)
    return found
