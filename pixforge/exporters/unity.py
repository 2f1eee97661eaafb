"""Unity: the sheet and a .meta that cuts it into sprites, with point filter and without compression or mip maps.

Written after Unity's documentation and files it made; it has not been opened in Unity.
"""

from __future__ import annotations

import hashlib
from typing import Final

from pixforge.exporters.naming import distinct
from pixforge.exporters.pages import page_files
from pixforge.exporters.target import Asset, File
from pixforge.sheet.atlas import Cell
from pixforge.sheet.clip import Point

TITLE: Final = "Unity (not opened in Unity)"
ENDINGS: Final = (".png", ".png.meta")

_CUSTOM_PIVOT = 9
_POINT = 0
_META: Final = """\
fileFormatVersion: 2
guid: {guid}
TextureImporter:
  internalIDToNameTable: []
  externalObjects: {{}}
  serializedVersion: 12
  mipmaps:
    mipMapMode: 0
    enableMipMap: 0
    sRGBTexture: 1
  isReadable: 0
  textureSettings:
    serializedVersion: 2
    filterMode: {filter}
    aniso: 1
    mipBias: 0
    wrapU: 1
    wrapV: 1
    wrapW: 1
  nPOTScale: 0
  compressionQuality: 50
  spriteMode: 2
  spriteExtrude: 1
  spriteMeshType: 0
  alignment: 0
  spritePivot: {{x: 0.5, y: 0.5}}
  spritePixelsToUnits: 16
  spriteBorder: {{x: 0, y: 0, z: 0, w: 0}}
  alphaUsage: 1
  alphaIsTransparency: 1
  textureType: 8
  textureShape: 1
  maxTextureSizeSet: 0
  platformSettings:
  - serializedVersion: 3
    buildTarget: DefaultTexturePlatform
    maxTextureSize: 16384
    resizeAlgorithm: 0
    textureFormat: -1
    textureCompression: 0
    compressionQuality: 50
    crunchedCompression: 0
    allowsAlphaSplitting: 0
    overridden: 0
  spriteSheet:
    serializedVersion: 2
    sprites:
{sprites}    outline: []
    physicsShape: []
    bones: []
    spriteID:
    internalID: 0
    vertices: []
    indices:
    edges: []
    weights: []
    secondaryTextures: []
  userData:
  assetBundleName:
  assetBundleVariant:
"""


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.png and NAME.png.meta; GUIDs and sprite identifiers stay the same as long as the names do."""
    pages = page_files(asset)
    names = distinct(list(asset.clip.names) or [f"{asset.name}_{n}" for n in range(len(asset.clip.frames))], asset.name)
    made = []
    for number, page in enumerate(pages):
        sprites = [
            _sprite(name, cell, asset.sheet.pages[number].height, asset.clip.pivot_at(frame))
            for frame, (name, cell) in enumerate(zip(names, asset.sheet.cells, strict=True))
            if cell.page == number
        ]
        made.append(
            File(f"{page.path}.meta", _meta(f"{asset.options.unity_folder}/{page.path}", sprites).encode(), keep=False)
        )
    return *pages, *made


def _identifier(text: str) -> str:
    return hashlib.md5(f"pixforge:{text}".encode(), usedforsecurity=False).hexdigest()


def _sprite(name: str, cell: Cell, page_height: int, pivot: Point | None) -> str:
    """One sprite; Unity counts from the bottom, and its pivot is in shares of what lies on the sheet."""
    point = pivot or (cell.source_width / 2, cell.source_height / 2)
    x = (point[0] - cell.left) / cell.width
    y = 1 - (point[1] - cell.top) / cell.height
    quoted = "'" + name.replace("'", "''") + "'"
    return f"""\
    - serializedVersion: 2
      name: {quoted}
      rect:
        serializedVersion: 2
        x: {cell.x}
        y: {page_height - cell.y - cell.height}
        width: {cell.width}
        height: {cell.height}
      alignment: {_CUSTOM_PIVOT}
      pivot: {{x: {x!r}, y: {y!r}}}
      border: {{x: 0, y: 0, z: 0, w: 0}}
      outline: []
      physicsShape: []
      tessellationDetail: 0
      bones: []
      spriteID: {_identifier("sprite:" + name)}
      internalID: {_internal(name)}
      vertices: []
      indices:
      edges: []
      weights: []
"""


def _internal(name: str) -> int:
    """A number that scenes refer to a sprite by: 63 bits, never 0."""
    return int(_identifier("internal:" + name)[:16], 16) >> 1 | 1


def _meta(page: str, sprites: list[str]) -> str:
    return _META.format(guid=_identifier("file:" + page), filter=_POINT, sprites="".join(sprites))
