"""Colours of profiles come out as sRGB; sRGB passes untouched; a useless profile changes nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageCms

from pixforge.image.icc import to_srgb
from pixforge.image.load import load

if TYPE_CHECKING:
    from tests.image.conftest import IccMaker, Put


SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
# linear sRGB to XYZ adapted to D50 (Lindbloom)
TO_XYZ = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)


def encode(linear: ArrayLike) -> NDArray[np.float64]:
    linear = np.clip(linear, 0, 1)
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.maximum(linear, 1e-9) ** (1 / 2.4) - 0.055)


def through(rgb: NDArray[np.uint8], gamma: float, columns: ArrayLike) -> NDArray[np.float64]:
    """The conversion in floating point by the textbook."""
    xyz = (np.asarray(rgb) / 255) ** gamma @ np.asarray(columns)
    return encode(xyz @ np.linalg.inv(TO_XYZ).T)


def cloud(count: int = 400, seed: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (1, count, 3)).astype(np.uint8)


def test_srgb_passes_untouched() -> None:
    colours = cloud()
    np.testing.assert_array_equal(to_srgb(colours, SRGB), colours)


def test_a_profile_of_srgbs_primaries_and_gamma_1_is_not_taken_for_srgb(icc: IccMaker) -> None:
    greys = np.arange(256, dtype=np.uint8).reshape(1, 256, 1).repeat(3, axis=2)
    result = to_srgb(greys, icc.rgb(1.0, TO_XYZ.T))
    np.testing.assert_allclose(result, encode(greys / 255), atol=1.5)


def test_adobe_rgb_is_converted(icc: IccMaker) -> None:
    columns = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
    colours = cloud()
    np.testing.assert_allclose(to_srgb(colours, icc.adobe()), through(colours, 2.19921875, columns), atol=2)


def test_a_grey_profile_is_converted(icc: IccMaker) -> None:
    greys = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    expected = encode((greys / 255.0) ** 1.0).repeat(3, axis=2)
    np.testing.assert_allclose(to_srgb(greys, icc.grey(1.0)), expected, atol=1.5)


def test_a_cmyk_profile_is_converted(icc: IccMaker) -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 255, 0, 0], [0, 0, 0, 255], [255, 255, 255, 0]]], np.uint8)
    light = np.array([100, 80, 70, 10, 40])
    expected = encode(((light + 16) / 116) ** 3)
    result = to_srgb(inks, icc.cmyk())
    assert np.ptp(result.astype(int), axis=2).max() <= 2, "no ink of this profile has a hue"
    np.testing.assert_allclose(result[0, :, 0], expected, atol=2)


def test_cmyk_without_profile_is_ideal_ink() -> None:
    inks = np.array([[[0, 0, 0, 0], [255, 0, 0, 0], [0, 0, 255, 128], [0, 0, 0, 255]]], np.uint8)
    expected = [[[255, 255, 255], [0, 255, 255], [127, 127, 0], [0, 0, 0]]]
    assert to_srgb(inks, None).tolist() == expected


def test_a_damaged_or_foreign_profile_changes_nothing(icc: IccMaker) -> None:
    colours = cloud()
    cut = icc.adobe()[:200]
    for profile in (b"", b"rubbish", cut, icc.grey(1.0), icc.cmyk(), icc.adobe().replace(b"rXYZ", b"xxxx")):
        np.testing.assert_array_equal(to_srgb(colours, profile), colours)
    greys = colours[..., :1]
    np.testing.assert_array_equal(to_srgb(greys, b"rubbish"), greys.repeat(3, axis=2))


def test_grey_pixels_with_an_rgb_profile_are_converted_as_rgb(icc: IccMaker) -> None:
    greys = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    expected = to_srgb(greys.repeat(3, axis=2), icc.adobe())
    np.testing.assert_array_equal(to_srgb(greys, icc.adobe()), expected)


def written(image: Image.Image, profile: bytes, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, icc_profile=profile, **options)
    return data.getvalue()


@pytest.mark.parametrize(
    "options",
    [
        {"format": "PNG"},
        {"format": "TIFF"},
        {"format": "WEBP", "lossless": True},
        {"format": "JPEG", "quality": 100, "subsampling": 0},
    ],
    ids=lambda options: options["format"],
)
def test_the_profile_is_found_in_every_format_that_has_one(icc: IccMaker, put: Put, options: dict[str, object]) -> None:
    image = Image.new("RGB", (16, 16), (60, 180, 90))
    picture = load(put(written(image, icc.adobe(), **options)))
    expected = to_srgb(np.array([[[60, 180, 90]]], np.uint8), icc.adobe())[0, 0].astype(int)
    assert np.abs(picture.pixels[8, 8, :3] - expected).max() <= (4 if options["format"] == "JPEG" else 0)
    assert np.abs(expected - (60, 180, 90)).max() > 20, "the profile makes a difference"


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA"])
def test_the_profile_works_on_every_kind_of_png_and_leaves_alpha_alone(icc: IccMaker, put: Put, mode: str) -> None:
    rgba = np.random.default_rng(2).integers(0, 256, (6, 6, 4)).astype(np.uint8)
    image = Image.fromarray(rgba if "A" in mode else rgba[..., :3].copy()).convert(mode)
    profile = icc.grey(1.0) if mode.startswith("L") else icc.adobe()
    picture = load(put(written(image, profile, format="PNG")))
    plain = np.asarray(image.convert("RGBA"))
    colours = plain[..., :1] if mode.startswith("L") else plain[..., :3]
    np.testing.assert_array_equal(picture.pixels[..., :3], to_srgb(colours, profile))
    np.testing.assert_array_equal(picture.pixels[..., 3], plain[..., 3])


def test_a_cmyk_jpeg_with_profile_is_converted_from_true_inks(icc: IccMaker, put: Put) -> None:
    image = Image.new("CMYK", (16, 16), (0, 0, 0, 255))
    picture = load(put(written(image, icc.cmyk(), format="JPEG", quality=100)))
    assert np.abs(picture.pixels[8, 8].astype(int) - (28, 28, 28, 255)).max() <= 2, "lightness 10, no hue"
