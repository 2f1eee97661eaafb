"""pixforge turns drawings into contract-true, game-ready pixel art, and back.

>>> import pixforge
>>> result = pixforge.convert("hero.png", preset="sprite-64", colors=12)
>>> result.save("hero-64.png")
>>> pixforge.convert_clip("walk.gif", colors=12).save("walk-64.gif")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pixforge.engine.door import ClipResult, Result, Source

__version__ = "0.1.0"
__all__ = ["__version__", "convert", "convert_clip"]


def convert(
    picture: Source,
    preset: str | Path = "sprite-64",
    settings: Mapping[str, Any] | None = None,
    **options: Any,  # noqa: ANN401  # the flags of `pixforge convert` by their names
) -> Result:
    """Convert one picture in this process; nothing is written.

    Args:
        picture: a path, a `pixforge.image.picture.Picture`, a Pillow image, or an array (H, W, 3 or 4) uint8 of sRGB
            with straight alpha.
        preset: a preset's name or file.
        settings: any keys of a preset by their dotted names, such as {"outline.mode": "black"}.
        **options: the flags of `pixforge convert` as Python names: method, direction, size=(64, 64), width, height,
            cell, colors, palette, dither, outline, preview.

    Returns:
        The picture, its palette and the report; `save(path)` writes the PNG.

    Raises:
        PixforgeError: with cause and remedy (see `pixforge.errors`).
    """
    from pixforge.engine import door

    return door.convert(picture, preset, settings, options)


def convert_clip(
    frames: Source | Sequence[Source],
    durations: int | Sequence[int] | None = None,
    preset: str | Path = "sprite-64",
    settings: Mapping[str, Any] | None = None,
    **options: Any,  # noqa: ANN401  # the flags of `pixforge convert` by their names
) -> ClipResult:
    """Convert an animation in this process: one palette and one grid for all frames; nothing is written.

    Args:
        frames: an animation (GIF, APNG, WebP, .aseprite), a folder of frames, the JSON of a sheet, or the frames as
            paths, pictures, Pillow images or arrays (H, W, 3 or 4) uint8 of one size.
        durations: milliseconds of every frame or of each; None: as the source says, 100 where it says nothing.
        preset: a preset's name or file.
        settings: as for `convert`; clip.mode "set" is for pictures that must match but do not follow each other.
        **options: as for `convert`.

    Returns:
        The frames, their durations, the flicker and the report; `save("walk.gif")` writes the files of a target.

    Raises:
        PixforgeError: with cause and remedy (see `pixforge.errors`).
    """
    from pixforge.engine import door

    return door.convert_clip(frames, durations, preset, settings, options)
