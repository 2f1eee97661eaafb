"""Differentiable augmentation of what a discriminator sees (DiffAugment, Zhao et al. 2020), for premultiplied RGBA.

With few pictures a discriminator learns them by heart; it cannot if it never sees one twice alike. Real and made
pictures go through the same changes, and gradients pass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

import torch
from torch import Tensor

Change = Literal["colour", "translation", "cutout"]


def augmented(pictures: Tensor, changes: tuple[Change, ...], chance: torch.Generator) -> Tensor:
    """Return the pictures changed at random.

    Args:
        pictures: (N, 4, H, W), premultiplied.
        changes: which kinds.
        chance: the only source of it, on the CPU, so that every device sees the same.
    """
    for change in changes:
        pictures = _CHANGES[change](pictures, chance)
    return pictures


def _colour(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Lightness, chroma and contrast by one linear map a picture: equal colours stay equal."""
    light, chroma, contrast = (_draw(pictures, chance) for _ in range(3))
    colour, alpha = pictures[:, :3], pictures[:, 3:]
    grey = colour.mean(dim=1, keepdim=True)
    colour = grey + (colour - grey) * (1 + chroma)
    middle = colour.sum(dim=(2, 3), keepdim=True) / alpha.sum(dim=(2, 3), keepdim=True).clamp_min(1.0) * alpha
    colour = middle + (colour - middle) * (1 + 0.5 * contrast) + 0.4 * light * alpha
    return torch.cat([colour, alpha], dim=1)


def _translation(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Moved by up to an eighth, transparent beyond the border."""
    reach = max(1, pictures.shape[2] // 8)
    moves = torch.randint(-reach, reach + 1, (len(pictures), 2), generator=chance).tolist()
    padded = torch.nn.functional.pad(pictures, (reach,) * 4)
    height, width = pictures.shape[2:]
    return torch.stack(
        [
            picture[:, reach + down : reach + down + height, reach + right : reach + right + width]
            for picture, (down, right) in zip(padded, moves, strict=True)
        ]
    )


def _cutout(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """A square of a third of the side made transparent."""
    height, width = pictures.shape[2:]
    side = max(1, height // 3)
    corners = torch.rand(len(pictures), 2, generator=chance)
    mask = torch.ones(len(pictures), 1, height, width)
    for index, (down, right) in enumerate(corners.tolist()):
        top, left = int(down * (height + side)) - side, int(right * (width + side)) - side
        mask[index, :, max(0, top) : max(0, top + side), max(0, left) : max(0, left + side)] = 0
    return pictures * mask.to(pictures.device, pictures.dtype)


def _draw(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """A number in -0.5..0.5 for each picture, (N, 1, 1, 1)."""
    return (torch.rand(len(pictures), 1, 1, 1, generator=chance) - 0.5).to(pictures.device, pictures.dtype)


_CHANGES: Final[dict[Change, Callable[[Tensor, torch.Generator], Tensor]]] = {
    "colour": _colour,
    "translation": _translation,
    "cutout": _cutout,
}
