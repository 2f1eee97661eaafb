"""Recipes of diffusion: one TOML file each, of one of two kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pixforge.train.pairs.make import PairOptions, Share
from pixforge.train.recipe import DataOptions, OptimiserOptions, Recipe, recipe_file
from pixforge.typed_toml import Range, read, read_toml

LORA_FILE: Final = "lora.safetensors"  # what a run that learns a LoRA writes
_FOLDER: Final = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class NetworkOptions:
    """The U-Net of a model at logical resolution.

    Attributes:
        channels: of each resolution, the finest first: multiples of 16, the last of 32.
        layers: residual blocks at each.
        attention: whether the coarsest resolution looks everywhere at once.
        lora: where a run starts from a base, the rank of the small matrices that learn beside its weights; 0: the
            weights themselves learn.
    """

    channels: tuple[int, ...] = (96, 144, 192)
    layers: Annotated[int, Range(1, 8)] = 2
    attention: bool = True
    lora: Annotated[int, Range(0, 512)] = 0


@dataclass(frozen=True)
class FlowOptions:
    """What is asked of a model at logical resolution.

    Attributes:
        dropout: how often the known side is hidden, so that guidance has something to compare with.
        freedom: how often each level of freedom is trained, relative to the others.
        to_drawing: weight of the direction to-drawing; to-pixel has 1.
        centre: where along the flow training looks most: a normal number, through a sigmoid (Esser et al. 2024).
        spread: its standard deviation.
        floor: errors at less noise than this share count as if there were so much.
    """

    dropout: Share = 0.1
    freedom: tuple[float, float, float, float] = (0.4, 0.2, 0.2, 0.2)
    to_drawing: Annotated[float, Range(0.0, 100.0)] = 0.5
    centre: Annotated[float, Range(-5.0, 5.0)] = 0.0
    spread: Annotated[float, Range(0.01, 5.0)] = 1.0
    floor: Annotated[float, Range(0.01, 1.0)] = 0.3


@dataclass(frozen=True)
class InstructOptions:
    """How Stable Diffusion is trained.

    Attributes:
        objective: instruct: the drawing's latent beside the noisy one, and what the base predicts (Brooks et al. 2023).
            report: the report's training with its mistakes, to compare with: no noise, no scheduler, no scaling of
            latents, random pairs.
        weights: lora trains small matrices beside the base's, full all of the U-Net.
        rank: of those matrices.
        side: pixels of a training picture.
        pairs: how many pairs are made and kept as latents; after that neither VAE nor text encoder is needed.
        batch: pairs a pass.
        accumulate: passes a step.
        prompts: the instruction of each direction.
        dropout: how often the text, the drawing, and both are hidden (each so often).
        snr_gamma: bound of the weight of easy noise levels (min-SNR, Hang et al. 2023); 0: none.
        checkpointing: recompute activations instead of keeping them: less memory, a third more time.
        ground: grey behind transparent pictures, 0 to 255.
    """

    objective: Literal["instruct", "report"] = "instruct"
    weights: Literal["lora", "full"] = "lora"
    rank: Annotated[int, Range(1, 512)] = 16
    side: Annotated[int, Range(16, 2048)] = 512
    pairs: Annotated[int, Range(1, 1000000)] = 2000
    batch: Annotated[int, Range(1, 1024)] = 4
    accumulate: Annotated[int, Range(1, 1024)] = 2
    prompts: tuple[str, str] = ("pixel art of a drawing", "drawing of pixel art")
    dropout: Share = 0.05
    snr_gamma: Annotated[float, Range(0.0, 1000.0)] = 5.0
    checkpointing: bool = True
    ground: Annotated[int, Range(0, 255)] = 255


@dataclass(frozen=True)
class DiffusionRecipe:
    """All choices of a training run.

    Attributes:
        name: what it is called.
        description: one line for people.
        kind: joint: a model at logical resolution, from nothing; instruct: Stable Diffusion, from a base.
        seed: of all chance.
        data, pairs: what is looked at, as for the other networks.
        network, flow: of kind joint.
        instruct: of kind instruct.
        optimiser: how the run goes.
        validate: steps between two looks at held-out pairs; 0: none.
    """

    name: str
    description: str = ""
    kind: Literal["joint", "instruct"] = "joint"
    seed: Annotated[int, Range(0, 2**31)] = 1
    data: DataOptions = field(default_factory=DataOptions)
    pairs: PairOptions = field(default_factory=PairOptions)
    network: NetworkOptions = field(default_factory=NetworkOptions)
    flow: FlowOptions = field(default_factory=FlowOptions)
    instruct: InstructOptions = field(default_factory=InstructOptions)
    optimiser: OptimiserOptions = field(default_factory=OptimiserOptions)
    validate: Annotated[int, Range(0, 10**7)] = 500

    @property
    def plain(self) -> Recipe:
        """What batches and the learning rate of the other networks go by."""
        return Recipe(self.name, seed=self.seed, data=self.data, pairs=self.pairs, optimiser=self.optimiser)

    def as_table(self) -> dict[str, Any]:
        """Return plain values, which `recipe_of` turns back into an equal recipe."""
        return asdict(self)


def load_recipe(name: str) -> DiffusionRecipe:
    """Return a shipped recipe by name, or one from a TOML file.

    Raises:
        SettingsError: there is none, or it has mistakes (all of them are listed).
    """
    path = recipe_file(name, _FOLDER)
    return read(DiffusionRecipe, read_toml(path), path)


def of_length(recipe: DiffusionRecipe, steps: int | None) -> DiffusionRecipe:
    """Return the recipe with so many steps; None: as it is."""
    return recipe if steps is None else replace(recipe, optimiser=replace(recipe.optimiser, steps=steps))


def recipe_of(table: Mapping[str, object]) -> DiffusionRecipe:
    """Return the recipe that a checkpoint carries as plain values."""
    return read(DiffusionRecipe, table)
