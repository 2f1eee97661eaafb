"""The manner of a run's own sprites: kept in its folder, and compared with what its model makes of drawings of them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from pixforge.image.picture import Rgba
from pixforge.image.save import write_atomic
from pixforge.methods import cyclegan
from pixforge.methods.contract import Request, Session
from pixforge.nn.card import Card
from pixforge.nn.store import write_model
from pixforge.pixel.ground import groundless
from pixforge.pixel.manner import manner_of
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions, PaletteOptions
from pixforge.pixel.stage import finish
from pixforge.train.data.store import load_collection
from pixforge.train.pairs.make import make_pair
from pixforge.train.pairs.sprite import hardened
from pixforge.train.recipe import Recipe

_FILE: Final = "sprites.npz"
_LEAST: Final = 40  # opaque cells of a sprite that says something
_EDGE: Final = 0.3  # share of its edge that a thing covers at most
_CONVERSIONS: Final = 240  # about; the more there are, the less chance has a say
_COLOURS: Final = 256


def write_own_sprites(folder: Path, root: Path, recipe: Recipe) -> None:
    """Keep pixel art of split train in a run's folder, at most `recipe.data.manner` sprites; 0 writes nothing.

    Args:
        folder: of the run.
        root: its data set.
        recipe: of the run.
    """
    if not recipe.data.manner or (folder / _FILE).is_file():
        return
    found = load_collection(root, lambda entry: entry.kind == "pixel" and entry.split == "train")
    order = np.random.default_rng(recipe.seed).permutation(len(found))[: recipe.data.manner]
    sprites = [groundless(hardened(found.pixels(int(index)))) for index in sorted(order)]
    kept = [sprite for sprite in sprites if _stands_free(sprite)]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, *kept)
    write_atomic(folder / _FILE, buffer.getvalue())


def manner_of_run(folder: Path, recipe: Recipe, card: Card, networks: Mapping[str, bytes]) -> tuple[float, ...]:
    """Return the odds of the manner that tells a run's sprites from its model's conversions; nothing without sprites.

    Args:
        folder: of the run.
        recipe: of the run: how drawings are made out of its sprites.
        card: of the model, without a manner.
        networks: ONNX, by direction.
    """
    sprites = _own_sprites(folder)
    if not sprites:
        return ()
    with tempfile.TemporaryDirectory() as place:
        write_model(Path(place) / "model", card, dict(networks), {})
        session = cyclegan.open_session(cyclegan.Options(), str(Path(place) / "model"))
        return manner_of(sprites, list(_conversions(session, sprites, recipe))).odds


def _stands_free(sprite: Rgba) -> bool:
    """Whether it shows a thing, as drawings do, and not a piece of ground: most of its edge is empty."""
    opaque = sprite[..., 3] > 0
    edge = np.concatenate([opaque[0], opaque[-1], opaque[:, 0], opaque[:, -1]])
    return bool(opaque.sum() >= _LEAST and edge.mean() <= _EDGE)


def _own_sprites(folder: Path) -> list[Rgba]:
    try:
        with np.load(io.BytesIO((folder / _FILE).read_bytes()), allow_pickle=False) as stored:
            return [stored[name] for name in stored.files]
    except FileNotFoundError:
        return []


def _conversions(session: Session, sprites: Sequence[Rgba], recipe: Recipe) -> Iterator[Rgba]:
    """Each sprite a few times drawn off the grid, and converted with the colours that it has."""
    plain = replace(recipe.pairs, stray=0.0, ink=0.0)
    for turn in range(max(1, _CONVERSIONS // len(sprites))):
        for place, sprite in enumerate(sprites):
            pair = make_pair(sprite, plain, np.random.default_rng((recipe.seed, turn, place)))
            palette = np.unique(sprite[sprite[..., 3] > 0][:, :3], axis=0)[:_COLOURS]
            alpha, outline, cleanup = AlphaOptions(), OutlineOptions(), CleanupOptions()
            height, width = sprite.shape[:2]
            request = Request(pair.drawing, width, height, palette, "to-pixel", alpha, outline, cleanup)
            draft = session.convert(request)
            yield finish(draft, palette, outline, cleanup, alpha, PaletteOptions()).picture().pixels
