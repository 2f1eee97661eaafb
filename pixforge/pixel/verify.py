"""The contract, checked on the bytes that will be written. Independent of the code that made them."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import ContractError

_REMEDY = "this is a defect of pixforge: nothing was written; please report it with the picture and the preset"


def check(png: bytes, width: int, height: int, palette: NDArray[np.uint8]) -> None:
    """Decode a PNG and compare it with what was promised.

    Args:
        png: the encoded file.
        width: cells across that were asked for.
        height: cells down that were asked for.
        palette: uint8 (K, 3), the only colours allowed.

    Raises:
        ContractError: naming the clause that does not hold.
    """
    from PIL.PngImagePlugin import PngImageFile  # Image.open would load every plugin of Pillow

    with PngImageFile(io.BytesIO(png)) as image:
        pixels = np.asarray(image.convert("RGBA"))
    if pixels.shape != (height, width, 4):
        raise ContractError(f"size is {pixels.shape[1]} x {pixels.shape[0]}, not {width} x {height}", _REMEDY)
    alpha = pixels[..., 3]
    if not np.isin(alpha, (0, 255)).all():
        raise ContractError("alpha has values between 0 and 255", _REMEDY)
    if pixels[alpha == 0].any():
        raise ContractError("transparent pixels have a colour", _REMEDY)
    _check_colours(pixels[alpha == 255][:, :3], palette)


def check_preview(png: bytes, source: bytes, factor: int) -> None:
    """Check that an enlarged preview shows every cell of `source` as a block of factor x factor equal pixels.

    Raises:
        ContractError: it does not.
    """
    from PIL.PngImagePlugin import PngImageFile  # Image.open would load every plugin of Pillow

    with PngImageFile(io.BytesIO(png)) as large, PngImageFile(io.BytesIO(source)) as small:
        wanted = np.asarray(small.convert("RGBA")).repeat(factor, 0).repeat(factor, 1)
        if not np.array_equal(np.asarray(large.convert("RGBA")), wanted):
            raise ContractError(f"the preview is not the picture enlarged {factor} times", _REMEDY)


def _check_colours(colours: NDArray[np.uint8], palette: NDArray[np.uint8]) -> None:
    def pack(rgb: NDArray[np.uint8]) -> NDArray[np.uint32]:
        return rgb.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)

    found = pack(colours)
    known = np.append(np.sort(pack(palette)), np.uint32(1 << 24))  # closed by what is no colour
    # Searched by hand: np.setdiff1d would import numpy.ma, 10 ms of the start of every conversion.
    foreign = set(found[known[np.searchsorted(known[:-1], found)] != found].tolist())
    if foreign:
        raise ContractError(f"{len(foreign)} colours are not in the palette, such as #{min(foreign):06x}", _REMEDY)
