"""The Python door: one call, one picture, nothing written unless asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pixforge.engine.events import Facts
from pixforge.engine.pipeline import Converted, convert_picture
from pixforge.errors import PictureError
from pixforge.image import load, save
from pixforge.image.picture import Picture
from pixforge.preset import load as load_preset
from pixforge.preset.flags import overrides_from_flags

Source = str | Path | Picture | Any  # Any: a Pillow image or a numpy array


@dataclass(frozen=True, eq=False)
class Result:
    """A converted picture.

    Attributes:
        converted: as the engine made it.
    """

    converted: Converted

    @property
    def picture(self) -> Picture:
        """The output, one pixel a cell; `picture.pixels` is uint8 (H, W, 4)."""
        return self.converted.picture

    @property
    def palette(self) -> tuple[tuple[int, int, int], ...]:
        """The palette that the output is drawn with; empty in direction to-drawing."""
        colours = self.converted.palette
        return () if colours is None else tuple((int(red), int(green), int(blue)) for red, green, blue in colours)

    @property
    def report(self) -> Facts:
        """What made it: size, colours, method, digests, version; `report.as_dict()` for JSON."""
        return self.converted.facts

    def save(self, path: str | Path) -> bool:
        """Write the PNG, checked against the contract; True if the bytes on disk changed.

        Raises:
            ContractError: the output is not what was promised; nothing was written.
            OutputError: the file cannot be written.
        """
        return save.write_atomic(Path(path), self.converted.encode())

    def save_preview(self, path: str | Path, factor: int = 4) -> bool:
        """Write the PNG enlarged by a whole factor; True if the bytes on disk changed."""
        return save.write_atomic(Path(path), self.converted.encode_preview(factor))


def convert(
    source: Source, preset: str | Path, settings: Mapping[str, Any] | None, options: Mapping[str, Any]
) -> Result:
    """See `pixforge.convert`."""
    overrides = {**overrides_from_flags(options), **(settings or {})}
    chosen = load_preset(preset, overrides)
    picture = load.load(Path(source), chosen.limits) if isinstance(source, (str, Path)) else as_picture(source)
    return Result(convert_picture(picture, chosen))


def as_picture(source: Any) -> Picture:  # noqa: ANN401  # whatever numpy can see as an array
    """Return a Pillow image or an array (H, W, 3 or 4) uint8 as a picture.

    Raises:
        PictureError: it is neither.
    """
    if isinstance(source, Picture):
        return source
    if hasattr(source, "convert") and hasattr(source, "mode"):
        source = source.convert("RGBA")
    pixels = np.array(source)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] not in (3, 4) or 0 in pixels.shape:
        raise PictureError(
            f"an array of shape {pixels.shape} and type {pixels.dtype} is no picture",
            "give uint8 (H, W, 3) or (H, W, 4)",
        )
    if pixels.shape[2] == 3:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    return Picture(pixels)
