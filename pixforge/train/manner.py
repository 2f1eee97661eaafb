"""The manner of a data set's sprites: what tells them from what a model makes of drawings of them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from pixforge.errors import SettingsError
from pixforge.image.picture import Rgba
from pixforge.image.save import write_atomic
from pixforge.methods import registry
from pixforge.methods.contract import Request, Session, tell_steps
from pixforge.nn.card import Card, Credit
from pixforge.nn.store import Model, copy_model, write_model
from pixforge.pixel.ground import groundless
from pixforge.pixel.manner import manner_of
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions, PaletteOptions
from pixforge.pixel.stage import finish
from pixforge.train.data.store import load_collection, source_weights
from pixforge.train.pairs.make import PairOptions, make_pair
from pixforge.train.pairs.sprite import hardened

METHODS: Final = ("cyclegan", "diffusion")
SPRITES: Final = 240  # that are looked at, unless told otherwise
_FILE: Final = "sprites.npz"
_DRAWN: Final = PairOptions(shift=0.4, soften=(0.4, 0.9), shade=0.4)
_SEED: Final = 1
_LEAST: Final = 40  # opaque cells of a sprite that says something
_EDGE: Final = 0.3  # share of its edge that a thing covers at most
_FEWEST: Final = 3  # colours; of fewer every arrangement is a matter of the silhouette
_COLOURS: Final = 256


def with_manner(model: Model, data: Path, path: Path, name: str, most: int = SPRITES, strength: float = 1.0) -> Card:
    """Write a model that lays cells together as the sprites of a data set do; its networks are left as they are.

    Args:
        model: of a method that goes by a manner: cyclegan, or diffusion at logical resolution.
        data: the data set; sprites of its split train are looked at.
        path: folder or zip to write.
        name: of the model.
        most: how many sprites.
        strength: how much the manner counts; see `Manner.times`.

    Returns:
        The card written. How far it is, `pixforge.methods.contract.listening` tells.

    Raises:
        SettingsError: there is no such data set, or none of its sprites shows a thing on nothing.
        OutputError: the model is there already or cannot be written.
    """
    sprites, thanks = own_sprites(data, most)
    if not sprites:
        remedy = "add sprites of things on nothing or on a plain ground: pixforge data add --kind pixel"
        raise SettingsError("has no sprites that stand free and have three colours, in split train", remedy, data)
    session = _session(model.card.method, model.path)
    manner = manner_of(sprites, list(_conversions(session, sprites))).times(strength)
    known = {(each.source, each.author, each.licence) for each in model.card.credits}
    new = [each for each in thanks if (each.source, each.author, each.licence) not in known]
    card = replace(model.card, name=name, credits=(*model.card.credits, *new), manner=manner.odds)
    copy_model(Model(model.path, card), path)
    return card


def write_own_sprites(folder: Path, root: Path, most: int) -> None:
    """Keep sprites of a run's data set in its folder, for the manner of its model.

    Args:
        folder: of the run.
        root: its data set.
        most: how many; 0 writes nothing.
    """
    if not most or (folder / _FILE).is_file():
        return
    buffer = io.BytesIO()
    np.savez_compressed(buffer, *own_sprites(root, most)[0])
    write_atomic(folder / _FILE, buffer.getvalue())


def manner_of_run(folder: Path, card: Card, networks: Mapping[str, bytes]) -> tuple[float, ...]:
    """Return the odds of the manner that tells a run's sprites from its model's conversions; nothing without sprites.

    Args:
        folder: of the run.
        card: of the model, without a manner.
        networks: ONNX, by direction.
    """
    try:
        with np.load(io.BytesIO((folder / _FILE).read_bytes()), allow_pickle=False) as stored:
            sprites = [stored[each] for each in stored.files]
    except FileNotFoundError:
        return ()
    if not sprites:
        return ()
    with tempfile.TemporaryDirectory() as place:
        write_model(Path(place) / "model", card, networks)
        session = _session("cyclegan", Path(place) / "model")
        return manner_of(sprites, list(_conversions(session, sprites))).odds


def _session(method: str, model: Path) -> Session:
    """The model as it answers without a manner.

    Raises:
        SettingsError: its method goes by none.
    """
    if method not in METHODS:
        raise SettingsError(f"models of method {method} go by no manner", f"choose one of {', '.join(METHODS)}", model)
    module = registry.require(method)
    session: Session = module.open_session(module.Options(manner=0.0), str(model))
    return session


def own_sprites(root: Path, most: int) -> tuple[list[Rgba], tuple[Credit, ...]]:
    """Return sprites of split train that show a thing on nothing, without their ground, and whom to credit.

    Args:
        root: the data set.
        most: how many; the sources by the square root of their size.
    """
    found = load_collection(root, lambda entry: entry.kind == "pixel" and entry.split == "train")
    if not len(found):
        return [], ()
    rng = np.random.default_rng(_SEED)
    order = rng.choice(len(found), len(found), replace=False, p=source_weights(found.entries, {}))
    sprites: list[Rgba] = []
    counts: dict[tuple[str, str, str], int] = {}
    for index in order:
        if len(sprites) == most:
            break
        sprite, entry = groundless(hardened(found.pixels(int(index)))), found.entries[int(index)]
        if _stands_free(sprite):
            sprites.append(sprite)
            key = (entry.source, entry.author, entry.licence)
            counts[key] = counts.get(key, 0) + 1
    return sprites, tuple(Credit(*key, count) for key, count in sorted(counts.items()))


def _stands_free(sprite: Rgba) -> bool:
    """Whether it shows a thing, as drawings do: most of its edge is empty, and it is more than a silhouette."""
    opaque = sprite[..., 3] > 0
    if len(np.unique(sprite[opaque], axis=0)) < _FEWEST:
        return False
    edge = np.concatenate([opaque[0], opaque[-1], opaque[:, 0], opaque[:, -1]])
    return bool(opaque.sum() >= _LEAST and edge.mean() <= _EDGE)


def _conversions(session: Session, sprites: Sequence[Rgba]) -> Iterator[Rgba]:
    """Each sprite, the fewer the oftener, drawn off the grid and converted with the colours that it has."""
    alpha, outline, cleanup = AlphaOptions(), OutlineOptions(), CleanupOptions()
    turns = max(1, SPRITES // len(sprites))
    for turn in range(turns):
        for place, sprite in enumerate(sprites):
            tell_steps(turn * len(sprites) + place, turns * len(sprites))
            pair = make_pair(sprite, _DRAWN, np.random.default_rng((_SEED, turn, place)))
            palette = np.unique(sprite[sprite[..., 3] > 0][:, :3], axis=0)[:_COLOURS]
            height, width = sprite.shape[:2]
            request = Request(pair.drawing, width, height, palette, "to-pixel", alpha, outline, cleanup)
            drafted = session.convert(request)
            yield finish(drafted, palette, outline, cleanup, alpha, PaletteOptions()).picture().pixels
    tell_steps(turns * len(sprites), turns * len(sprites))
