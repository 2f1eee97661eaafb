"""Aseprite files (.ase, .aseprite): the document, reading, composing and writing. Needs no Aseprite.

Source of the format: Aseprite File Format (.ase/.aseprite) Specifications, of Aseprite 1.3.
"""

from __future__ import annotations

from pixforge.image.aseprite.compose import cel_pixels, read_frames, render, visible_layers
from pixforge.image.aseprite.decode import decode
from pixforge.image.aseprite.encode import encode
from pixforge.image.aseprite.model import (
    Cel,
    Document,
    Layer,
    LayerKind,
    Moment,
    Slice,
    SliceKey,
    Tag,
    Tileset,
    UserData,
)

__all__ = [
    "Cel",
    "Document",
    "Layer",
    "LayerKind",
    "Moment",
    "Slice",
    "SliceKey",
    "Tag",
    "Tileset",
    "UserData",
    "cel_pixels",
    "decode",
    "encode",
    "read_frames",
    "render",
    "visible_layers",
]
