"""Style transfer on the pixel grid: the logical picture itself is optimised towards the statistics of a style.

Gatys et al. 2016 optimise a photograph; here the variable is a choice of the palette for every cell, enlarged before
the encoder sees it. Cells and palette are true at every step, and no colour can come in that the palette lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pixforge.typed_toml import Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.methods.contract import Session
    from pixforge.pixel.options import Direction

DIRECTIONS: tuple[Direction, ...] = ("to-pixel", "to-drawing")
EXTRA: str | None = "style"
REQUIRES: tuple[str, ...] = ("tensorflow",)
PATHS: tuple[str, ...] = ("style",)  # options that may be paths, in a preset relative to its folder

Colours = Literal["content", "style", "palette"]
Procedure = Literal["cells", "report"]
Precision = Literal["auto", "float32", "bfloat16"]
Weight = Annotated[float, Range(0.0, 1e9)]


@dataclass(frozen=True)
class Options:
    """The table [method.style].

    Attributes:
        style: a picture, a folder of pictures, or the name of a style (`pixforge styles list`): pixel art, or in
            direction to-drawing drawings, where the default stands for `clipart`.
        strength: how much the style counts against the drawing; 0 leaves its statistics out.
        colours: content keeps the drawing's colours, the style is seen in lightness alone and cannot leak; style takes
            a palette out of the style's pictures (unless the preset names one) and moves the drawing's colours there;
            palette moves the drawing's colours to those of the preset's palette.
        shades: a drawing of fewer flat colours than the palette may have gets darker and lighter shades of them.
        light: how much the direction of the style's light counts: shades are placed by it; 0: not at all.
        steps: of the optimisation, at most; it ends early when the picture no longer changes.
        rate: how fast a cell may change its mind.
        cell: pixels a cell that the encoder sees; None: 8 for small pictures and VGG, else 4.
        content_layers, style_layers: of the encoder, by name; empty: its usual ones.
        content, contour, colour, gram, sliced, variation, usage: weights of the parts of the loss.
        procedure: cells, or report: the full picture is optimised as the student report did it (1000 steps of Adam),
            and the pixel stage makes pixels of it: for comparison.
        precision: auto computes in bfloat16 where the processor multiplies it in hardware.
        trace: a folder for pictures of the run, every ten steps.
    """

    style: str = "dungeon"
    strength: Annotated[float, Range(0.0, 10.0)] = 0.6
    colours: Colours = "content"
    shades: bool = True
    light: Annotated[float, Range(0.0, 10.0)] = 2.5
    steps: Annotated[int, Range(1, 100_000)] = 60
    rate: Annotated[float, Range(1e-4, 10.0)] = 0.12
    cell: Annotated[int, Range(1, 16)] | None = None
    content_layers: tuple[str, ...] = ()
    style_layers: tuple[str, ...] = ()
    content: Weight = 1.0
    contour: Weight = 0.5
    colour: Weight = 0.5
    gram: Weight = 0.3
    sliced: Weight = 1.0
    variation: Weight = 0.8
    usage: Weight = 1.0
    procedure: Procedure = "cells"
    precision: Precision = "auto"
    trace: str = ""


def open_session(options: Options, model: str) -> Session:
    """Load an encoder and the style, or a student, which needs neither.

    Args:
        options: how.
        model: "bundled" (our own encoder), "vgg19" (ImageNet, of the model store, Keras' cache or its download), a name
            in the model store, or a path to a model or to VGG weights in Keras' format. A model that
            `pixforge train style` made answers at once.

    Raises:
        MissingDependencyError: there are no such weights.
        SettingsError: weights, layers or style cannot be used.
    """
    from pixforge.methods._style.student import StudentSession, find_student

    student = find_student(model)
    if student is not None:
        return StudentSession(options, student)
    from pixforge.methods._style.session import StyleSession

    return StyleSession(options, model)


def requires(model: str) -> tuple[str, ...]:
    """Return the packages that a model needs: a student is no matter of TensorFlow.

    Raises:
        MissingDependencyError: there is no such model.
    """
    from pixforge.methods._style.student import find_student

    return ("onnxruntime",) if find_student(model) is not None else REQUIRES


def directions(model: str) -> tuple[Direction, ...]:
    """Return the directions that a model converts in: a student makes sprites alone.

    Raises:
        MissingDependencyError: there is no such model.
    """
    from pixforge.methods._style.student import find_student

    return DIRECTIONS[:1] if find_student(model) is not None else DIRECTIONS


def model_digest(options: Options, model: str) -> str:
    """Return the digest of what the output depends on besides the options: weights and style pictures."""
    from pixforge.methods._style.student import find_student, student_digest
    from pixforge.nn.style import library, weights

    student = find_student(model)
    if student is not None:
        return student_digest(options, student)
    return weights.joined(weights.digest_of(model), library.find(options.style).digest)


def own_palette(options: Options, fitted: NDArray[np.uint8], colors: int) -> NDArray[np.uint8]:
    """Return the palette to use where the preset names none, uint8 (K, 3), K <= colors.

    With the style's colours that is one fitted to the style. With the drawing's own, a drawing of fewer flat colours
    than allowed gets shades of them: a style is shading above all, and four colours that lie far apart cannot show it.

    Args:
        options: of the method.
        fitted: uint8 (N, 3), fitted to the drawing, N <= colors.
        colors: at most so many.

    Raises:
        SettingsError: there is no such style, or all of it is transparent.
        NotPixelArtError: it is no pixel art.
    """
    if options.colours == "style":
        from pixforge.methods._style.pictures import style_palette

        return style_palette(options.style, colors)
    if options.procedure == "report" or not options.shades:
        return fitted
    from pixforge.methods._style.shades import with_shades

    return with_shades(fitted, colors)
