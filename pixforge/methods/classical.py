"""The method without a network: decides cell by cell like a pixel artist. Needs only the base install."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pixforge.typed_toml import Range

if TYPE_CHECKING:
    from pixforge.image.picture import Picture
    from pixforge.methods.contract import Request
    from pixforge.pixel.downscale import Wishes
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.options import Direction

DIRECTIONS: tuple[Direction, ...] = ("to-pixel",)
EXTRA: str | None = None
REQUIRES: tuple[str, ...] = ()

_FINE_SIDE = 512  # the fine picture's longer side aims at this, within the bounds below
_LEAST, _MOST = 4, 16


@dataclass(frozen=True)
class Options:
    """The table [method.classical].

    Attributes:
        fine: fine pixels per cell at which lines and areas are measured; None chooses 4 to 16 by the size of the grid.
    """

    fine: Annotated[int, Range(2, 32)] | None = None


def open_session(options: Options, model: str) -> ClassicalSession:  # noqa: ARG001 (the contract's signature)
    """Return a session; there is no model to load."""
    return ClassicalSession(options)


class ClassicalSession:
    """Holds the options."""

    model_digest = ""
    reach = 8  # lines are pooled and thinned over a few cells

    def __init__(self, options: Options) -> None:
        self._options = options

    def convert(self, request: Request) -> Draft:
        """Decide every cell of the request's picture; lines and decided features are protected from clean-up."""
        from pixforge.pixel.downscale import downscale
        from pixforge.pixel.draft import Draft

        if request.palette is None:
            raise ValueError("classical converts to pixels only and needs a palette")
        k = self._options.fine or _fine_factor(*(request.whole or (request.width, request.height)))
        cells = downscale(_fine(request, k), k, request.palette, _wishes(request))
        return Draft(cells.colour, cells.alpha, cells.dark | cells.light | cells.firm, cells.gradient)


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
