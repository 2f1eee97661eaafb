"""The contract check refuses every kind of breach."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from pixforge.errors import ContractError
from pixforge.pixel.verify import check, check_preview

PALETTE = np.array([(10, 20, 30), (200, 100, 50)], np.uint8)


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def good() -> np.ndarray:
    pixels = np.zeros((3, 4, 4), np.uint8)
    pixels[1:] = (10, 20, 30, 255)
    pixels[2, 2] = (200, 100, 50, 255)
    return pixels


def test_a_picture_under_contract_passes() -> None:
    check(png(good()), 4, 3, PALETTE)


@pytest.mark.parametrize(
    ("where", "value", "clause"),
    [
        ((1, 1), (10, 20, 31, 255), "palette"),
        ((1, 1), (10, 20, 30, 254), "alpha"),
        ((0, 0), (1, 0, 0, 0), "transparent"),
    ],
)
def test_one_wrong_pixel_is_found(where: tuple[int, int], value: tuple[int, ...], clause: str) -> None:
    pixels = good()
    pixels[where] = value
    with pytest.raises(ContractError, match=clause):
        check(png(pixels), 4, 3, PALETTE)


def test_a_wrong_size_is_found() -> None:
    with pytest.raises(ContractError, match="4 x 3, not 3 x 4"):
        check(png(good()), 3, 4, PALETTE)


def test_a_preview_with_one_wrong_pixel_is_found() -> None:
    large = good().repeat(3, 0).repeat(3, 1)
    check_preview(png(large), png(good()), 3)
    large[4, 4, 0] ^= 1
    with pytest.raises(ContractError, match="enlarged 3 times"):
        check_preview(png(large), png(good()), 3)
