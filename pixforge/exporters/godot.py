"""Godot 4: SpriteFrames, a ready scene, TileSet, and import settings that keep pixel art as it is.

Everything is checked against Godot 4.6. Seconds of a frame are duration / speed, both floats, so times are exact. The
same asset gives the same bytes. Import settings and scenes are written only where there are none: from then on they
belong to Godot and to whoever works on them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from math import gcd
from typing import Final

from pixforge.exporters.naming import distinct
from pixforge.exporters.pages import page_files
from pixforge.exporters.target import Asset, File, TileAsset
from pixforge.sheet.atlas import Cell
from pixforge.sheet.clip import Tag
from pixforge.sheet.tags import is_loop, play_order
from pixforge.sheet.tiles import EMPTY, TileMap

TITLE: Final = "Godot 4"
ENDINGS: Final = (".tres", ".tscn", ".png")

# Every setting that Godot 4.6 writes, so that it has nothing to complete; fix_alpha_border would recolour transparent
# pixels, and detect_3d would turn compression on.
_IMPORT_SETTINGS: Final = """\
compress/mode=0
compress/high_quality=false
compress/lossy_quality=0.7
compress/uastc_level=0
compress/rdo_quality_loss=0.0
compress/hdr_compression=1
compress/normal_map=0
compress/channel_pack=0
mipmaps/generate=false
mipmaps/limit=-1
roughness/mode=0
roughness/src_normal=""
process/channel_remap/red=0
process/channel_remap/green=1
process/channel_remap/blue=2
process/channel_remap/alpha=3
process/fix_alpha_border=false
process/premult_alpha=false
process/normal_map_invert_y=false
process/hdr_as_srgb=false
process/hdr_clamp_exposure=false
process/size_limit=0
detect_3d/compress_to=0
"""
_UID_DIGITS: Final = "abcdefghijklmnopqrstuvwxy012345678"
_FLIP_H, _FLIP_V, _TRANSPOSE = 1 << 12, 1 << 13, 1 << 14  # in the number of an alternative tile
_NEAREST = 1  # CanvasItem.TEXTURE_FILTER_NEAREST


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.tres (SpriteFrames), NAME.tscn (AnimatedSprite2D), the pages and their import settings."""
    folder = asset.options.godot_folder
    pages = page_files(asset)
    resource, scene = f"{asset.name}.tres", f"{asset.name}.tscn"
    return (
        *pages,
        *(_import_file(page.path, folder) for page in pages),
        File(resource, _sprite_frames(asset, [page.path for page in pages]).encode()),
        File(scene, _scene(asset, resource).encode(), keep=True),
    )


def export_tiles(asset: TileAsset) -> tuple[File, ...]:
    """NAME.tres (TileSet), NAME.tscn (TileMapLayer with the map), the page and its import settings."""
    folder = asset.options.godot_folder
    pages = page_files(asset)
    resource, scene = f"{asset.name}.tres", f"{asset.name}.tscn"
    return (
        *pages,
        *(_import_file(page.path, folder) for page in pages),
        File(resource, _tile_set(asset, pages[0].path).encode()),
        File(scene, _map_scene(asset, resource).encode(), keep=True),
    )


def uid(path: str, folder: str | None) -> str:
    """A stable resource identifier, made of where the resource lies, in Godot's base 34."""
    seed = f"pixforge:{_place(path, folder)}".encode()
    number = int.from_bytes(hashlib.sha256(seed).digest()[:8], "big") >> 1
    digits = ""
    while number:
        number, digit = divmod(number, len(_UID_DIGITS))
        digits = _UID_DIGITS[digit] + digits
    return f"uid://{digits}"


def _place(path: str, folder: str | None) -> str:
    """How a resource names another one: by its full path, or by its name in the same folder."""
    if folder is None:
        return path
    return folder + path if folder.endswith("/") else f"{folder}/{path}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _import_file(page: str, folder: str | None) -> File:
    """Import settings of a page; complete where its place in the project is known, else Godot completes them."""
    head = '[remap]\n\nimporter="texture"\ntype="CompressedTexture2D"\n'
    deps = ""
    if folder is not None:
        source = _place(page, folder)
        digest = hashlib.md5(source.encode(), usedforsecurity=False).hexdigest()
        target = _quoted(f"res://.godot/imported/{page}-{digest}.ctex")
        head += f'uid="{uid(page, folder)}"\npath={target}\nmetadata={{\n"vram_texture": false\n}}\n'
        deps = f"\n[deps]\n\nsource_file={_quoted(source)}\ndest_files=[{target}]\n"
    return File(f"{page}.import", f"{head}{deps}\n[params]\n\n{_IMPORT_SETTINGS}".encode(), keep=True)


def _sprite_frames(asset: Asset, pages: Sequence[str]) -> str:
    folder = asset.options.godot_folder
    lines = [f'[gd_resource type="SpriteFrames" format=3 uid="{uid(asset.name + ".tres", folder)}"]', ""]
    for number, page in enumerate(pages):
        path = _quoted(_place(page, folder))
        lines.append(f'[ext_resource type="Texture2D" path={path} id="{number + 1}_sheet"]')
    lines.append("")
    textures = _textures(asset.sheet.cells)
    for cell, name in textures.items():
        lines += _atlas_texture(cell, name)
    tags = asset.clip.animations("default")
    names = distinct([tag.name for tag in tags], "default")
    order = [textures[_spot(cell)] for cell in asset.sheet.cells]
    written = (
        _animation(name, tag, order, asset.clip.durations) for name, tag in sorted(zip(names, tags, strict=True))
    )
    lines += ["[resource]", "animations = [" + ", ".join(written) + "]"]
    return "\n".join(lines) + "\n"


_Spot = tuple[int, int, int, int, int, int, int, int, int]


def _spot(cell: Cell) -> _Spot:
    """What makes one texture: page, region and margin."""
    across, down = cell.source_width - cell.width, cell.source_height - cell.height
    return cell.page, cell.x, cell.y, cell.width, cell.height, cell.left, cell.top, across, down


def _textures(cells: Sequence[Cell]) -> dict[_Spot, str]:
    found: dict[_Spot, str] = {}
    for cell in cells:
        found.setdefault(_spot(cell), f"AtlasTexture_{len(found)}")
    return found


def _atlas_texture(spot: _Spot, name: str) -> list[str]:
    page, x, y, width, height, left, top, across, down = spot
    lines = [
        f'[sub_resource type="AtlasTexture" id="{name}"]',
        f'atlas = ExtResource("{page + 1}_sheet")',
        f"region = Rect2({x}, {y}, {width}, {height})",
    ]
    if across or down:
        lines.append(f"margin = Rect2({left}, {top}, {across}, {down})")
    return [*lines, "filter_clip = true", ""]


def _animation(name: str, tag: Tag, textures: Sequence[str], durations: Sequence[int]) -> str:
    """One animation; its unit of time is the longest that divides every frame's duration."""
    order = play_order(tag)
    unit = gcd(*(durations[number] for number in order))
    frames = ", ".join(
        f'{{\n"duration": {durations[number] / unit!r},\n"texture": SubResource("{textures[number]}")\n}}'
        for number in order
    )
    loop = "true" if is_loop(tag) else "false"
    return f'{{\n"frames": [{frames}],\n"loop": {loop},\n"name": &{_quoted(name)},\n"speed": {1000 / unit!r}\n}}'


def _node_name(name: str) -> str:
    return re.sub(r'[.:@/"%]', "_", name) or "Node"


def _scene(asset: Asset, resource: str) -> str:
    folder = asset.options.godot_folder
    tags = asset.clip.animations("default")
    first = distinct([tag.name for tag in tags], "default")[0]
    lines = [
        f'[gd_scene format=3 uid="{uid(asset.name + ".tscn", folder)}"]',
        "",
        f'[ext_resource type="SpriteFrames" path={_quoted(_place(resource, folder))} id="1_frames"]',
        "",
        f'[node name={_quoted(_node_name(asset.name))} type="AnimatedSprite2D"]',
        f"texture_filter = {_NEAREST}",
        'sprite_frames = ExtResource("1_frames")',
        f"animation = &{_quoted(first)}",
        f"autoplay = {_quoted(first)}",
    ]
    pivot = asset.clip.pivot_at(0)
    if pivot is not None:
        lines += ["centered = false", f"offset = Vector2({-pivot[0]}, {-pivot[1]})"]
    return "\n".join(lines) + "\n"


def _tile_set(asset: TileAsset, page: str) -> str:
    folder = asset.options.godot_folder
    width, height = asset.tiles.tile_size
    options = asset.sheet.options
    pad = options.inner + options.extrude
    margin, gap = options.border + pad, options.spacing + 2 * pad
    lines = [
        f'[gd_resource type="TileSet" format=3 uid="{uid(asset.name + ".tres", folder)}"]',
        "",
        f'[ext_resource type="Texture2D" path={_quoted(_place(page, folder))} id="1_tiles"]',
        "",
        '[sub_resource type="TileSetAtlasSource" id="TileSetAtlasSource_0"]',
        'texture = ExtResource("1_tiles")',
    ]
    if margin:
        lines.append(f"margins = Vector2i({margin}, {margin})")
    if gap:
        lines.append(f"separation = Vector2i({gap}, {gap})")
    lines.append(f"texture_region_size = Vector2i({width}, {height})")
    lines += [f"{x}:{y}/0 = 0" for x, y in atlas_places(asset)]
    lines += [
        "",
        "[resource]",
        f"tile_size = Vector2i({width}, {height})",
        'sources/0 = SubResource("TileSetAtlasSource_0")',
    ]
    return "\n".join(lines) + "\n"


def atlas_places(asset: TileAsset) -> list[tuple[int, int]]:
    """Column and row of each tile on the page."""
    width, height = asset.tiles.tile_size
    options = asset.sheet.options
    pad = options.inner + options.extrude
    across, down = width + 2 * pad + options.spacing, height + 2 * pad + options.spacing
    start = options.border + pad
    return [((cell.x - start) // across, (cell.y - start) // down) for cell in asset.sheet.cells]


def _map_scene(asset: TileAsset, resource: str) -> str:
    folder = asset.options.godot_folder
    data = ", ".join(str(byte) for byte in _map_data(asset.tiles, atlas_places(asset)))
    lines = [
        f'[gd_scene format=3 uid="{uid(asset.name + ".tscn", folder)}"]',
        "",
        f'[ext_resource type="TileSet" path={_quoted(_place(resource, folder))} id="1_tiles"]',
        "",
        f'[node name={_quoted(_node_name(asset.name))} type="TileMapLayer"]',
        f"texture_filter = {_NEAREST}",
        f"tile_map_data = PackedByteArray({data})",
        'tile_set = ExtResource("1_tiles")',
    ]
    return "\n".join(lines) + "\n"


def _map_data(tiles: TileMap, places: Sequence[tuple[int, int]]) -> bytes:
    """Version 0, then for each cell its place, source, tile and alternative, each in two bytes."""
    parts = [bytes(2)]
    rows, columns = tiles.numbers.shape
    for row in range(rows):
        for column in range(columns):
            number = int(tiles.numbers[row, column])
            if number == EMPTY:
                continue
            flip = tiles.flips[row][column]
            ways = flip.horizontal * _FLIP_H | flip.vertical * _FLIP_V | flip.diagonal * _TRANSPOSE
            values = (column, row, 0, *places[number], ways)
            parts += [value.to_bytes(2, "little") for value in values]
    return b"".join(parts)
