"""One clip from its frames to converted frames that do not flicker.

    frames without their noise (clip_steady) -> one trim box, one lattice, one palette (clip_layout) -> each frame taken
    apart, its parts converted under their own cells (clip_frames) -> each frame a picture under contract.

Existing pixel art (`cell = "auto"`) and drawings out of pixel art take other roads (clip_recovered, clip_drawing).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.engine import clip_layout, drafting, palette, pipeline, sessions
from pixforge.engine.clip_frames import Animator
from pixforge.engine.clip_layout import ClipLayout, Prepared
from pixforge.engine.clip_memory import CLEAR
from pixforge.engine.clip_steady import steadied
from pixforge.engine.converted import Converted, count_colours, facts_of
from pixforge.engine.drafting import Target
from pixforge.image import resample
from pixforge.image.picture import Frame, Picture
from pixforge.pixel import flicker
from pixforge.sheet.clip import Clip

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.engine.clip_memory import Entries
    from pixforge.engine.events import Facts, Progress
    from pixforge.pixel.draft import Draft
    from pixforge.preset import Preset

_BASE: Final = frozenset({"palette", "scale"})


@dataclass(frozen=True, eq=False)
class ConvertedClip:
    """A converted clip in memory.

    Attributes:
        clip: the output's frames (one pixel a cell, or drawings), durations, tags and names of the source; slices and
            pivots moved to the output's pixels; no layers.
        frames: each frame as if it had been converted alone, with its own facts; `encode` checks it.
        palette: uint8 (K, 3), the colours that any frame may have; None in direction to-drawing, or if every frame has
            a palette of its own.
        flicker: 0..1, share of the cells that change from a frame to the next though the source does not change there.
        facts: about the clip: colors are those of all frames together.
        worked: 0..1, share of all cells of all frames that had to be converted.
    """

    clip: Clip
    frames: tuple[Converted, ...]
    palette: NDArray[np.uint8] | None
    flicker: float
    facts: Facts
    worked: float = 1.0


def convert_clip(clip: Clip, preset: Preset, progress: Progress | None = None) -> ConvertedClip:
    """Convert all frames of a clip.

    Args:
        clip: the frames.
        preset: how.
        progress: called after each frame with how many are done and how many there are. What it raises ends the
            conversion: nothing but memory has been written by then.

    Memory: beside the clip and the output a few planes of one frame are held, and up to 120 MB of remembered cells.
    Frames that are cut, padded or laid on a background are kept besides, up to 64 MiB; of a clip that is noisy (video,
    lossy compression) a second copy. What stands still in it but for its noise is taken for unchanged.

    Raises:
        PictureError: a frame (which is named) cannot be converted this way.
        LimitError: too many frames, or too many pixels in all of them.
        PixforgeError: the method is not installed, or an output breaks the contract.
    """
    preset.limits.check_clip(clip.width, clip.height, len(clip.frames))
    if "still" in preset.clip.lock and preset.clip.mode == "animation":
        clip = steadied(clip)
    if preset.direction == "to-drawing":
        from pixforge.engine.clip_drawing import draw

        return draw(clip, preset, progress)
    if preset.grid.cell == "auto":
        from pixforge.engine.clip_recovered import recover

        return recover(clip, preset, progress)
    if preset.clip.mode == "set" or preset.grid.seamless or not _BASE.issubset(preset.clip.lock):
        return _apart(clip, preset, progress)
    return _together(clip, preset, progress)


def _together(clip: Clip, preset: Preset, progress: Progress | None) -> ConvertedClip:
    """Everything is locked that makes frames one clip."""
    alike = clip_layout.first_alike(clip.pictures)
    layout = clip_layout.lay_out(clip.pictures, preset)
    frames = Prepared(clip.pictures, layout, preset)
    distinct = frames.chosen(sorted(set(alike)))
    told = palette.resolve(preset, distinct)
    matched = frames.changed(None if preset.palette.match == "color" else palette.matcher(preset, distinct, told))
    target = Target(layout.plan.inner_width, layout.plan.inner_height, told)
    colours = palette.suited(preset, _drafts(clip, matched, sorted(set(alike)), target, preset, progress), told)
    animator = Animator(matched, layout, (told, colours), preset)
    pictures: list[Picture] = []
    for number, first in enumerate(alike):
        with clip_layout.naming(clip, number):
            entries = animator.frame(number) if first == number else animator.again(first)
        pictures.append(_picture(entries, layout, colours))
        if progress is not None:
            progress(number + 1, len(alike))
    size = (layout.plan.width, layout.plan.height)
    digest = sessions.get(preset.method).model_digest
    made = [
        Converted(
            picture,
            size,
            colours,
            facts_of(size, count_colours(picture), digest, source, preset, None),
            preset,
        )
        for picture, source in zip(pictures, clip.pictures, strict=True)
    ]
    worked = animator.worked / (layout.plan.inner_width * layout.plan.inner_height * len(alike))
    return assembled(clip, made, flicker_of(frames, pictures, layout), layout, worked)


def _drafts(
    clip: Clip, frames: Prepared, numbers: Sequence[int], target: Target, preset: Preset, progress: Progress | None
) -> Iterator[Draft]:
    """What the method makes of whole frames. They are seen for their colours alone: none of them is done yet."""
    for number in numbers:
        with clip_layout.naming(clip, number):
            drafted = drafting.draft(frames[number], target, preset)
        if progress is not None:
            progress(0, len(frames))
        yield drafted


def _apart(clip: Clip, preset: Preset, progress: Progress | None) -> ConvertedClip:
    """Each frame is converted by itself, with the palette or the scale of all."""
    layout = clip_layout.lay_out(clip.pictures, preset)
    frames = Prepared(clip.pictures, layout, preset)
    colours = palette.resolve(preset, frames) if "palette" in preset.clip.lock or preset.clip.mode == "set" else None
    sources: Sequence[Picture] = clip.pictures
    if "scale" in preset.clip.lock or preset.clip.mode == "set":
        sources = [resample.crop(picture, layout.box) for picture in clip.pictures]
        preset = replace(preset, grid=replace(preset.grid, trim=False))
    drafted = []
    for number, source in enumerate(sources):
        with clip_layout.naming(clip, number):
            drafted.append(pipeline.draft_picture(source, preset, colours))
        if progress is not None:
            progress(number + 1, len(sources))
    shared = None if colours is None else pipeline.agreed(drafted, preset)
    made = [each.finish(pipeline.agreed([each], preset) if shared is None else shared) for each in drafted]
    pictures = [each.picture for each in made]
    same_size = all(picture.pixels.shape == pictures[0].pixels.shape for picture in pictures)
    fits = same_size and (pictures[0].width, pictures[0].height) == (layout.plan.width, layout.plan.height)
    return assembled(clip, made, flicker_of(frames, pictures, layout) if fits else 0.0, layout)


def assembled(
    clip: Clip, made: Sequence[Converted], flickers: float, layout: ClipLayout | None, worked: float = 1.0
) -> ConvertedClip:
    """Put converted frames together again.

    Args:
        clip: the source.
        made: its frames, converted.
        flickers: the flicker.
        layout: how places in the source's frames become places in the output's; None: slices and pivots are dropped.
        worked: see ConvertedClip.

    Raises:
        PictureError: the frames came out in different sizes.
    """
    frames = tuple(Frame(each.picture, frame.duration) for each, frame in zip(made, clip.frames, strict=True))
    palettes = [each.palette for each in made]
    shared = palettes[0] if all(each is palettes[0] for each in palettes) else None
    shown = replace(
        clip,
        frames=frames,
        slices=() if layout is None else clip_layout.moved_slices(clip.slices, layout),
        layers=(),
        pivot=None if layout is None else clip_layout.moved_point(clip.pivot, layout),
        palette=shared,
    )
    facts = replace(made[0].facts, colors=len(_colours(shown.pictures)), frames=len(frames), flicker=flickers)
    facts = replace(facts, milliseconds=sum(shown.durations))
    return ConvertedClip(shown, tuple(made), shared, flickers, facts, worked)


def flicker_of(frames: Sequence[Picture], pictures: Sequence[Picture], layout: ClipLayout) -> float:
    """Return the flicker of outputs, from the prepared frames that they were made of."""
    plan, changed, still = layout.plan, 0, 0
    rows, columns = slice(plan.top, plan.top + plan.inner_height), slice(plan.left, plan.left + plan.inner_width)
    before = frames[0]
    for number, after in enumerate(islice(frames, 1, None), 1):
        same = flicker.unchanged_cells(before.pixels, after.pixels, layout.lattice)
        inner = [pictures[at].pixels[rows, columns] for at in (number - 1, number)]
        more = flicker.count(inner[0], inner[1], same)
        changed, still = changed + more[0], still + more[1]
        before = after
    return changed / still if still else 0.0


def _picture(entries: Entries, layout: ClipLayout, colours: NDArray[np.uint8]) -> Picture:
    plan = layout.plan
    pixels = np.zeros((plan.height, plan.width, 4), np.uint8)
    inner = pixels[plan.top : plan.top + plan.inner_height, plan.left : plan.left + plan.inner_width]
    solid = entries != CLEAR
    inner[solid, :3] = colours[entries[solid]]
    inner[solid, 3] = 255
    return Picture(pixels)


def _colours(pictures: Sequence[Picture]) -> set[bytes]:
    found: set[bytes] = set()
    for picture in pictures:
        visible = picture.pixels[picture.pixels[..., 3] > 0][:, :3]
        found.update(bytes(colour) for colour in np.unique(visible, axis=0))
    return found
