"""A trained student instead of the optimisation: one call of a small network in ONNX Runtime."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.methods._style.choice import entries
from pixforge.methods._style.session import drafted
from pixforge.methods._style.target import aim
from pixforge.nn.store import Model, open_model
from pixforge.nn.style import weights
from pixforge.preprocess import CELL, conditions, drawing_array

if TYPE_CHECKING:
    from pixforge.methods._style.recolour import ColourMap
    from pixforge.methods.contract import Request
    from pixforge.methods.style import Options
    from pixforge.nn.onnx_session import OnnxGenerator
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
    direction of its light in its card.

    Args:
        options: the table [method.style].
        model: the student.
    """

    def __init__(self, options: Options, model: Model) -> None:
        self._options, self._model = options, model
        table = model.card.recipe.get("method", {})
        learnt = float(table.get("strength", 0.0)) or options.strength or 1.0
        self._share = np.float32(min(options.strength / learnt, _LARGEST_SHARE))
        self._light = np.array(model.card.recipe.get("light", (0, 0)), np.float32)
        self._series: tuple[object, ColourMap] | None = None
        self.model_digest = student_digest(options, model)

    @cached_property
    def _network(self) -> OnnxGenerator:
        from pixforge.nn.onnx_session import OnnxGenerator

        return OnnxGenerator(self._model.network("to-pixel"), "to-pixel", self._model.card.networks["to-pixel"].reach)

    def convert(self, request: Request) -> Draft:
        """Convert in direction to-pixel.

        Raises:
            SettingsError: the request is of direction to-drawing.
        """
        if request.direction != "to-pixel" or request.palette is None:
            remedy = "leave --model out: the optimisation draws"
            raise SettingsError(f'"{self._model.card.name}" is a student, which converts only to-pixel', remedy)
        colours = self._colour_map(request)
        picture = request.picture if colours is None else colours.apply(request.picture)
        target = aim(request, picture, request.palette, CELL, self._light)
        drawing = drawing_array(picture, request.width, request.height)
        told = conditions(request.picture.width / request.width, len(request.palette))
        colour = self._network.run(drawing, told)[:3].transpose(1, 2, 0) * np.float32(255)
        own = request.palette[target.start.entry].astype(np.float32)
        mixed = own + self._share * (colour + target.shade[..., None] * np.float32(255) - own)
        return drafted(target, entries(mixed, request.palette, target.start.entry, ~target.free), request)

    def _colour_map(self, request: Request) -> ColourMap | None:
        """How colours move; the same for all frames of a clip."""
        from pixforge.methods._style import pictures
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
