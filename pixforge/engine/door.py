"""The Python door: one call, one picture, nothing written unless asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pixforge.engine.converted import Converted
from pixforge.engine.events import Facts
from pixforge.engine.pipeline import convert_picture
from pixforge.engine.plan import main_ending, with_target_of
from pixforge.errors import PictureError
from pixforge.image import load, save
from pixforge.image.limits import Limits
from pixforge.image.picture import Frame, Picture
from pixforge.image.source import DEFAULT_DURATION
from pixforge.preset import Preset
from pixforge.preset import load as load_preset
from pixforge.preset.flags import overrides_from_flags

if TYPE_CHECKING:
    from pixforge.engine.clip import ConvertedClip
    from pixforge.sheet.clip import Clip

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


@dataclass(frozen=True, eq=False)
class ClipResult:
    """A converted clip.

    Attributes:
        converted: as the engine made it.
        preset: what made it.
    """

    converted: ConvertedClip
    preset: Preset

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The frames, one pixel a cell."""
        return self.converted.clip.pictures

    @property
    def durations(self) -> tuple[int, ...]:
        """The milliseconds of each frame."""
        return self.converted.clip.durations

    @property
    def clip(self) -> Clip:
        """The frames with their tags, slices and pivots."""
        return self.converted.clip

    @property
    def flicker(self) -> float:
        """The share of the cells that change where the source does not: 0..1."""
        return self.converted.flicker

    @property
    def report(self) -> Facts:
        """What made it: size, colours, frames, flicker, digests, version; `report.as_dict()` for JSON."""
        from pixforge.engine.assets import clip_facts

        return clip_facts(self.converted)

    def save(self, path: str | Path) -> tuple[Path, ...]:
        """Write the files of the target that the ending names, or of the preset's; return their paths.

        `.png` is a sheet with its JSON, `.gif`, `.apng`, `.webp`, `.aseprite` one file, `.tres` a Godot resource with
        its scene and sheet.

        Raises:
            ContractError: a frame is not what was promised; nothing was written.
            OutputError: no target has this ending, or a file cannot be written.
        """
        from pixforge.engine.assets import clip_products
        from pixforge.engine.files import write_files

        chosen, out = with_target_of(Path(path), self.preset)
        name = out.name.removesuffix(main_ending(chosen))
        _, files = write_files(clip_products(name, self.converted, chosen, out.parent))
        return tuple(file.path for file in files)


def convert_clip(
    frames: Source | Sequence[Source],
    durations: int | Sequence[int] | None,
    preset: str | Path,
    settings: Mapping[str, Any] | None,
    options: Mapping[str, Any],
) -> ClipResult:
    """See `pixforge.convert_clip`."""
    from pixforge.engine.clip import convert_clip as convert_frames

    overrides = {**overrides_from_flags(options), **(settings or {})}
    chosen = load_preset(preset, overrides)
    clip = _as_clip(frames, chosen.limits)
    if durations is not None:
        wanted = [durations] * len(clip.frames) if isinstance(durations, int) else list(durations)
        if len(wanted) != len(clip.frames):
            raise PictureError(f"{len(wanted)} durations for {len(clip.frames)} frames", "give one for each")
        timed = zip(clip.pictures, wanted, strict=True)
        clip = replace(clip, frames=tuple(Frame(picture, duration) for picture, duration in timed))
    return ClipResult(convert_frames(clip, chosen), chosen)


def _as_clip(frames: Source | Sequence[Source], limits: Limits) -> Clip:
    from pixforge.sheet import sources
    from pixforge.sheet.clip import Clip  # also asked for at run time

    if isinstance(frames, Clip):
        return frames
    if isinstance(frames, (str, Path)):
        return sources.read([Path(frames)], limits)
    listed = [frames] if isinstance(frames, Picture) else list(frames)
    paths = [Path(frame) for frame in listed if isinstance(frame, (str, Path))]
    if paths and len(paths) == len(listed):
        return sources.read(paths, limits)
    return Clip(tuple(Frame(as_picture(frame), DEFAULT_DURATION) for frame in listed))


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
