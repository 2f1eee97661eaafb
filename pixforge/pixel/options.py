"""What a user can say about the pixel stage. Free of numpy, so that presets load fast."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pixforge.typed_toml import Pattern, Range

Direction = Literal["to-pixel", "to-drawing"]
Color = Annotated[str, Pattern("#[0-9a-fA-F]{6}", 'a colour such as "#ff00ff"')]
Fit = Literal["contain", "cover", "stretch"]
Dither = Literal["none", "bayer2", "bayer4", "bayer8", "floyd-steinberg", "blue-noise"]
Match = Literal["color", "tone"]
OutlineMode = Literal["keep", "none", "black", "selective"]
Seamless = Literal["x", "y", "both"]
Lock = Literal["palette", "phase", "scale", "alpha", "still"]


@dataclass(frozen=True)
class GridOptions:
    """How many cells the output has.

    At most one of `size`, `width`/`height` and `cell` may be given; with none of them the longer side has 64 cells.

    Attributes:
        size: exact width and height in cells; the picture is fitted into it as `fit` says.
        width: cells across; the height follows the aspect unless it is given too.
        height: cells down; the width follows the aspect unless it is given too.
        cell: source pixels per cell (may be fractional), or "auto": recover the grid of existing pixel art.
        fit: contain pads with transparency, cover crops the middle, stretch ignores the aspect.
        trim: crop the transparent border of the source first.
        seamless: the picture repeats to the right and left ("x"), above and below ("y") or both ways ("both", true),
            and so shall the output; transparent borders are then not trimmed, and `fit` is always stretch.
    """

    size: tuple[Annotated[int, Range(1, 4096)], Annotated[int, Range(1, 4096)]] | None = None
    width: Annotated[int, Range(1, 4096)] | None = None
    height: Annotated[int, Range(1, 4096)] | None = None
    cell: Annotated[float, Range(1, 1024)] | Literal["auto"] | None = None
    fit: Fit = "contain"
    trim: bool = False
    seamless: Seamless | bool = False


@dataclass(frozen=True)
class PaletteOptions:
    """Which colours the output may have.

    Attributes:
        colors: at most so many colours (reserved ones included). None: as many as `source` has, or 16 for "fit".
        source: "fit" takes the colours from the picture; else a palette file or a built-in palette's name. With
            `colors` smaller than the file, the best subset for the picture is taken.
        reserve: colours as "#rrggbb" that are always in the palette, in this order, at its front.
        match: "color" takes the nearest entry; "tone" spreads the drawing's lightness over the palette's and drops its
            hues, for palettes of one hue (Game Boy, sepia, one ink).
        dither: the pattern for colours between two palette entries.
        dither_strength: 0 is none, 1 is the full distance between the two nearest entries.
        dither_flats: dither also areas of one flat colour (else only gradients are).
        dither_luma: ordered dither moves lightness only, never hue (no chroma noise).
    """

    colors: Annotated[int, Range(2, 256)] | None = None
    source: str = "fit"
    reserve: tuple[Color, ...] = ()
    match: Match = "color"
    dither: Dither = "none"
    dither_strength: Annotated[float, Range(0.0, 1.0)] = 1.0
    dither_flats: bool = False
    dither_luma: bool = True


@dataclass(frozen=True)
class AlphaOptions:
    """Which cells are opaque.

    Attributes:
        threshold: share of a cell that must be covered.
        mode: "keep" uses the source's alpha; "opaque" lays the source on `background`.
        background: colour under transparent parts in mode "opaque", "#rrggbb".
    """

    threshold: Annotated[float, Range(0.01, 1.0)] = 0.5
    mode: Literal["keep", "opaque"] = "keep"
    background: Color = "#ffffff"


@dataclass(frozen=True)
class OutlineOptions:
    """What happens to outlines.

    Attributes:
        mode: keep redraws the drawing's own lines one cell wide; none removes them from the silhouette; black draws a
            black outline round the silhouette; selective draws it in a darker colour of the neighbouring ramp.
        inner: redraw inner lines too.
        strength: how readily a thin dark structure counts as a line: 0 never, 1 even faint ones.
        color: the colour of mode "black", "#rrggbb".
    """

    mode: OutlineMode = "keep"
    inner: bool = True
    strength: Annotated[float, Range(0.0, 1.0)] = 0.5
    color: Color = "#000000"


@dataclass(frozen=True)
class CleanupOptions:
    """What is tidied after the decision for every cell.

    Attributes:
        orphans: replace single cells that no neighbour shares, unless the source asks for them.
        jaggies: straighten single-cell bumps in outlines.
        features: let small high-contrast features (eyes, highlights) win their cells.
    """

    orphans: bool = True
    jaggies: bool = True
    features: bool = True


@dataclass(frozen=True)
class ClipOptions:
    """What the frames of a clip, or the pictures of a set, have in common.

    Attributes:
        lock: palette: one for all, fitted to the pixels of all frames. scale: one trim box and one number of pixels a
            cell. And, where both of them are locked: phase: what moves takes its cells along, in steps of whole cells.
            alpha: a cell whose coverage is near the threshold stays what it was. still: where the source does not
            change, no cell does.
        mode: "animation", or "set": pictures that must match but do not follow each other (palette and scale).
    """

    lock: tuple[Lock, ...] = ("palette", "phase", "scale", "alpha", "still")
    mode: Literal["animation", "set"] = "animation"


@dataclass(frozen=True)
class ExportOptions:
    """What is written.

    Attributes:
        preview: also write an enlarged copy, this many pixels per cell (0: none).
        indexed: write an indexed PNG when the palette fits.
    """

    preview: Annotated[int, Range(0, 64)] = 0
    indexed: bool = True
