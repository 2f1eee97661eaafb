"""A recipe: everything that makes a model, in one TOML file, stored in the model it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pixforge.errors import SettingsError
from pixforge.nn.generators import GeneratorOptions
from pixforge.train.pairs.make import PairOptions, Share
from pixforge.typed_toml import Range, read, read_toml

_FOLDER: Final = Path(__file__).parent / "recipes"
Weight = Annotated[float, Range(0.0, 1e4)]


@dataclass(frozen=True)
class DataOptions:
    """What is drawn for a batch.

    Attributes:
        side: cells across and down of a canvas; a multiple of 4.
        pairs: canvases a step for drawing -> pixel art.
        reverse: canvases a step for pixel art -> drawing.
        real: share of those that are real drawings made pixel art, the others sprites made drawings.
        recolour: how often a canvas gets other colours.
        ground: how often a canvas is laid on an opaque ground.
        conditions: how often the colour count is told.
        weights: how often a source is drawn, relative to the square root of its size; 0 leaves it out.
    """

    side: Annotated[int, Range(8, 128)] = 32
    pairs: Annotated[int, Range(0, 256)] = 8
    reverse: Annotated[int, Range(0, 256)] = 4
    real: Share = 0.5
    recolour: Share = 0.5
    ground: Share = 0.3
    conditions: Share = 0.5
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LossOptions:
    """Weights of the loss parts; a part of weight 0 is not computed."""

    colour: Weight = 1.0
    decided: Weight = 0.1
    alpha: Weight = 0.5
    drawing: Weight = 1.0
    edges: Weight = 0.5


@dataclass(frozen=True)
class OptimiserOptions:
    """AdamW with warm-up and a cosine towards zero.

    Attributes:
        rate: highest learning rate.
        betas: of Adam.
        decay: weight decay.
        warmup: steps to the highest rate.
        steps: length of the run; the cosine ends there.
        clip: largest norm of the gradient of one network; a longer one is shortened, never skipped.
        average: decay of the moving average of the weights.
    """

    rate: Annotated[float, Range(0.0, 1.0)] = 6e-4
    betas: tuple[float, float] = (0.9, 0.99)
    decay: Annotated[float, Range(0.0, 1.0)] = 0.01
    warmup: Annotated[int, Range(0, 100000)] = 200
    steps: Annotated[int, Range(1, 10000000)] = 16000
    clip: Annotated[float, Range(1e-6, 1e6)] = 1.0
    average: Annotated[float, Range(0.0, 1.0)] = 0.999


@dataclass(frozen=True)
class WatchOptions:
    """How a run is watched.

    Attributes:
        validate: steps between validations.
        canvases: how many held-out canvases a validation looks at.
        patience: validations without a better score before the run stops; 0: never.
        explode: a loss this many times its recent mean counts as an explosion.
        rollbacks: how often a run may go back to its last good state (each time at half the rate) before it gives up.
    """

    validate: Annotated[int, Range(1, 1000000)] = 500
    canvases: Annotated[int, Range(1, 10000)] = 64
    patience: Annotated[int, Range(0, 10000)] = 0
    explode: Annotated[float, Range(1.0, 1e9)] = 20.0
    rollbacks: Annotated[int, Range(0, 100)] = 3


@dataclass(frozen=True)
class Recipe:
    """All choices of a training run."""

    name: str
    description: str = ""
    seed: Annotated[int, Range(0, 2**31)] = 1
    data: DataOptions = field(default_factory=DataOptions)
    pairs: PairOptions = field(default_factory=PairOptions)
    to_pixel: GeneratorOptions = field(default_factory=GeneratorOptions)
    to_drawing: GeneratorOptions = field(default_factory=GeneratorOptions)
    loss: LossOptions = field(default_factory=LossOptions)
    optimiser: OptimiserOptions = field(default_factory=OptimiserOptions)
    watch: WatchOptions = field(default_factory=WatchOptions)

    def as_table(self) -> dict[str, object]:
        """Return plain values, which `recipe_of` turns back into an equal recipe."""
        return asdict(self)


def load_recipe(name: str) -> Recipe:
    """Return a shipped recipe by name, or one from a TOML file.

    Raises:
        SettingsError: there is none, or it has mistakes (all of them are listed).
    """
    path = Path(name)
    if path.suffix != ".toml":
        path = _FOLDER / f"{name}.toml"
        if not path.exists():
            known = ", ".join(sorted(file.stem for file in _FOLDER.glob("*.toml")))
            raise SettingsError(f'there is no recipe "{name}"', f"give a .toml file or one of: {known}")
    return read(Recipe, read_toml(path), path)


def recipe_of(table: Mapping[str, object]) -> Recipe:
    """Return the recipe that a model or a checkpoint carries as plain values."""
    return read(Recipe, table)
