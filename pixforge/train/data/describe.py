"""What a picture is, as far as its manifest line tells."""

from __future__ import annotations

from typing import Final

import numpy as np

from pixforge.image.picture import Picture
from pixforge.train.data.manifest import AlphaKind

_LISTED: Final = 32


def alpha_kind(picture: Picture) -> AlphaKind:
    """Return whether the picture is opaque, has binary alpha, or partial alpha somewhere."""
    alpha = picture.pixels[..., 3]
    if (alpha == 255).all():
        return "opaque"
    return "binary" if ((alpha == 0) | (alpha == 255)).all() else "soft"


def opaque_colours(picture: Picture) -> tuple[tuple[int, int, int], ...]:
    """Return the distinct colours of the pixels that are more than half opaque, sorted."""
    shown = picture.pixels[picture.pixels[..., 3] >= 128][:, :3]
    return tuple((int(r), int(g), int(b)) for r, g, b in np.unique(shown, axis=0))


def palette_words(colours: tuple[tuple[int, int, int], ...]) -> str:
    """Return the colours as "#rrggbb" joined by blanks, or nothing if there are more than 32."""
    return " ".join(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in colours) if len(colours) <= _LISTED else ""
