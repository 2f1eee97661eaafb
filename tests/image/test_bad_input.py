"""Whatever a file holds, the answer is a picture or one clear error that names the file, the cause and a remedy."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from pixforge.errors import LimitError, PictureError
from pixforge.image.aseprite import Cel, Document, Layer, Moment, encode
from pixforge.image.limits import Limits
from pixforge.image.load import load, load_frames
from pixforge.image.picture import Picture
from pixforge.image.pillow import quiet

if TYPE_CHECKING:
    from tests.image.conftest import PngMaker, Put

RGB = Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 10, 3)).astype(np.uint8))


def saved(form: str, image: Image.Image = RGB, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, format=form, **options)
    return data.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><circle r="1" fill="red"/></svg>'
CLIP = {"save_all": True, "append_images": [RGB.transpose(Image.Transpose.ROTATE_180)], "duration": 50}
FILES = {
    "png": saved("PNG"),
    "apng": saved("PNG", **CLIP),
    "gif": saved("GIF", **CLIP),
    "webp": saved("WEBP", lossless=True),
    "webp clip": saved("WEBP", **CLIP),
    "jpeg": saved("JPEG"),
    "bmp": saved("BMP"),
    "tga": saved("TGA", compression="tga_rle"),
    "tiff": saved("TIFF"),
    "tiff lzw": saved("TIFF", compression="tiff_lzw"),
    "svg": SVG,
    "svgz": gzip.compress(SVG, mtime=0),
    "aseprite": encode(
        Document(10, 12, 32, (Moment(50, (Cel(0, 0, 0, np.asarray(RGB.convert("RGBA"))),)),), (Layer("a"),))
    ),
}


def refused(path: Path, match: str, kind: type[PictureError] = PictureError, **options: object) -> PictureError:
    with pytest.raises(kind, match=match) as caught:
        load(path, **options)
    error = caught.value
    assert type(error) is kind
    assert error.path == path
    assert str(path) in str(error)
    assert error.cause
    assert error.remedy
    return error


@pytest.mark.parametrize("name", FILES)
def test_the_content_decides_whatever_the_extension(put: Put, name: str) -> None:
    path = put(FILES[name], "picture.jpg" if "jpeg" not in name else "picture.png")
    assert load(path, Limits(svg_size=10), first_frame=True).width == 10


def test_a_missing_file(tmp_path: Path) -> None:
    refused(tmp_path / "none.png", "no such file")


def test_a_file_below_a_file(put: Put) -> None:
    refused(put(b"x") / "below.png", "cannot be read")


def test_a_folder(tmp_path: Path) -> None:
    refused(tmp_path, "folder")


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes in the file system here")
    os.mkfifo(tmp_path / "pipe")
    refused(tmp_path / "pipe", "pipe")


def test_an_unreadable_file(put: Put) -> None:
    path = put(FILES["png"])
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("the superuser may read everything")
    refused(path, "permission")


def test_an_empty_file(put: Put) -> None:
    refused(put(b"", "empty.png"), r"empty \(0 bytes\)")


def test_a_text_file(put: Put) -> None:
    refused(put("Größe: 12\n".encode(), "notes.png"), "text file")
    refused(put("Größe: 12\n".encode("latin-1"), "notes.png"), "text file")
    refused(put("Größe".encode("utf-16"), "notes.png"), "text file")
    refused(put(b"<!DOCTYPE html><html><svg></svg></html>", "page.svg"), "text file")


def test_a_git_lfs_pointer_is_told_from_other_text(put: Put) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    assert "git lfs pull" in refused(put(pointer, "hero.png"), "Git LFS").remedy


@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"8BPS\0\1", "Photoshop"),
        (b"gimp xcf v011", "GIMP"),
        (b"PK\3\4mimetype", "Krita"),
        (b"\0\0\0\x1cftypavif", "AVIF"),
        (b"%PDF-1.7", "PDF"),
        (b"\0\0\1\0\1\0", "icon"),
        (bytes(range(256)), "no picture of a known format"),
        (b"\0" * 100, "no picture of a known format"),
    ],
)
def test_foreign_formats_are_named(put: Put, head: bytes, what: str) -> None:
    assert "export it as" in refused(put(head, "hero.png"), what).remedy


def test_errors_survive_the_way_between_processes(put: Put) -> None:
    error = refused(put(b"", "empty.png"), "empty")
    copy = pickle.loads(pickle.dumps(error))
    assert copy.as_dict() == error.as_dict()


@pytest.mark.parametrize("name", [name for name in FILES if name not in {"svg", "bmp", "tiff"}])
def test_truncations_are_errors(put: Put, name: str) -> None:
    data = FILES[name]
    needed = len(data) - {"gif": 13, "tga": 26}.get(name, 9)  # what follows the pixels and may be missing
    for size in range(1, needed, max(1, len(data) // 60)):
        with pytest.raises(PictureError):
            load_frames(put(data[:size]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(FILES)),
    changes=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.one_of(st.just(1.0), st.floats(0, 1)),
)
def test_damage_gives_a_picture_or_a_picture_error(
    put: Put, name: str, changes: list[tuple[float, int]], cut: float
) -> None:
    data = bytearray(FILES[name])
    for place, value in changes:
        data[int(place * (len(data) - 1))] = value
    path = put(bytes(data[: int(len(data) * cut)]))
    limits = Limits(max_pixels=100_000, svg_size=16)
    outcome: Picture | PictureError
    try:
        outcome = load_frames(path, limits)[0].picture
    except PictureError as error:
        outcome = error
    assert isinstance(outcome, Picture) or outcome.path == path


# Decompression bombs: the header asks for 30000 x 30000, the file is tiny.

SIDE = 30000


def bombs(png: PngMaker) -> dict[str, bytes]:
    jpeg = bytearray(FILES["jpeg"])
    place = jpeg.index(b"\xff\xc0")
    jpeg[place + 5 : place + 9] = struct.pack(">HH", SIDE, SIDE)
    tiff = io.BytesIO()
    small = Image.new("L", (1, 1))
    small.save(tiff, format="TIFF")
    tiff = tiff.getvalue()
    for tag in (256, 257, 278):
        entry = struct.pack("<HHI", tag, 4, 1)
        place = tiff.index(struct.pack("<H", tag), 8)
        tiff = tiff[:place] + entry + struct.pack("<I", SIDE) + tiff[place + 12 :]
    canvas = (SIDE - 1).to_bytes(3, "little")
    webp = b"VP8X" + struct.pack("<I", 10) + bytes(4) + canvas * 2 + bytes(30)
    return {
        "png": b"\x89PNG\r\n\x1a\n" + png.header(SIDE, SIDE, 8, 6) + png.chunk(b"IDAT", bytes(9)) + png.chunk(b"IEND"),
        "gif": b"GIF89a" + struct.pack("<HHBBB", SIDE, SIDE, 0, 0, 0) + b";",
        "gif frame": b"GIF89a" + struct.pack("<HHBBBB4H", 1, 1, 0, 0, 0, 0x2C, 0, 0, SIDE, SIDE) + b"\0\2\0;",
        "webp": b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp,
        "jpeg": bytes(jpeg),
        "bmp": FILES["bmp"][:18] + struct.pack("<II", SIDE, SIDE) + FILES["bmp"][26:],
        "tga": FILES["tga"][:12] + struct.pack("<HH", SIDE, SIDE) + FILES["tga"][16:],
        "tiff": tiff,
    }


def test_huge_headers_are_refused_by_name_of_the_limit(png: PngMaker, put: Put) -> None:
    for name, data in bombs(png).items():
        start = time.process_time()
        error = refused(put(data, name), "30000 x 30000, which is more than the limit of 67108864", LimitError)
        assert "max_pixels" in error.remedy
        assert time.process_time() - start < 1


def test_huge_headers_cost_no_memory(png: PngMaker, put: Put) -> None:
    pytest.importorskip("resource")
    paths = [str(put(data, name)) for name, data in bombs(png).items()]
    code = """
import resource, sys
from pixforge.errors import LimitError
from pixforge.image.load import load, load_frames
load(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[2:]:
    for read in (load, load_frames):
        try:
            read(path)
        except LimitError:
            continue
        sys.exit("not refused")
after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print((after - before) // (1024 if sys.platform == "darwin" else 1))
"""
    small = str(put(FILES["png"], "small"))
    command = [sys.executable, "-W", "error", "-c", code, small, *paths]
    grown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(grown) < 20_000, "kilobytes"


def test_a_file_far_larger_than_any_allowed_picture_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.bmp"
    with path.open("wb") as file:
        file.write(FILES["bmp"])
        file.truncate(5_000_000_000)
    refused(path, "5000000000 bytes", LimitError)


@pytest.mark.parametrize("name", ["png", "gif", "webp", "jpeg", "bmp", "tga", "tiff"])
def test_the_limit_on_pixels_is_exact(put: Put, name: str) -> None:
    path = put(FILES[name])
    assert load(path, Limits(max_pixels=120), first_frame=True).width == 10
    refused(path, "10 x 12", LimitError, limits=Limits(max_pixels=119), first_frame=True)


# Warnings


def test_no_warning_leaks_and_none_of_the_callers_is_lost(put: Put) -> None:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[37510] = "comment"
    data = saved("TIFF", tiffinfo=info)
    path = put(data[:-6] + b"\xff" * 6)  # the last tag points far beyond the file
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        load(path)
        warnings.warn("mine", stacklevel=1)
    assert [str(warning.message) for warning in caught] == ["mine"]


def test_filters_of_warnings_are_restored_when_threads_overlap() -> None:
    before = warnings.filters[:]
    first_in, second_in, first_out = threading.Event(), threading.Event(), threading.Event()

    def first() -> None:
        with quiet():
            first_in.set()
            second_in.wait(10)
        first_out.set()

    def second() -> None:
        first_in.wait(10)
        with quiet():
            second_in.set()
            first_out.wait(10)

    threads = [threading.Thread(target=run) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warnings.filters == before


def test_many_threads_load_at_once(put: Put) -> None:
    paths = [put(data, name) for name, data in FILES.items()]
    results = {}

    def run(number: int) -> None:
        results[number] = [load(path, Limits(svg_size=10), first_frame=True).pixels for path in paths]

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(1, 4):
        for one, other in zip(results[0], results[number], strict=True):
            np.testing.assert_array_equal(one, other)
