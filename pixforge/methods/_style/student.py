"""A trained student instead of the optimisation: what needs no encoder in NumPy, a small network in ONNX Runtime."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import LimitError, SettingsError
from pixforge.methods._style import pictures
from pixforge.methods._style.planes import VERSION, chosen, facts_of, planes_of
from pixforge.methods._style.relax import holds_of
from pixforge.methods._style.session import MOST, drafted
from pixforge.methods._style.target import aim
from pixforge.nn.store import Model, open_model
from pixforge.nn.style import weights
from pixforge.preprocess import CELL

if TYPE_CHECKING:
    import onnxruntime

    from pixforge.methods._style.recolour import ColourMap
    from pixforge.methods.contract import Request
    from pixforge.methods.style import Options
    from pixforge.pixel.draft import Draft

_LARGEST_SHARE: Final = 2.0


def find_student(model: str) -> Model | None:
    """Return the model if it is a student; None if it is an encoder.

    Raises:
        MissingDependencyError: there is no such model.
        SettingsError: it cannot be used by this version.
    """
    path = None if Path(model).suffix in {".h5", ".hdf5", ".keras"} else weights.find(model)
    if path is None or not (path.is_dir() or path.suffix == ".zip"):
        return None
    found = open_model(path)
    network = found.card.networks.get("to-pixel")
    return found if network is not None and network.file.endswith(".onnx") else None


class StudentSession:
    """Converts in direction to-pixel with a student.

    The student shades; lines, details and silhouette are the drawing's. The options count as far as they concern
    colours, and `strength`, which is relative to the one that it learnt with; the style is in its weights, and the
    direction of its light in its card, with what holds the drawing.

    Args:
        options: the table [method.style].
        model: the student.

    Raises:
        SettingsError: it was trained on other planes than this version's.
    """

    def __init__(self, options: Options, model: Model) -> None:
        self._options, self._model = options, model
        recipe = model.card.recipe
        if recipe.get("planes") != VERSION:
            words = f'"{model.card.name}" is a student of another version of pixforge'
            raise SettingsError(words, "train it again: pixforge train style", model.path)
        table = recipe.get("method", {})
        learnt = float(table.get("strength", 0.0)) or options.strength or 1.0
        self._share = min(options.strength / learnt, _LARGEST_SHARE)
        self._light = np.array(recipe.get("light", (0, 0)), np.float32)
        self._holds = holds_of(table)
        self._series: tuple[object, ColourMap] | None = None
        self.model_digest = student_digest(options, model)

    @cached_property
    def _network(self) -> onnxruntime.InferenceSession:
        from pixforge.nn.onnx_session import open_graph, thread_count

        return open_graph(self._model.network("to-pixel"), thread_count())

    def convert(self, request: Request) -> Draft:
        """Convert in direction to-pixel.

        Raises:
            SettingsError: the request is of direction to-drawing.
            LimitError: it is of more cells than the optimisation takes.
        """
        if request.direction != "to-pixel" or request.palette is None:
            remedy = "leave --model out: the optimisation draws"
            raise SettingsError(f'"{self._model.card.name}" is a student, which converts only to-pixel', remedy)
        if request.width * request.height * CELL * CELL > MOST:
            words = f"{request.width} x {request.height} cells are too many for a student ({MOST // CELL**2} at most)"
            raise LimitError(words, "ask for a smaller grid, or convert by another method")
        colours = self._colour_map(request)
        picture = request.picture if colours is None else colours.apply(request.picture)
        target = aim(request, picture, request.palette, CELL, self._light)
        own = target.start.entry
        if not target.free.any() or self._share == 0:
            return drafted(target, own, request)
        seen = planes_of(facts_of(target, request.palette, pictures.lightness([picture])), self._holds)
        logits = self._network.run(["out"], {"planes": seen.array[None]})[0][0]
        return drafted(target, chosen(logits, seen, own, target.free, self._share), request)

    def _colour_map(self, request: Request) -> ColourMap | None:
        """How colours move; the same for all frames of a clip."""
        from pixforge.methods._style.recolour import ColourMap, opaque_colours

        if self._options.colours == "content":
            return None
        if self._series is not None and request.series is not None and self._series[0] is request.series:
            return self._series[1]
        wanted: NDArray[np.uint8] | None = request.palette
        if self._options.colours == "style":
            wanted = opaque_colours(pictures.style_art(self._options.style))
        assert wanted is not None
        found = ColourMap(opaque_colours([request.picture]), wanted)
        if request.series is not None:
            self._series = (request.series, found)
        return found


def student_digest(options: Options, model: Model) -> str:
    """Return the digest of what a student's output depends on besides the options."""
    from pixforge.nn.style import library

    digest = model.card.digest
    return weights.joined(digest, library.find(options.style).digest) if options.colours == "style" else digest
