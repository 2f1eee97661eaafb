"""Readers of other authors agree with us, to the pixel and the millisecond, on our files and on Aseprite's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.exporters.registry import export
from pixforge.exporters.target import Asset
from pixforge.image.aseprite import Document, decode, encode, render
from pixforge.image.aseprite.model import DIRECTIONS
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Cel, Clip, Layer, Slice, SliceKey, Tag
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.sources import from_document


def _hex(picture: Picture) -> str:
    return picture.pixels.tobytes().hex()


def _visible(frame: str, like: Picture) -> str:
    """A frame of another reader, with the colour of fully transparent pixels as ours: 0."""
    pixels = np.frombuffer(bytes.fromhex(frame), np.uint8).reshape(like.pixels.shape).copy()
    pixels[pixels[..., 3] == 0] = 0
    return pixels.tobytes().hex()


@pytest.fixture(params=["indexed", "rgba", "layers"])
def clip(request: pytest.FixtureRequest) -> Clip:
    """A clip that is exported indexed, as RGBA (too many colours), or with layers in groups."""
    rng = np.random.default_rng(4)
    frames = []
    for number, duration in enumerate((100, 83, 1, 65535)):
        pixels = np.zeros((9, 11, 4), np.uint8)
        pixels[2:7, 1 + number : 6 + number, 3] = 255
        values = 300 if request.param == "rgba" else 2
        pixels[..., :3] = rng.integers(0, min(values, 256), (9, 11, 3)) * (pixels[..., 3:] > 0)
        if request.param == "rgba":
            pixels[3, 3 + number, 3] = 77
        frames.append(Frame(Picture(pixels), duration))
    frames.append(Frame(frames[0].picture, 40))
    tags = (Tag("walk", 0, 2, "pingpong", 3, (1, 2, 3)), Tag("idle", 3, 4, "pingpong_reverse"))
    slices = (Slice("hit", (SliceKey(0, (1, 2, 3, 4), (1, 1, 1, 1), (2, 2)),)),)
    layers: tuple[Layer, ...] = ()
    if request.param == "layers":
        whole = tuple(Cel(frame.picture) for frame in frames)
        hat = tuple(Cel(Picture(np.full((2, 2, 4), 255, np.uint8)), 0, 0) for _ in frames)
        layers = (
            Layer("body", whole, ("all", "lower")),
            Layer("hat", hat, ("all",), visible=False),
            Layer("empty", (None,) * 5),
        )
    return Clip(tuple(frames), tags, slices, layers)


@pytest.fixture
def file(clip: Clip, tmp_path: Path) -> Path:
    (made,) = export(Asset("hero", clip, build(clip, SheetOptions())), ["aseprite"])
    path = tmp_path / made.path
    path.write_bytes(made.data)
    return path


def test_the_package_aseprite_reads_our_clip(clip: Clip, file: Path, read_with: Callable[[str, Path], Any]) -> None:
    found = read_with("full", file)
    assert found["size"] == [clip.width, clip.height]
    assert [_visible(frame, clip.pictures[0]) for frame in found["frames"]] == list(map(_hex, clip.pictures))
    assert found["durations"] == list(clip.durations)
    assert found["tags"] == [["walk", 0, 2, DIRECTIONS.index("pingpong"), 3], ["idle", 3, 4, 3, 0]]
    assert found["slices"] == ["hit"]


def test_what_the_package_aseprite_writes_of_it_we_read_back(
    clip: Clip, file: Path, read_with: Callable[[str, Path], Any]
) -> None:
    again = from_document(decode(bytes.fromhex(read_with("full", file)["again"])))
    assert list(map(_hex, again.pictures)) == list(map(_hex, clip.pictures))
    assert (again.durations, again.tags[0]) == (clip.durations, clip.tags[0])


def test_the_package_aseprite_draws_groups_links_tiles_and_opacity_as_we_do(
    document: Document, tmp_path: Path, read_with: Callable[[str, Path], Any]
) -> None:
    if document.depth == 8:  # see test_an_indexed_sprite_shows_its_opacity_as_the_artist_sees_it
        document = replace(document, layers=tuple(replace(layer, opacity=255) for layer in document.layers))
    path = tmp_path / "rich.aseprite"
    path.write_bytes(encode(document))
    found = read_with("full", path)
    ours = [render(document, number) for number in range(len(document.frames))]
    assert found["layers"] == [layer.name for layer in document.layers]
    assert [_visible(frame, ours[0]) for frame in found["frames"]] == list(map(_hex, ours))


def test_the_package_aseprite_draws_files_of_aseprite_as_we_do(
    sample: Path, read_with: Callable[[str, Path], Any]
) -> None:
    document = decode(sample.read_bytes())
    ours = [render(document, number) for number in range(len(document.frames))]
    found = read_with("full", sample)
    assert found["layers"] == [layer.name for layer in document.layers]
    assert [_visible(frame, ours[0]) for frame in found["frames"]] == list(map(_hex, ours))


def test_aseprite_reader_reads_our_clip(clip: Clip, tmp_path: Path, read_with: Callable[[str, Path], Any]) -> None:
    """Without the linked cel and the groups, which it does not know."""
    flat = Clip(clip.frames[:4], (clip.tags[0],))
    (made,) = export(Asset("flat", flat, build(flat, SheetOptions())), ["aseprite"])
    path = tmp_path / made.path
    path.write_bytes(made.data)
    found = read_with("plain", path)
    assert [_visible(frame, flat.pictures[0]) for frame in found["frames"]] == list(map(_hex, flat.pictures))
    assert found["durations"] == list(flat.durations)
    assert found["tags"] == [["walk", 0, 2]]


def _drawn_by_node(found: Any, frame: int) -> bytes:  # noqa: ANN401  # JSON
    """Put together what ase-parser found of a frame: plain cels, one over the other."""
    width, height = found["size"]
    canvas = np.zeros((height, width, 4), np.uint8)
    palette = np.array(found["palette"] or [[0] * 4], np.uint8)
    for cel in found["frames"][frame]["cels"]:
        if not found["layers"][cel["layer"]]["flags"]["visible"]:
            continue
        if cel["link"] is not None:
            others = found["frames"][cel["link"]]["cels"]
            cel = next(other for other in others if other["layer"] == cel["layer"])  # noqa: PLW2901  # the source
        raw = np.frombuffer(bytes.fromhex(cel["data"]), np.uint8)
        if found["depth"] == 8:
            pixels = np.where(raw[:, None] == found["transparent"], 0, palette[raw])
        else:
            pixels = raw.reshape(-1, 4)
        pixels = pixels.reshape(cel["height"], cel["width"], 4)
        place = canvas[cel["y"] : cel["y"] + cel["height"], cel["x"] : cel["x"] + cel["width"]]
        place[:] = np.where(pixels[..., 3:] > 0, pixels, place)
    return canvas.tobytes()


def test_ase_parser_reads_our_clip(clip: Clip, file: Path, node: Callable[..., str]) -> None:
    found = json.loads(node("aseprite.cjs", file))
    assert [frame["duration"] for frame in found["frames"]] == list(clip.durations)
    assert [(tag["name"], tag["from"], tag["to"], tag["repeat"]) for tag in found["tags"]] == [
        ("walk", 0, 2, 3),
        ("idle", 3, 4, 0),
    ]
    assert found["slices"][0]["name"] == "hit"
    for number, picture in enumerate(clip.pictures):
        assert _drawn_by_node(found, number) == picture.pixels.tobytes()
    assert found["frames"][4]["cels"][0]["link"] == 0


def test_ase_parser_and_we_find_the_same_in_a_file_of_aseprite(sample: Path, node: Callable[..., str]) -> None:
    document, found = decode(sample.read_bytes()), json.loads(node("aseprite.cjs", sample))
    assert found["size"] == [document.width, document.height]
    assert [layer["name"] for layer in found["layers"]] == [layer.name for layer in document.layers]
    assert [layer["flags"]["visible"] for layer in found["layers"]] == [layer.visible for layer in document.layers]
    assert [layer["type"] for layer in found["layers"]] == [int(layer.kind) for layer in document.layers]
    for ours, theirs in zip(document.frames[0].cels, found["frames"][0]["cels"], strict=True):
        assert ours.pixels is not None
        assert (ours.x, ours.y, ours.pixels.tobytes().hex()) == (theirs["x"], theirs["y"], theirs["data"])
