"""How a student learns: everything that makes it, stored in the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated

from pixforge.methods.style import Options
from pixforge.nn.generators import GeneratorOptions
from pixforge.nn.trunk import TrunkOptions
from pixforge.typed_toml import Range, read

SMALL = GeneratorOptions(trunk=TrunkOptions((48, 64, 96), (1, 2, 2), (5, 3, 3)))


@dataclass(frozen=True)
class StudentRecipe:
    """All choices of a run.

    Attributes:
        method: the style, its strength, its colours and the weights of the losses: the table [method.style] that the
            student stands for.
        encoder: whose features the losses compare, as `--model` of the method.
        origin: the model whose generator is the start, or "none".
        generator: its shape; that of the start, where there is one.
        pictures: drawings of the data set that are learnt from.
        longest: bounds of their longest side in cells.
        colors: of a drawing's palette, at most.
        taught: of these drawings, so many are optimised first; their answers are learnt by heart.
        answers: weight of those answers against the losses.
        losses: whether the optimisation's losses are asked too; without them a step needs no encoder.
        steps: length of the run.
        batch: canvases a step.
        seen: so many of them the encoder looks at, for content and style; the other losses are those of all.
        side: cells across and down of a canvas; a multiple of 4.
        rate: the highest learning rate (AdamW; warm-up, then a cosine to a hundredth).
        average: decay of the moving average of the weights, which is what ships.
        seed: of all chance.
    """

    method: Options = field(default_factory=Options)
    encoder: str = "bundled"
    origin: str = "bundled"
    generator: GeneratorOptions = SMALL
    pictures: Annotated[int, Range(1, 100_000)] = 240
    longest: tuple[int, int] = (24, 64)
    colors: Annotated[int, Range(2, 256)] = 16
    taught: Annotated[int, Range(0, 100_000)] = 0
    answers: Annotated[float, Range(0.0, 1e4)] = 0.0
    losses: bool = True
    steps: Annotated[int, Range(1, 10**7)] = 4000
    batch: Annotated[int, Range(1, 256)] = 6
    seen: Annotated[int, Range(1, 256)] = 2
    side: Annotated[int, Range(8, 128)] = 32
    rate: Annotated[float, Range(0.0, 1.0)] = 5e-4
    average: Annotated[float, Range(0.0, 1.0)] = 0.998
    seed: Annotated[int, Range(0, 2**31)] = 11

    def as_table(self) -> dict[str, object]:
        """Return plain values, which `recipe_of` turns back into an equal recipe."""
        return asdict(self)


def recipe_of(table: Mapping[str, object]) -> StudentRecipe:
    """Return the recipe that a run or a model carries as plain values."""
    return read(StudentRecipe, table)
