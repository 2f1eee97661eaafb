"""Learned conversion both ways: a network that was trained on pixel art decides the cells, or restores a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pixforge.typed_toml import Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.methods.contract import Request
    from pixforge.nn.card import Direction as NetworkDirection
    from pixforge.nn.onnx_session import OnnxGenerator
    from pixforge.nn.store import Model
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.options import Direction
    from pixforge.preprocess import Array

DIRECTIONS: tuple[Direction, ...] = ("to-pixel", "to-drawing")
EXTRA: str | None = None
REQUIRES: tuple[str, ...] = ("onnxruntime",)


@dataclass(frozen=True)
class Options:
    """The table [method.cyclegan].

    Attributes:
        strength: how much of the answer is the network's; 0 is the plain mean of each cell (to-pixel), or a plain
            smooth enlargement (to-drawing).
        protect: keep clean-up from lines one cell wide, and from lone cells whose colour the drawing has there.
        tell_colors: tell the network how many colours the palette has.
        lines: lay the drawing's own lines and silhouette, closed and one cell wide as `classical` finds them, over the
            network's areas.
        palette: how far (OKLab) a colour that was fitted to the picture may be from one of the style that the model
            learned, to give way to it: 0 never, 1 always. For models that carry colours, and presets that name none.
        colors: what a fitted palette is fitted to: the drawing, or what the network makes of it, which for a model of a
            style are the colours of that style. Frames and pictures that share a palette have one for what it makes of
            all; a clip then takes twice as long. Pixel art whose grid is recovered sees no network and keeps its own.
        manner: how much the cells shall lie together as those of the style that the model learned: clusters as clean
            and as fine; 0 not at all, 2 twice as much. Lines and eyes stay as long as `protect` holds, the drawing's
            own lines always. For models that carry a manner, without dither.
    """

    strength: Annotated[float, Range(0.0, 1.0)] = 1.0
    protect: bool = True
    tell_colors: bool = True
    lines: bool = True
    palette: Annotated[float, Range(0.0, 1.0)] = 0.04
    colors: Literal["drawing", "network"] = "drawing"
    manner: Annotated[float, Range(0.0, 4.0)] = 1.0


def open_session(options: Options, model: str) -> CycleganSession:
    """Open a model; the network of a direction is loaded when it is first used.

    Raises:
        MissingDependencyError: there is no such model.
        SettingsError: it cannot be used by this version.
    """
    from pixforge.nn import store

    return CycleganSession(options, store.open_model(store.find(model, "cyclegan")))


def model_digest(options: Options, model: str) -> str:  # noqa: ARG001  # the signature that sessions ask for
    """Return the digest that `model` has now, without loading its networks."""
    from pixforge.nn import store

    return store.open_model(store.find(model, "cyclegan")).card.digest


def house_palette(options: Options, model: str) -> tuple[tuple[str, ...], float]:
    """Return the colours of the style that the model learned, "#rrggbb" each (most carry none), and their reach."""
    from pixforge.nn import store

    return store.open_model(store.find(model, "cyclegan")).card.palette if options.palette else (), options.palette


class CycleganSession:
    """A model of both directions, loaded as they are needed."""

    def __init__(self, options: Options, model: Model) -> None:
        self._options = options
        self._model = model
        self._loaded: dict[NetworkDirection, OnnxGenerator] = {}
        self.model_digest = model.card.digest
        self.own_colours = model.card.palette if options.colors == "network" else None

    def convert(self, request: Request) -> Draft:
        """Convert in the request's direction."""
        return self._to_pixel(request) if request.direction == "to-pixel" else self._to_drawing(request)

    def _network(self, direction: NetworkDirection) -> OnnxGenerator:
        if direction not in self._loaded:
            from pixforge.nn.onnx_session import OnnxGenerator

            reach = self._model.card.networks[direction].reach if direction in self._model.card.networks else 0
            self._loaded[direction] = OnnxGenerator(self._model.network(direction), direction, reach)
        return self._loaded[direction]

    def _to_pixel(self, request: Request) -> Draft:
        import numpy as np

        from pixforge.pixel.decided import line_cells, lone_features, shading
        from pixforge.pixel.draft import Draft
        from pixforge.preprocess import CELL, conditions, drawing_array

        drawing = drawing_array(request.picture, request.width, request.height)
        told = len(request.palette) if self._options.tell_colors and request.palette is not None else None
        answer = self._network("to-pixel").run(drawing, conditions(request.picture.width / request.width, told))
        means, cover = _cell_means(drawing)
        share = np.float32(self._options.strength)
        cells = np.clip(means + share * (answer[:3].transpose(1, 2, 0) * 255 - means), 0, 255)
        alpha = _settled(cover + share * (answer[3] - cover), cover)
        opaque = alpha >= request.alpha.threshold
        protected = None
        if self._options.protect:
            protected = line_cells(cells, opaque)
            if request.cleanup.features:
                protected |= lone_features(cells, opaque, means)
        gradient = shading(drawing, CELL) if request.dither != "none" else None
        from pixforge.methods.contract import manner_of, with_own_lines

        manner = manner_of(self._model.card.manner, self._options.manner, self._model.path)
        draft = Draft(cells, alpha, protected, gradient, manner)
        return with_own_lines(draft, request) if self._options.lines and request.palette is not None else draft

    def _to_drawing(self, request: Request) -> Draft:
        import numpy as np

        from pixforge.image.resample import resize
        from pixforge.pixel.draft import Draft
        from pixforge.preprocess import conditions, drawing_array, drawing_picture, logical_array

        source = request.picture
        answer = self._network("to-drawing").run(logical_array(source), conditions(request.width / source.width, None))
        if self._options.strength < 1:
            plain = drawing_array(source, source.width, source.height)
            answer = plain + np.float32(self._options.strength) * (answer - plain)
        fine = drawing_picture(answer)
        shrinks = request.width < fine.width and request.height < fine.height
        drawing = resize(fine, request.width, request.height, "box" if shrinks else "lanczos").pixels
        return Draft(drawing[..., :3].astype(np.float32), drawing[..., 3].astype(np.float32) / np.float32(255))


def _cell_means(drawing: Array) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The mean colour (H, W, 3), sRGB 0..255, and the coverage (H, W), 0..1, of each cell of a premultiplied array."""
    import numpy as np

    from pixforge.pixel.cells import cell_mean
    from pixforge.preprocess import CELL

    red, green, blue, cover = (cell_mean(plane, CELL) for plane in drawing)
    colour = np.stack([red, green, blue], axis=-1) * 255 / np.maximum(cover, 1e-4)[..., None]
    return colour.astype(np.float32), cover


def _settled(alpha: NDArray[np.float32], cover: NDArray[np.float32]) -> NDArray[np.float32]:
    """Alpha 0..1 that is certain where the drawing is: no hole far inside it, no speck far outside."""
    import numpy as np

    from pixforge.pixel.cells import max3

    inside, outside = max3(1 - cover) <= 0, max3(cover) <= 0
    settled: NDArray[np.float32] = np.where(inside, 1, np.where(outside, 0, np.clip(alpha, 0, 1))).astype(np.float32)
    return settled
