"""SVG and SVGZ are drawn at the size that the limits state, on a transparent ground."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from pixforge.errors import LimitError, MissingDependencyError, PictureError
from pixforge.image.limits import Limits
from pixforge.image.load import load, load_frames

if TYPE_CHECKING:
    from tests.image.conftest import Put


pytest.importorskip("resvg_py")

RECT = '<rect width="50%" height="50%" fill="#ff8000"/>'


def svg(attributes: str, body: str = RECT, head: str = "") -> bytes:
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg" {attributes}>{body}</svg>'.encode()


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ('width="300" height="150"', (64, 32)),
        ('width="150" height="300"', (32, 64)),
        ('viewBox="0 0 10 10"', (64, 64)),
        ('width="2in" height="48pt" viewBox="0 0 6 2"', (64, 22)),
        ('width="100%" height="100%" viewBox="0 0 4 1"', (64, 16)),
        ('width="2000000" height="1000000"', (64, 32)),
        ('width="1" height="1000000"', (1, 64)),
    ],
)
def test_the_longest_side_has_the_asked_size(put: Put, attributes: str, size: tuple[int, int]) -> None:
    picture = load(put(svg(attributes)), Limits(svg_size=64))
    assert (picture.width, picture.height) == size


def test_the_default_is_1024_and_the_ground_is_transparent(put: Put) -> None:
    picture = load(put(svg('viewBox="0 0 2 1"')))
    assert (picture.width, picture.height) == (1024, 512)
    assert picture.pixels[10, 10].tolist() == [255, 128, 0, 255]
    assert picture.pixels[-10, -10].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    "head",
    [
        "",
        "\n  ",
        '<?xml version="1.0" encoding="UTF-8"?>\n',
        "<!-- made by hand -->\n",
        '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">\n',
    ],
)
def test_what_may_stand_before_the_root_may_stand_there(put: Put, head: str) -> None:
    assert load(put(svg('viewBox="0 0 2 1"', head=head), "drawing.txt"), Limits(svg_size=8)).width == 8


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_text_encodings(put: Put, encoding: str) -> None:
    stated = {"latin-1": "ISO-8859-1", "utf-16": "UTF-16"}.get(encoding, "UTF-8")
    text = svg('viewBox="0 0 2 1"', f"<desc>Größe</desc>{RECT}", f'<?xml version="1.0" encoding="{stated}"?>')
    assert load(put(text.decode().encode(encoding)), Limits(svg_size=8)).width == 8


def test_a_prefixed_root_is_recognised(put: Put) -> None:
    text = b'<s:svg xmlns:s="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><s:rect width="9" height="9"/></s:svg>'
    assert load(put(text), Limits(svg_size=8)).opaque


def test_svgz_is_unpacked(put: Put) -> None:
    plain = load(put(svg('viewBox="0 0 2 1"')), Limits(svg_size=32))
    packed = load(put(gzip.compress(svg('viewBox="0 0 2 1"')), "drawing.svgz"), Limits(svg_size=32))
    np.testing.assert_array_equal(plain.pixels, packed.pixels)


def test_an_inflated_svgz_is_refused_before_it_is_unpacked(put: Put) -> None:
    with pytest.raises(LimitError, match="bytes of text"):
        load(put(gzip.compress(b"<svg>" + bytes(80_000_000), 1)))


@pytest.mark.parametrize(
    "data",
    [gzip.compress(b"hello"), gzip.compress(svg("")[:20]), gzip.compress(svg(""))[:30]],
    ids=["text", "half a drawing", "cut"],  # the bytes hold the time: two workers would collect different names
)
def test_an_archive_that_holds_no_drawing_is_an_error(put: Put, data: bytes) -> None:
    with pytest.raises(PictureError):
        load(put(data))


@pytest.mark.parametrize(
    "data", [svg('width="10"')[:-9], svg('width="0" height="0"'), b"<svg><b></a></svg>", b'<svg width="1">&x;</svg>']
)
def test_an_invalid_drawing_is_an_error(put: Put, data: bytes) -> None:
    with pytest.raises(PictureError, match="SVG") as caught:
        load(put(data))
    assert caught.value.path is not None


def test_the_size_counts_against_the_limit(put: Put) -> None:
    path = put(svg('viewBox="0 0 2 1"'))
    assert load(path, Limits(svg_size=64, max_pixels=64 * 64)).width == 64
    with pytest.raises(LimitError, match="svg_size"):
        load(path, Limits(svg_size=65, max_pixels=64 * 64))


def test_a_linked_picture_is_found_beside_the_file(tmp_path: Path, put: Put) -> None:
    Image.new("RGB", (4, 4), "lime").save(tmp_path / "part.png")
    body = '<image href="part.png" width="2" height="1" preserveAspectRatio="none"/>'
    picture = load(put(svg('viewBox="0 0 2 1"', body)), Limits(svg_size=8))
    assert picture.pixels[2, 4].tolist() == [0, 255, 0, 255]


def test_edges_have_no_dark_fringe(put: Put) -> None:
    circle = '<circle cx="1" cy="1" r="0.9" fill="white"/>'
    pixels = load(put(svg('viewBox="0 0 2 2"', circle)), Limits(svg_size=64)).pixels
    edge = (pixels[..., 3] > 0) & (pixels[..., 3] < 255)
    assert edge.any()
    assert (pixels[edge][:, :3] >= 250).all()


def test_a_drawing_is_one_frame(put: Put) -> None:
    assert len(load_frames(put(svg('viewBox="0 0 2 1"')), Limits(svg_size=8))) == 1


def test_without_resvg_the_package_is_named(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(MissingDependencyError, match="resvg-py") as caught:
        load(put(svg('viewBox="0 0 2 1"')))
    assert caught.value.path is not None


def test_resvg_is_imported_only_for_a_drawing() -> None:
    code = "import sys, pixforge.image.load; sys.exit('resvg_py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
