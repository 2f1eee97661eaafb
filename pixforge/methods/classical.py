"""The method without a network: decides cell by cell like a pixel artist. Needs only the base install."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pixforge.typed_toml import Range

if TYPE_CHECKING:
    from pixforge.methods.contract import Request
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.options import Direction

DIRECTIONS: tuple[Direction, ...] = ("to-pixel",)
EXTRA: str | None = None
REQUIRES: tuple[str, ...] = ()


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
        from pixforge.methods.contract import decided_cells
        from pixforge.pixel.draft import Draft

        cells = decided_cells(request, self._options.fine)
        return Draft(cells.colour, cells.alpha, cells.dark | cells.light | cells.firm, cells.gradient)
