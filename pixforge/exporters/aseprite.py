"""Aseprite files: tags, durations, slices, layers, linked cels; indexed where the colours allow it, else RGBA.

The order of chunks is one that every reader we know takes; see `pixforge.image.aseprite.encode`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import SettingsError
from pixforge.exporters.target import Asset, File
from pixforge.image import aseprite as codec
from pixforge.image.aseprite.model import INDEXED, RGBA
from pixforge.image.picture import Picture, Rgba
from pixforge.sheet.clip import Cel, Clip, Layer, Slice, used_colors
from pixforge.sheet.trim import crop, shown

TITLE: Final = "Aseprite file"
ENDINGS: Final = (".aseprite",)

TRANSPARENT = 0  # palette index


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.aseprite.

    Raises:
        SettingsError: the clip does not fit the format.
    """
    try:
        data = codec.encode(document(asset.clip, slices=asset.options.slices))
    except ValueError as error:
        raise SettingsError(f"the clip does not fit an Aseprite file: {error}", "leave this target out") from error
    return (File(f"{asset.name}.aseprite", data),)


def document(clip: Clip, *, slices: bool = True) -> codec.Document:
    """The Aseprite document of a clip: with its layers if they compose to its frames, else with one."""
    if clip.layers:
        layered = _document(clip, clip.layers, slices=slices)
        if _shows(layered, clip):
            return layered
    cels = tuple(_cel(picture) for picture in clip.pictures)
    return _document(clip, (Layer("Layer 1", cels),), slices=slices)


def _shows(made: codec.Document, clip: Clip) -> bool:
    """Whether every frame composes to the clip's (up to the colour of what is fully transparent)."""
    for number, picture in enumerate(clip.pictures):
        wanted = np.where(picture.pixels[..., 3:] == 0, 0, picture.pixels)
        if not np.array_equal(codec.render(made, number).pixels, wanted):
            return False
    return True


def _cel(picture: Picture) -> Cel | None:
    box = shown(picture)
    return None if box is None else Cel(crop(picture, box), box[0], box[1])


def _document(clip: Clip, layers: Sequence[Layer], *, slices: bool) -> codec.Document:
    inks = _inks(clip, layers)
    tree, places = _tree(layers)
    drawn: dict[tuple[int, int, int, int, int, bytes], int] = {}
    moments = []
    for number, duration in enumerate(clip.durations):
        cels = []
        for layer, place in zip(layers, places, strict=True):
            cel = layer.cels[number]
            if cel is not None and cel.picture.pixels.size:
                cels.append(_coded(cel, place, number, inks, drawn))
        palette = inks.palette if number == 0 else None
        moments.append(codec.Moment(duration, tuple(cels), palette))
    return codec.Document(
        clip.width,
        clip.height,
        INDEXED if inks.palette is not None else RGBA,
        tuple(moments),
        tree,
        tuple(
            codec.Tag(tag.name, tag.first, tag.last, tag.direction, tag.repeat, tag.color or (0, 0, 0))
            for tag in clip.tags
        ),
        tuple(_slice(each) for each in clip.slices) if slices else (),
        transparent=TRANSPARENT,
    )


@dataclass(frozen=True, eq=False)
class _Inks:
    """How pixels are written: by a palette (entry 0 is transparent), or as RGBA for None."""

    palette: NDArray[np.uint8] | None

    def pixels(self, rgba: Rgba) -> NDArray[np.uint8]:
        """(H, W, 4) to (H, W, 1) indices, or to itself with the colour of transparent pixels 0."""
        clear = rgba[..., 3] == 0
        if self.palette is None:
            return np.where(clear[..., None], 0, rgba).astype(np.uint8)
        weights = np.array([65536, 256, 1], np.int64)
        keys = self.palette[1:, :3].astype(np.int64) @ weights
        order = np.argsort(keys, kind="stable")
        spot = np.searchsorted(keys[order], rgba[..., :3].astype(np.int64) @ weights)
        index = order[np.minimum(spot, len(keys) - 1)] + 1 if len(keys) else np.zeros(clear.shape, np.intp)
        return np.where(clear, TRANSPARENT, index).astype(np.uint8)[..., None]


def _inks(clip: Clip, layers: Sequence[Layer]) -> _Inks:
    drawn = [cel.picture for layer in layers for cel in layer.cels if cel is not None]
    colors = used_colors(drawn)
    if colors is None or any(layer.blend != "normal" or layer.opacity != 255 for layer in layers):
        return _Inks(None)  # mixed colours are not of the palette
    if clip.palette is not None and {*map(tuple, colors.tolist())} <= {*map(tuple, clip.palette.tolist())}:
        colors = clip.palette
    if len(colors) > 255:
        return _Inks(None)
    palette = np.zeros((len(colors) + 1, 4), np.uint8)
    palette[1:, :3], palette[1:, 3] = colors, 255
    return _Inks(palette)


def _tree(layers: Sequence[Layer]) -> tuple[tuple[codec.Layer, ...], list[int]]:
    """The layers with their groups, and the index of each layer among them."""
    tree: list[codec.Layer] = []
    places: list[int] = []
    open_groups: tuple[str, ...] = ()
    for layer in layers:
        pairs = zip(open_groups, layer.groups, strict=False)
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        opened = range(common, len(layer.groups))
        tree += [codec.Layer(layer.groups[level], codec.LayerKind.GROUP, level) for level in opened]
        open_groups = layer.groups
        places.append(len(tree))
        level = len(layer.groups)
        tree.append(
            codec.Layer(layer.name, level=level, opacity=layer.opacity, blend=layer.blend, visible=layer.visible)
        )
    return tuple(tree), places


def _coded(
    cel: Cel, layer: int, frame: int, inks: _Inks, drawn: dict[tuple[int, int, int, int, int, bytes], int]
) -> codec.Cel:
    """The cel, as a link if the layer showed the same in an earlier frame."""
    key = (layer, cel.x, cel.y, cel.opacity, cel.picture.width, cel.picture.pixels.tobytes())
    earlier = drawn.setdefault(key, frame)
    if earlier != frame:
        return codec.Cel(layer, cel.x, cel.y, None, cel.opacity, link=earlier)
    return codec.Cel(layer, cel.x, cel.y, inks.pixels(cel.picture.pixels), cel.opacity)


def _slice(each: Slice) -> codec.Slice:
    keys = tuple(codec.SliceKey(key.frame, key.bounds, key.center, key.pivot) for key in each.keys)
    color = None if each.color is None else (*each.color, 255)
    return codec.Slice(each.name, keys, codec.UserData(each.text, color))
