"""The null method: the area average of every cell, nothing decided.

It is the yardstick of the other methods and the fast method of the tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.methods.contract import Request
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.options import Direction

DIRECTIONS: tuple[Direction, ...] = ("to-pixel",)
EXTRA: str | None = None
REQUIRES: tuple[str, ...] = ()


@dataclass(frozen=True)
class Options:
    """The table [method.identity]: nothing can be set."""


def open_session(options: Options, model: str) -> IdentitySession:  # noqa: ARG001  # the signature of every method
    """Return a session; neither argument has an effect."""
    return IdentitySession()


class IdentitySession:
    """Averages cells; loads nothing."""

    model_digest = ""
    reach = 1

    def convert(self, request: Request) -> Draft:
        """Return the mean colour (premultiplied, in sRGB) and the coverage of every cell."""
        import numpy as np

        from pixforge.pixel.draft import Draft

        pixels = request.picture.pixels.astype(np.float32)
        alpha = pixels[..., 3:] / 255.0
        premultiplied = np.concatenate([pixels[..., :3] * alpha, alpha], axis=-1)
        rows = _area(premultiplied, request.height)
        mean = _area(rows.swapaxes(0, 1), request.width).swapaxes(0, 1)
        coverage = mean[..., 3]
        cells = mean[..., :3] / np.maximum(coverage, 1e-6)[..., None]
        return Draft(cells=np.ascontiguousarray(cells), alpha=np.clip(coverage, 0.0, 1.0))


def _area(values: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Return `count` exact area averages along the first axis, with fractions of source pixels at the borders.

    The integral of the signal is linear between its samples, so it is interpolated at the borders of the cells.
    """
    import numpy as np

    length = values.shape[0]
    integral = np.concatenate(
        [np.zeros_like(values[:1], dtype=np.float64), np.cumsum(values, axis=0, dtype=np.float64)]
    )
    edges = np.linspace(0.0, length, count + 1)
    left = np.minimum(edges.astype(np.intp), length - 1)
    part = (edges - left).reshape(-1, *[1] * (values.ndim - 1))
    at_edges = integral[left] * (1.0 - part) + integral[left + 1] * part
    means: NDArray[np.float32] = (np.diff(at_edges, axis=0) * (count / length)).astype(np.float32)
    return means
