"""What holds for every target, and for the writing of its files."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixforge.errors import OutputError, SettingsError
from pixforge.exporters import aseprite
from pixforge.exporters.registry import export, export_tiles, names
from pixforge.exporters.target import Asset, File, TileAsset
from pixforge.exporters.tree import godot_folder, unity_folder, write_files
from pixforge.image.aseprite import LayerKind, decode
from pixforge.image.load import load
from pixforge.image.picture import Frame, Picture
from pixforge.sheet.atlas import build
from pixforge.sheet.clip import Cel, Clip, Layer
from pixforge.sheet.options import SheetOptions
from pixforge.sheet.sources import from_document
from pixforge.sheet.tiles import cut, lay_out_tiles


def _asset(clip: Clip, sheet: SheetOptions | None = None) -> Asset:
    return Asset("hero", clip, build(clip, sheet or SheetOptions()))


def test_every_module_is_a_target_or_known_not_to_be(clip: Clip) -> None:
    assert len(names()) == 12
    assert len(export(_asset(clip), names())) > 15


def test_all_targets_give_the_same_bytes_again(clip: Clip) -> None:
    assert export(_asset(clip), names()) == export(_asset(clip), names())


def test_no_file_names_a_version_or_a_time(clip: Clip) -> None:
    """Else every update would change every exported file, and have every engine import it again."""
    from pixforge import __version__

    for file in export(_asset(clip), names()):
        assert f"pixforge {__version__}".encode() not in file.data


def test_an_unknown_target_is_refused_with_the_nearest(clip: Clip) -> None:
    with pytest.raises(SettingsError, match='did you mean "godot"'):
        export(_asset(clip), ["gdot"])


def test_a_target_that_knows_no_tiles_is_refused() -> None:
    tiles = cut(Picture(np.full((4, 4, 4), 255, np.uint8)), (2, 2))
    with pytest.raises(SettingsError, match="does not know"):
        export_tiles(TileAsset("t", tiles, lay_out_tiles(tiles)), ["gif"])


def test_frames_are_files_of_their_own(clip: Clip, write: Callable[..., Path]) -> None:
    folder = write(clip, "frames")
    for number, picture in enumerate(clip.pictures):
        assert np.array_equal(load(folder / f"hero_{number:03}.png").pixels, picture.pixels)


def test_unity_cuts_the_sheet_from_below_and_keeps_its_identifiers(clip: Clip) -> None:
    asset = _asset(clip, SheetOptions("rows", trim=False))
    meta = export(asset, ["unity"])[1].data.decode()
    assert "filterMode: 0" in meta
    assert "textureCompression: 0" in meta
    assert "spriteMode: 2" in meta
    boxes = re.findall(r"x: (\d+)\n\s+y: (\d+)\n\s+width: (\d+)\n\s+height: (\d+)", meta)
    height = asset.sheet.pages[0].height
    for found, cell in zip(boxes, asset.sheet.cells, strict=True):
        assert tuple(map(int, found)) == (cell.x, height - cell.y - cell.height, cell.width, cell.height)
    assert len(set(re.findall(r"internalID: (\d+)\n\s+vertices", meta))) == len(clip.frames) + 1


@given(
    st.lists(arrays(np.uint8, (3, 4, 4), elements=st.sampled_from([0, 90, 255])), min_size=1, max_size=4),
    st.lists(st.integers(1, 65535), min_size=4, max_size=4),
)
def test_any_clip_comes_back_from_its_aseprite_file(pictures: list[np.ndarray], durations: list[int]) -> None:
    frames = []
    for pixels, duration in zip(pictures, durations, strict=False):
        frames.append(Frame(Picture(np.where(pixels[..., 3:] == 0, 0, pixels).astype(np.uint8)), duration))
    clip = Clip(tuple(frames))
    found = from_document(decode(aseprite.export(_asset(clip))[0].data))
    assert found.durations == clip.durations
    for ours, back in zip(clip.pictures, found.pictures, strict=True):
        assert np.array_equal(ours.pixels, back.pixels)


def test_layers_come_back_with_their_groups_and_a_repeated_cel_is_a_link(clip: Clip) -> None:
    whole = tuple(Cel(picture) for picture in clip.pictures)
    layers = (
        Layer("body", whole, ("all", "lower")),
        Layer("arm", whole, ("all",), visible=False),
        Layer("hat", (None,) * 7, ("all", "upper"), 200, "multiply"),
    )
    made = decode(aseprite.export(_asset(Clip(clip.frames, layers=layers)))[0].data)
    assert [(layer.name, layer.kind, layer.level) for layer in made.layers] == [
        ("all", LayerKind.GROUP, 0),
        ("lower", LayerKind.GROUP, 1),
        ("body", LayerKind.IMAGE, 2),
        ("arm", LayerKind.IMAGE, 1),
        ("upper", LayerKind.GROUP, 1),
        ("hat", LayerKind.IMAGE, 2),
    ]
    back = from_document(made)
    assert [(layer.name, layer.groups, layer.visible, layer.opacity, layer.blend) for layer in back.layers] == [
        (layer.name, layer.groups, layer.visible, layer.opacity, layer.blend) for layer in layers
    ]
    assert [cel.link for cel in made.frames[6].cels] == [4, 4]


def test_layers_that_do_not_compose_to_the_frames_are_flattened(clip: Clip) -> None:
    wrong = Clip(clip.frames, layers=(Layer("empty", (None,) * 7),))
    found = from_document(decode(aseprite.export(_asset(wrong))[0].data))
    assert len(found.layers) == 1
    assert np.array_equal(found.pictures[0].pixels, clip.pictures[0].pixels)


def test_the_artists_palette_keeps_its_order_behind_the_transparent_entry(clip: Clip) -> None:
    colors = clip.colors()
    assert colors is not None
    palette = np.concatenate([[[1, 2, 3]], colors[::-1]]).astype(np.uint8)
    made = decode(aseprite.export(_asset(Clip(clip.frames, palette=palette)))[0].data)
    assert made.depth == 8
    assert made.palette(0)[:, :3].tolist() == [[0, 0, 0], *palette.tolist()]


def test_files_are_written_kept_or_left_as_they_are(tmp_path: Path) -> None:
    files = (File("a/x.png", b"1"), File("y.tscn", b"1", keep=True))
    status = lambda **how: [each.status for each in write_files(files, tmp_path, **how)]  # noqa: E731
    assert status(dry_run=True) == ["planned", "planned"]
    assert not any(tmp_path.iterdir())
    assert status() == ["written", "written"]
    assert status() == ["unchanged", "kept"]
    (tmp_path / "a/x.png").write_bytes(b"2")
    (tmp_path / "y.tscn").write_bytes(b"2")
    assert status(overwrite=False) == ["kept", "kept"]
    assert status() == ["written", "kept"]
    assert status(overwrite=True) == ["unchanged", "written"]


def test_a_source_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "hero.png").write_bytes(b"mine")
    with pytest.raises(OutputError, match="overwrite a source"):
        write_files((File("hero.png", b"x"),), tmp_path, [tmp_path / "." / "hero.png"], overwrite=True)
    assert (tmp_path / "hero.png").read_bytes() == b"mine"


def test_the_place_in_a_project_is_found(tmp_path: Path) -> None:
    (tmp_path / "game/art").mkdir(parents=True)
    assert godot_folder(tmp_path / "game/art") is None
    (tmp_path / "game/project.godot").touch()
    assert godot_folder(tmp_path / "game/art") == "res://art"
    assert godot_folder(tmp_path / "game") == "res://"
    assert godot_folder(tmp_path / "game/new/folder") == "res://new/folder"
    assert unity_folder(tmp_path / "game/Assets/Art") == "Assets/Art"
    assert unity_folder(tmp_path / "game") == ""
