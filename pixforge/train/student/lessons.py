"""What a student learns from: drawings, what is known of them, and what the optimisation made of them; made once."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.image.save import write_atomic
from pixforge.methods import style as method
from pixforge.methods._style import pictures
from pixforge.methods._style.light import light_of
from pixforge.methods._style.planes import Facts, facts_of
from pixforge.methods._style.recolour import ColourMap, opaque_colours
from pixforge.methods._style.target import aim
from pixforge.methods.contract import Request, Session
from pixforge.methods.style import Options
from pixforge.pixel.fit import fit_palette
from pixforge.pixel.mapping import nearest_index
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions
from pixforge.preprocess import CELL, drawing_array
from pixforge.train.data.manifest import Split
from pixforge.train.data.store import Collection, load_collection, source_weights
from pixforge.train.pairs.cut import grid_size, ladder
from pixforge.train.student.recipe import StudentRecipe

FOLDER: Final = "lessons"
_LEAST: Final = 64  # opaque cells below which a drawing teaches nothing
_VERSION: Final = 4  # raised when a lesson of the same drawing changes


@dataclass(frozen=True, eq=False)
class Lesson(Facts):
    """One drawing at one size.

    Attributes:
        drawing: uint8 (4H, 4W, 4), premultiplied.
        cell: float32 (), source pixels a cell.
        answer: uint8 (H, W), the optimisation's entry of each cell.
    """

    drawing: NDArray[np.uint8]
    cell: NDArray[np.float32]
    answer: NDArray[np.uint8]


class School:
    """Makes lessons of a data set, and keeps them in a run's folder.

    Args:
        recipe: of the run.
        data: the data set.
        folder: of the run.

    Raises:
        SettingsError: the data set has no drawings to learn from, or the style cannot be used.
        NotPixelArtError: the style is no pixel art.
    """

    def __init__(self, recipe: StudentRecipe, data: Path, folder: Path) -> None:
        self._recipe, self._data, self._folder = recipe, data, folder / FOLDER
        self._art = pictures.style_art(recipe.method.style)
        share = recipe.method.light if recipe.method.strength else 0.0
        self._light = light_of(self._art) * np.float32(share)  # as the method takes it
        self._digest = digest = method.model_digest(recipe.method, recipe.encoder)
        table = {"version": _VERSION, "digest": digest, "colors": recipe.colors, **recipe.as_table()}
        kept = ("version", "digest", "colors", "method")
        self._key = json.dumps({name: table[name] for name in kept}, sort_keys=True)

    def lessons(self, split: Split, count: int) -> Iterator[Lesson]:
        """Yield at most so many lessons of a split, each made now or read from the run's folder.

        Args:
            split: of the data set.
            count: of lessons.
        """
        found = load_collection(self._data, lambda entry: entry.kind == "drawing" and entry.split == split)
        if not len(found) and split == "train":
            raise SettingsError("the data set has no drawings to train on", "add some: pixforge data add", self._data)
        made = 0
        for index, longest in self._order(found):
            if made == count:
                return
            lesson = self._lesson(Picture(found.pixels(index)), longest)
            if lesson is not None:
                made += 1
                yield lesson

    def _order(self, found: Collection) -> Iterator[tuple[int, int]]:
        """Drawings in a random order, small sources among the first, and how long each shall be."""
        if not len(found):
            return
        rng = np.random.default_rng(self._recipe.seed)
        sizes = ladder(self._recipe.longest)
        for index in rng.choice(len(found), len(found), replace=False, p=source_weights(found.entries, {})):
            yield int(index), sizes[int(rng.integers(len(sizes)))]

    def _lesson(self, picture: Picture, longest: int) -> Lesson | None:
        words = f"{self._key} {picture.width} {longest}"
        key = hashlib.sha256(picture.pixels.tobytes() + words.encode()).hexdigest()[:32]
        path = self._folder / f"{key}.npz"
        if path.is_file():
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
                return Lesson(**{field.name: stored[field.name] for field in fields(Lesson)})
        lesson = self._made(picture, longest)
        if lesson is not None:
            buffer = io.BytesIO()
            np.savez_compressed(buffer, **vars(lesson))
            write_atomic(path, buffer.getvalue())
        return lesson

    def _made(self, picture: Picture, longest: int) -> Lesson | None:
        """The lesson of a drawing; None if there is too little to see."""
        longest = min(longest, max(8, max(picture.width, picture.height) // 2))
        height, width = grid_size(picture.height, picture.width, longest)
        if (picture.pixels[..., 3] >= 128).sum() < _LEAST:
            return None
        options, colors = self._recipe.method, self._recipe.colors
        palette = method.own_palette(options, fit_palette([picture], colors), colors)
        request = _request(picture, width, height, palette)
        shown = picture
        if options.colours == "style":
            shown = ColourMap(opaque_colours([picture]), opaque_colours(self._art)).apply(picture)
        target = aim(request, shown, palette, CELL, self._light)
        if target.opaque.sum() < _LEAST:
            return None
        planes = drawing_array(shown, width, height)
        return Lesson(
            **vars(facts_of(target, palette, pictures.lightness([shown]))),
            drawing=np.rint(planes.transpose(1, 2, 0) * 255).astype(np.uint8),
            cell=np.array(picture.width / width, np.float32),
            answer=self._answer(request).astype(np.uint8),
        )

    def _answer(self, request: Request) -> NDArray[np.intp]:
        teacher = _opened(self._recipe.method, self._recipe.encoder, self._digest)
        assert request.palette is not None
        return nearest_index(teacher.convert(request).cells, request.palette)


@lru_cache(maxsize=2)
def _opened(options: Options, encoder: str, digest: str) -> Session:
    """The method, ready to optimise: compiled once, as long as encoder and style (by their digest) are the same."""
    del digest
    return method.open_session(options, encoder)


def _request(picture: Picture, width: int, height: int, palette: NDArray[np.uint8]) -> Request:
    return Request(picture, width, height, palette, "to-pixel", AlphaOptions(), OutlineOptions(), CleanupOptions())
