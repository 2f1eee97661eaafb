"""A loaded encoder and a style, for many pictures."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pixforge import folders
from pixforge.errors import LimitError, SettingsError
from pixforge.methods._style import pictures
from pixforge.methods._style.light import light_of
from pixforge.methods._style.recolour import ColourMap, opaque_colours
from pixforge.methods._style.target import Target, aim, alpha_of, settled
from pixforge.methods._style.trace import Trace
from pixforge.methods.contract import tell_steps
from pixforge.nn.style import library, statistics, weights
from pixforge.nn.style.layout import Layout
from pixforge.pixel.draft import Draft

if TYPE_CHECKING:
    from pixforge.image.picture import Picture
    from pixforge.methods.contract import Request
    from pixforge.methods.style import Options
    from pixforge.nn.style.encoder import Encoder
    from pixforge.nn.style.solve import Look, Solved, Solver, Task

Array = NDArray[np.float32]
MOST: Final = 6_000_000  # pixels that the encoder sees at once: about 8 GB
_SMALL: Final = 32  # cells of the longer side up to which VGG sees each at 8 pixels
_STYLE_SEED: Final = 5


@dataclass(frozen=True, eq=False)
class _Last:
    """The picture before, of the same clip."""

    series: object
    target: Target
    solved: Solved
    colours: ColourMap | None


class StyleSession:
    """Optimises pictures towards one style.

    Args:
        options: the table [method.style].
        model: see `pixforge.methods.style.open_session`.
    """

    def __init__(self, options: Options, model: str) -> None:
        self._options = options
        self._style = library.find(options.style)
        self._weights = weights.load(model)
        self._solvers: dict[tuple[int, bool], Solver] = {}
        self._statistics: dict[tuple[int, bool], dict[str, statistics.LayerStatistics]] = {}
        self._last: _Last | None = None
        self.model_digest = weights.joined(self._weights.digest, self._style.digest)
        self._content_layers, self._style_layers = chosen_layers(options, self._weights.layout)

    def convert(self, request: Request) -> Draft:
        """Convert in the request's direction."""
        if request.direction == "to-drawing":
            from pixforge.methods._style.drawing import Layers, draw

            strides = {name: stride_of(self._weights.layout, name) for name in self._style_layers}
            layers = Layers(self._content_layers, self._style_layers, strides)
            return draw(request, self._options, self._encoder, layers)
        if self._options.procedure == "report":
            from pixforge.methods._style.report import convert

            return convert(request, self._encoder, self._style)
        return self._to_pixel(request)

    @cached_property
    def _encoder(self) -> Encoder:
        from pixforge.nn.style.encoder import build

        half = self._options.precision == "bfloat16" or (self._options.precision == "auto" and _multiplies_halves())
        return build(self._weights, half)

    @cached_property
    def _art(self) -> list[Picture]:
        return pictures.style_art(self._options.style)

    @cached_property
    def _light(self) -> Array:
        return light_of(self._art) * np.float32(self._options.light if self._options.strength else 0.0)

    def _to_pixel(self, request: Request) -> Draft:
        assert request.palette is not None
        scale = self._scale(request)
        last = self._last if self._last is not None and request.series is not None else None
        if last is not None and last.series is not request.series:
            last = None
        colours = self._colour_map(request, last)
        picture = request.picture if colours is None else colours.apply(request.picture)
        target = aim(request, picture, request.palette, scale, self._light)
        if not target.opaque.any():
            return drafted(target, target.start.entry, request)
        from pixforge.nn.style.solve import Plan

        task = self._task(request, picture, target, scale, last)
        options = self._options
        trace = Trace(options.trace, request.palette, _name(request)) if options.trace else None
        steps = max(1, options.steps // 2) if last is not None and _alike(last.target, target) else options.steps

        def tell(look: Look) -> None:
            tell_steps(look.step, steps)
            if trace is not None:
                trace.tell(look)

        try:
            solved = self._solver(scale).run(task, Plan(steps, options.rate, seed=request.seed), tell)
        finally:
            tell_steps(steps, steps)
        if request.series is not None:
            self._last = _Last(request.series, target, solved, colours)
        return drafted(target, solved.entries, request, solved.alpha_logits)

    def _scale(self, request: Request) -> int:
        vgg, size = self._weights.layout.reverse, request.whole or (request.width, request.height)
        scale = self._options.cell or (2 * self._weights.layout.cell if vgg and max(size) <= _SMALL else 0)
        scale = scale or self._weights.layout.cell
        if request.width * request.height * scale * scale > MOST:
            raise LimitError(
                f"{request.width} x {request.height} cells are too many for method style ({MOST // scale**2} at most)",
                "ask for a smaller grid, or convert by another method",
            )
        return scale

    @property
    def _grey(self) -> bool:
        return self._options.colours == "content"

    def _colour_map(self, request: Request, last: _Last | None) -> ColourMap | None:
        """How colours move; the same for all frames of a clip."""
        if self._grey:
            return None
        if last is not None:
            return last.colours
        wanted = opaque_colours(self._art) if self._options.colours == "style" else request.palette
        assert wanted is not None
        return ColourMap(opaque_colours([request.picture]), wanted)

    def _solver(self, scale: int) -> Solver:
        key = (scale, self._grey)
        if key not in self._solvers:
            from pixforge.nn.style.solve import Solver, Weights

            options = self._options
            pull = {name: options.strength * getattr(options, name) for name in ("gram", "sliced")}
            hold = {name: getattr(options, name) for name in ("content", "contour", "colour", "variation", "usage")}
            self._solvers[key] = Solver(self._encoder, Weights(**hold, **pull), scale, self._grey)
        return self._solvers[key]

    def _task(self, request: Request, picture: Picture, target: Target, scale: int, last: _Last | None) -> Task:
        import tensorflow as tf

        from pixforge.nn.style.cells import MARGIN, with_margin
        from pixforge.nn.style.solve import Task

        solver = self._solver(scale)
        spread = pictures.lightness([picture]) if self._grey else None
        fine = with_margin(tf.constant(target.fine), MARGIN, scale)
        content = solver.encode(fine, list(self._content_layers), spread)
        style = {name: (layer.gram, layer.samples) for name, layer in self._style_of(scale).items()}
        strides = {name: stride_of(self._weights.layout, name) for name in style}
        sides = [scale * (size + 2 * MARGIN) for size in target.opaque.shape]
        places = {}
        for name, stride in strides.items():
            size = sides[0] // stride, sides[1] // stride
            found = np.flatnonzero(pictures.inside(target.opaque, scale, stride, size))
            places[name] = found.astype(np.int32)
        logits, alpha = _start(target, last)
        assert request.palette is not None
        return Task(
            logits,
            alpha,
            request.palette.astype(np.float32) / np.float32(255),
            np.full(3, pictures.GROUND / 255, np.float32),
            target.picture,
            target.means,
            target.coverage,
            target.lines,
            target.free.astype(np.float32),
            *target.links,
            target.usage,
            spread,
            content,
            style,
            places,
        )

    def _style_of(self, scale: int) -> dict[str, statistics.LayerStatistics]:
        """The style's statistics: in memory, kept on disk, or computed now."""
        key = (scale, self._grey)
        if key not in self._statistics:
            kind = str(next(iter(self._encoder.kernels.values()))[0].dtype.name)
            parts = (self._weights.digest, self._style.digest, str(key), kind, *self._style_layers)
            path = cache_folder() / f"{statistics.key_of(*parts)}.npz"
            found = statistics.read(path, self._style_layers)
            if found is None:
                found = self._measured(scale)
                _keep(path, statistics.encode(found))
            self._statistics[key] = found
        return self._statistics[key]

    def _measured(self, scale: int) -> dict[str, statistics.LayerStatistics]:
        solver, names = self._solver(scale), list(self._style_layers)
        spread = pictures.lightness(self._art) if self._grey else None
        strides = {name: stride_of(self._weights.layout, name) for name in names}
        seen = [pictures.seen(picture, scale) for picture in self._art]

        def encode(batch: Array) -> dict[str, Any]:
            return solver.encode(batch[0], names, spread)

        return statistics.measure(encode, strides, seen, _STYLE_SEED)


_CONTENT: Final = {False: ("conv3_2", "conv4_1"), True: ("block4_conv2",)}
_STYLE: Final = {
    False: ("conv1_2", "conv2_2", "conv3_2"),
    True: ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1"),
}


def chosen_layers(options: Options, layout: Layout) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of the layers of content and of style.

    Raises:
        SettingsError: the encoder lacks one that was asked for.
    """
    content = _layers(options.content_layers, layout, _CONTENT)
    return content, _layers(options.style_layers, layout, _STYLE)


def stride_of(layout: Layout, name: str) -> int:
    """Return how many pixels a place of a layer stands for."""
    return int(2 ** next(number for number, stage in enumerate(layout.stages) if name in stage.names))


def cache_folder() -> Path:
    """Return the folder in which statistics of styles are kept."""
    return folders.of_user("cache") / "styles"


def _keep(path: Path, data: bytes) -> None:
    from contextlib import suppress

    from pixforge.errors import OutputError
    from pixforge.image.save import write_atomic

    with suppress(OutputError, OSError):  # a read-only home costs time, not the picture
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, data)


def _layers(wanted: tuple[str, ...], layout: Layout, usual: dict[bool, tuple[str, ...]]) -> tuple[str, ...]:
    from pixforge.typed_toml import unknown_hint

    for name in wanted:
        if name not in layout.names:
            raise SettingsError(f'the encoder has no layer "{name}"', unknown_hint(name, layout.names))
    return tuple(wanted) or usual[layout.reverse]


def _start(target: Target, last: _Last | None) -> tuple[Array, Array]:
    """The solver's start; where the drawing asks for what it asked for in the frame before, that one's end."""
    if last is None or last.target.logits.shape != target.logits.shape:
        return target.logits, target.alpha_logits
    same = (last.target.start.entry == target.start.entry) & (last.target.opaque == target.opaque)
    logits = np.where(same[..., None], last.solved.logits, target.logits)
    return logits, np.where(same, last.solved.alpha_logits, target.alpha_logits)


def _alike(before: Target, now: Target) -> bool:
    if before.logits.shape != now.logits.shape:
        return False
    return bool((before.start.entry == now.start.entry).mean() > 0.8)


def drafted(target: Target, entries: NDArray[np.intp], request: Request, alpha_logits: Array | None = None) -> Draft:
    """Return the draft of chosen entries (H, W), with the target's alpha where no other logits (H, W) are given."""
    alpha_logits = target.alpha_logits if alpha_logits is None else alpha_logits
    assert request.palette is not None
    start, entries = target.start, settled(target, entries, alpha_logits)
    kept = (entries == start.entry) & (start.dark | start.light | start.firm)
    cells = request.palette[entries].astype(np.float32)
    alpha_logits = np.where(target.ground, np.float32(4), alpha_logits)
    return Draft(cells, alpha_of(alpha_logits, request.alpha.threshold), kept | start.dark | target.held)


def _name(request: Request) -> str:
    return hashlib.sha256(request.picture.pixels.tobytes()).hexdigest()[:12]


def _multiplies_halves() -> bool:
    """Whether this processor multiplies bfloat16 matrices in hardware; elsewhere it would be slower than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
        return "amx_bf16" in flags or "avx512_bf16" in flags
    except OSError:
        return False
