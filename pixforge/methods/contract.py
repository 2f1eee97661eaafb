"""What a method receives and gives. Imported by method modules inside functions or for typing only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.pixel.draft import Draft
from pixforge.pixel.manner import SIZE, Manner
from pixforge.pixel.options import AlphaOptions, CleanupOptions, Direction, Dither, OutlineOptions

if TYPE_CHECKING:
    from pixforge.pixel.downscale import Cells, Wishes

__all__ = [
    "Direction",
    "Draft",
    "Request",
    "Session",
    "decided_cells",
    "listening",
    "manner_of",
    "own_colours",
    "reach",
    "tell_steps",
    "with_own_lines",
]

_FINE_SIDE: Final = 512  # the fine picture's longer side aims at this, within the bounds below
_LEAST, _MOST = 4, 16


@dataclass(frozen=True, eq=False)
class Request:
    """One picture to convert.

    Attributes:
        picture: the source, already fitted: its aspect is that of the grid.
        width: cells across (to-pixel), or output pixels across (to-drawing).
        height: cells down, or output pixels down.
        palette: uint8 (K, 3) sRGB, the only colours the output may have; None in direction to-drawing.
        direction: which way.
        alpha, outline, cleanup: the preset's wishes; a method may honour them itself or leave them to the pixel stage.
        dither: the pattern that the pixel stage will lay over gradients: where it is not "none", a method that
            decides colours itself gives means.
        seed: for methods that draw random numbers.
        whole: where the picture is cut out of a larger one, the width and height of that one's output: what depends on
            the size of the output (a measure, a condition) goes by it.
        series: the same object for all pictures of a clip, asked for in their order: a method may start one where it
            ended the picture before. None: the answer must not depend on any other picture.
    """

    picture: Picture
    width: int
    height: int
    palette: NDArray[np.uint8] | None
    direction: Direction
    alpha: AlphaOptions
    outline: OutlineOptions
    cleanup: CleanupOptions
    dither: Dither = "none"
    seed: int = 0
    whole: tuple[int, int] | None = None
    series: object | None = None


def decided_cells(request: Request, fine: int | None = None) -> Cells:
    """Decide every cell without a network: lines of the drawing closed and one cell wide, areas by vote.

    This is the whole of the method `classical`; others may take the lines of it.

    Args:
        request: direction to-pixel, with a palette.
        fine: fine pixels a cell at which lines and areas are measured; None chooses 4 to 16 by the size of the grid.
    """
    from pixforge.pixel.downscale import downscale

    if request.palette is None:
        raise ValueError("cells are decided in direction to-pixel only, with a palette")
    k = fine or _fine_factor(*(request.whole or (request.width, request.height)))
    return downscale(_fine(request, k), k, request.palette, _wishes(request))


def with_own_lines(draft: Draft, request: Request, unpainted: NDArray[np.bool_] | None = None) -> Draft:
    """Return a network's draft under the drawing's own lines and silhouette, as `decided_cells` finds them.

    Args:
        draft: of the request.
        request: direction to-pixel, with a palette.
        unpainted: bool (H, W), cells that the network gave no colour.
    """
    own = decided_cells(request)
    lines = own.dark | own.light
    if unpainted is not None:
        lines = lines | unpainted
    cells = np.where(lines[..., None], own.colour, draft.cells).astype(np.float32)
    protected = lines if draft.protected is None else lines | draft.protected
    return replace(draft, cells=cells, alpha=own.alpha, protected=protected)


def _fine_factor(width: int, height: int) -> int:
    return min(_MOST, max(_LEAST, round(_FINE_SIDE / max(width, height))))


def _fine(request: Request, k: int) -> Picture:
    from pixforge.image.resample import resize

    width, height = request.width * k, request.height * k
    # Shrinking by the area average keeps thin lines' weight; enlarging smoothly keeps their edges straight.
    shrink = request.picture.width >= width and request.picture.height >= height
    return resize(request.picture, width, height, "box" if shrink else "lanczos")


def _wishes(request: Request) -> Wishes:
    from pixforge.pixel.downscale import Wishes

    outline = request.outline
    return Wishes(
        threshold=request.alpha.threshold,
        strength=outline.strength,
        silhouette=outline.mode == "keep",
        inner=outline.inner,
        features=request.cleanup.features,
        smooth=request.cleanup.jaggies,
        shades=request.dither != "none",
    )


def reach(session: Session) -> int | None:
    """Return how many cells away a picture may differ without any effect on a cell; None: any difference may have one.

    A session says so by an attribute `reach`. Clips then convert what changed between frames, and a margin of so many
    cells, instead of whole frames.
    """
    cells = getattr(session, "reach", None)
    return cells if isinstance(cells, int) else None


def own_colours(session: Session) -> tuple[str, ...] | None:
    """Return the colours, "#rrggbb", that a palette for the session's drafts is chosen from; of none: fitted freely.

    None: a palette is fitted to the sources, as is usual. A session says so by an attribute `own_colours`. Requests
    then carry the palette that was fitted to the sources, and the drafts are mapped to the one that was fitted to them.
    """
    found = getattr(session, "own_colours", None)
    return found if isinstance(found, tuple) else None


def manner_of(odds: tuple[float, ...], strength: float, path: Path) -> Manner | None:
    """Return the manner that a model carries, counting so many times as much; None: it carries none, or 0 is wished.

    Args:
        odds: of its card.
        strength: as the method's options have it.
        path: of the model, for the error.

    Raises:
        SettingsError: the odds are those of another version.
    """
    if not odds or not strength:
        return None
    if len(odds) != SIZE:
        raise SettingsError("carries a manner of another version", "make the model again: pixforge train manner", path)
    return Manner(odds).times(strength)


_LISTENER: ContextVar[Callable[[int, int], None] | None] = ContextVar("listener", default=None)


@contextmanager
def listening(tell: Callable[[int, int], None]) -> Iterator[None]:
    """Have somebody told how far a method is within a picture: steps done, steps there may be."""
    token = _LISTENER.set(tell)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def tell_steps(done: int, total: int) -> None:
    """Say how far a method is within a picture, if it takes long; done == total ends it. Nobody may be listening."""
    tell = _LISTENER.get()
    if tell is not None:
        tell(done, total)


class Session(Protocol):
    """A loaded method, used for many pictures."""

    def convert(self, request: Request) -> Draft:
        """Turn one prepared picture into a draft.

        Raises:
            PixforgeError: with cause and remedy, when the picture cannot be converted by this method.
        """
        ...

    @property
    def model_digest(self) -> str:
        """Hex digest of the model's weights, or "" for a method without one."""
        ...
