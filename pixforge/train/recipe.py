"""A recipe: everything that makes a model, in one TOML file, stored in the model it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Final, Literal

from pixforge.errors import SettingsError
from pixforge.nn.adversarial import Game
from pixforge.nn.augment import Change
from pixforge.nn.discriminators import JudgeOptions
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
        drawings: real drawings a step, of which nobody knows the right answer.
        longest: bounds of their longest side in cells.
        art: canvases of true pixel art a step, for judges, cycle and identity.
        true: canvases of true pairs a step (a sprite and a drawing of the same subject, by the manifest's pair key).
        overlap: least overlap (intersection over union) of their silhouettes.
        shapes: made-up drawings a step, for the loss "remember" (they need no data).
        replay: share of each of these that comes from the replay data set, if one is given; never of `art`.
        weights: how often a source is drawn, relative to the square root of its size; 0 leaves it out.
        palette: colours of the run's own pixel art that its model carries; 0: none.
        manner: sprites of the run's own of which its model, when exported, learns how cells lie together; 0: none.
        bare: how often an opaque sprite on a plain ground is shown without the ground, as drawings are.
    """

    side: Annotated[int, Range(8, 128)] = 32
    pairs: Annotated[int, Range(0, 256)] = 8
    reverse: Annotated[int, Range(0, 256)] = 4
    real: Share = 0.5
    recolour: Share = 0.5
    ground: Share = 0.3
    conditions: Share = 0.5
    drawings: Annotated[int, Range(0, 256)] = 0
    longest: tuple[int, int] = (16, 64)
    art: Annotated[int, Range(0, 256)] = 0
    true: Annotated[int, Range(0, 256)] = 0
    overlap: Share = 0.6
    shapes: Annotated[int, Range(0, 256)] = 0
    replay: Share = 0.0
    weights: dict[str, float] = field(default_factory=dict)
    palette: Annotated[int, Range(0, 256)] = 0
    manner: Annotated[int, Range(0, 10000)] = 0
    bare: Share = 0.0


@dataclass(frozen=True)
class LossOptions:
    """Weights of the loss parts; a part of weight 0 is not computed.

    Attributes:
        colour: exact pairs, colour of opaque cells.
        decided: exact pairs, share of cells missed.
        alpha: exact pairs, cross-entropy of alpha.
        outline: exact pairs, dark lines and the cells that connect them.
        drawing: reverse pairs, difference.
        edges: reverse pairs, difference of the steps between pixels.
        taught: real drawings, the answer of the method `classical` (colour, alpha, outline as for exact pairs).
        content: real drawings, low-pass colour and alpha.
        contour: real drawings, their dark lines.
        palette: real drawings, few colours.
        flatness: real drawings, flat areas.
        cycle_pixel: pixel art -> drawing -> pixel art, exact at logical resolution.
        cycle_drawing: drawing -> pixel art -> drawing, low-pass.
        identity: enlarged pixel art stays what it is.
        true: true pairs, to within a cell.
        remember: the answers of the model that the run started from.
        adversarial_pixel: the judges of pixel art.
        adversarial_drawing: the judges of drawings.
    """

    colour: Weight = 1.0
    decided: Weight = 0.1
    alpha: Weight = 0.5
    outline: Weight = 0.0
    drawing: Weight = 1.0
    edges: Weight = 0.5
    taught: Weight = 0.0
    content: Weight = 0.0
    contour: Weight = 0.0
    palette: Weight = 0.0
    flatness: Weight = 0.0
    cycle_pixel: Weight = 0.0
    cycle_drawing: Weight = 0.0
    identity: Weight = 0.0
    true: Weight = 0.0
    remember: Weight = 0.0
    adversarial_pixel: Weight = 0.0
    adversarial_drawing: Weight = 0.0


@dataclass(frozen=True)
class AdversaryOptions:
    """The judges, there if the loss of their side has a weight.

    Attributes:
        game: loss of both sides.
        pixel: judge of pixel art at one pixel a cell.
        drawing: judge of drawings at four pixels a cell.
        rate: learning rate, constant.
        betas: of Adam.
        start: steps in which the judges learn alone.
        ramp: steps over which the adversarial weights then grow to their full value.
        penalty: weight of the gradient penalty on real pictures (R1).
        penalty_every: steps between two penalties (each then counts as many times).
        changes: what differentiable augmentation does.
        noise: standard deviation, 0..1, of noise on everything a judge sees; below it differences are invisible.
    """

    game: Game = "hinge"
    pixel: JudgeOptions = field(default_factory=JudgeOptions)
    drawing: JudgeOptions = field(default_factory=lambda: JudgeOptions(width=32, strides=(2, 2, 1)))
    rate: Annotated[float, Range(0.0, 1.0)] = 4e-4
    betas: tuple[float, float] = (0.0, 0.99)
    start: Annotated[int, Range(0, 1000000)] = 100
    ramp: Annotated[int, Range(0, 1000000)] = 500
    penalty: Annotated[float, Range(0.0, 1e4)] = 0.1
    penalty_every: Annotated[int, Range(1, 1000)] = 8
    changes: tuple[Change, ...] = ("colour", "translation", "cutout")
    noise: Annotated[float, Range(0.0, 1.0)] = 0.015


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
        slack: a later checkpoint counts as the best if its score is at most so much below the best.
        explode: a loss this many times its recent mean counts as an explosion.
        rollbacks: how often a run may go back to its last good state (each time at half the rate) before it gives up.
    """

    validate: Annotated[int, Range(1, 1000000)] = 500
    canvases: Annotated[int, Range(1, 10000)] = 64
    patience: Annotated[int, Range(0, 10000)] = 0
    slack: Annotated[float, Range(0.0, 1.0)] = 0.0
    explode: Annotated[float, Range(1.0, 1e9)] = 20.0
    rollbacks: Annotated[int, Range(0, 100)] = 3


@dataclass(frozen=True)
class Recipe:
    """All choices of a training run.

    Attributes:
        name: what it is called.
        description: one line for people.
        seed: of all chance.
        objective: parts: the weighted losses below; report: the CycleGAN of the report, at eight pixels a cell.
        data, pairs: what is looked at.
        to_pixel, to_drawing: the generators; a run that starts from a model takes the model's.
        loss, adversary: what is asked of them.
        optimiser, watch: how the run goes.
    """

    name: str
    description: str = ""
    seed: Annotated[int, Range(0, 2**31)] = 1
    objective: Literal["parts", "report"] = "parts"
    data: DataOptions = field(default_factory=DataOptions)
    pairs: PairOptions = field(default_factory=PairOptions)
    to_pixel: GeneratorOptions = field(default_factory=GeneratorOptions)
    to_drawing: GeneratorOptions = field(default_factory=GeneratorOptions)
    loss: LossOptions = field(default_factory=LossOptions)
    adversary: AdversaryOptions = field(default_factory=AdversaryOptions)
    optimiser: OptimiserOptions = field(default_factory=OptimiserOptions)
    watch: WatchOptions = field(default_factory=WatchOptions)

    @property
    def lenient(self) -> bool:
        """Whether a data set of sprites alone will do: when a model is fine-tuned, drawings are made up or replayed."""
        return bool(self.loss.remember or self.data.replay)

    def as_table(self) -> dict[str, object]:
        """Return plain values, which `recipe_of` turns back into an equal recipe."""
        return asdict(self)


def load_recipe(name: str) -> Recipe:
    """Return a shipped recipe by name, or one from a TOML file.

    Raises:
        SettingsError: there is none, or it has mistakes (all of them are listed).
    """
    path = recipe_file(name, _FOLDER)
    return read(Recipe, read_toml(path), path)


def recipe_file(name: str, shipped: Path) -> Path:
    """Return the file of a recipe: the one named, or the shipped one of this name.

    Raises:
        SettingsError: there is none of this name; those that there are, are listed.
    """
    path = Path(name)
    if path.suffix == ".toml":
        return path
    path = shipped / f"{name}.toml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in shipped.glob("*.toml")))
        raise SettingsError(f'there is no recipe "{name}"', f"give a .toml file or one of: {known}")
    return path


def of_length(recipe: Recipe, steps: int | None) -> Recipe:
    """Return the recipe with so many steps, validations closer together if it is short; None: as it is."""
    if steps is None:
        return recipe
    watch = replace(recipe.watch, validate=min(recipe.watch.validate, max(1, steps // 4)))
    return replace(recipe, optimiser=replace(recipe.optimiser, steps=steps), watch=watch)


def recipe_of(table: Mapping[str, object]) -> Recipe:
    """Return the recipe that a model or a checkpoint carries as plain values."""
    return read(Recipe, table)
