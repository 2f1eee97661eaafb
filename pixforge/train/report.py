"""The CycleGAN of the report, as a yardstick: both generators and both judges at eight pixels a cell.

Cross-entropy for the judges, mean absolute differences for cycle (10) and identity (5), as in Zhu et al. 2017. Its
pictures have a fourth plane here, alpha; and its generators reach the logical picture by the mean of each cell, which
only validation and use see.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor

from pixforge.nn.yardsticks import FINE, Yardstick, enlarged, refined
from pixforge.train.batch import Batch
from pixforge.train.parts import Asked, Networks, Scene

_CYCLE: Final = 10.0
_IDENTITY: Final = 5.0


def ask_report(nets: Networks, batch: Batch) -> Asked:
    """Run the report's generators over real drawings and true pixel art.

    Args:
        nets: generators of kind unet or resnet, by direction.
        batch: its `real` and `art` are looked at.
    """
    to_pixel, to_drawing = nets["to-pixel"], nets["to-drawing"]
    assert isinstance(to_pixel, Yardstick)
    assert isinstance(to_drawing, Yardstick)
    drawing, art = refined(batch.real), enlarged(batch.art, FINE)
    made_art, made_drawing = to_pixel.picture(drawing), to_drawing.picture(art)
    cycle = _gap(to_drawing.picture(made_art), drawing) + _gap(to_pixel.picture(made_drawing), art)
    identity = _gap(to_pixel.picture(art), art) + _gap(to_drawing.picture(drawing), drawing)
    scenes = {"pixel": Scene(art, made_art), "drawing": Scene(drawing, made_drawing)}
    return Asked({"cycle": _CYCLE * cycle, "identity": _IDENTITY * identity}, scenes)


def _gap(picture: Tensor, other: Tensor) -> Tensor:
    """Mean absolute difference in the report's range, -1..1."""
    return 2 * (picture.float() - other).abs().mean()
