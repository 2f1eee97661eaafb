"""The format of a file by its first bytes; its name plays no part. Free of numpy."""

from __future__ import annotations

import re

from pixforge.errors import PictureError

HEAD = 4096

_MAGIC = (
    (0, b"\x89PNG\r\n\x1a\n", "png"),
    (0, b"\xff\xd8\xff", "jpeg"),
    (0, b"GIF87a", "gif"),
    (0, b"GIF89a", "gif"),
    (8, b"WEBP", "webp"),
    (0, b"BM", "bmp"),
    (0, b"II*\0", "tiff"),
    (0, b"MM\0*", "tiff"),
    (0, b"II+\0", "tiff"),
    (0, b"MM\0+", "tiff"),
    (0, b"\x1f\x8b", "svg"),
    (4, b"\xe0\xa5", "aseprite"),
)
_FOREIGN = (
    (0, b"8BPS", "a Photoshop document"),
    (0, b"gimp xcf", "a GIMP document"),
    (0, b"PK\x03\x04", "a ZIP archive (Krita and OpenRaster documents are such)"),
    (0, b"CSFCHUNK", "a Clip Studio document"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC or AVIF picture"),
    (0, b"\xff\x0a", "a JPEG XL picture"),
    (4, b"JXL ", "a JPEG XL picture"),
    (4, b"jP  ", "a JPEG 2000 picture"),
    (0, b"%PDF", "a PDF document"),
    (0, b"DDS ", "a DDS texture"),
    (0, b"qoif", "a QOI picture"),
    (0, b"v/1\x01", "an OpenEXR picture"),
    (0, b"#?RADIANCE", "a Radiance HDR picture"),
    (0, b"\0\0\1\0", "a Windows icon"),
)
_SVG = re.compile(rb"<(?:[\w.-]+:)?svg[\s>/]")
_SUPPORTED = "PNG, JPEG, WebP, GIF, BMP, TGA, TIFF, SVG or Aseprite"


def sniff(head: bytes) -> str:
    """Name the format: png, jpeg, gif, webp, bmp, tiff, tga, svg or aseprite.

    Args:
        head: the first HEAD bytes of the file, or all if it has fewer.

    Raises:
        PictureError: the file is empty, text, or of no supported format; the cause says what it seems to be.
    """
    if not head:
        raise PictureError("the file is empty (0 bytes)", "export it again, or wait until it is fully written")
    for start, magic, name in _MAGIC:
        if head.startswith(magic, start):
            return name
    for start, magic, what in _FOREIGN:
        if head.startswith(magic, start):
            raise PictureError(f"this is {what}, which cannot be read", "export it as PNG")
    text = _as_text(head)
    if text is not None:
        return _sniff_text(text)
    if _is_tga(head):
        return "tga"
    raise PictureError("this is no picture of a known format", "export it as PNG")


def _as_text(head: bytes) -> bytes | None:
    """The head as text in an 8-bit encoding, None if it is binary."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return head.decode("utf-16", "replace").encode("utf-8", "replace")
    return None if re.search(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]", head) else head


def _sniff_text(text: bytes) -> str:
    if _SVG.search(text) and not re.match(rb"\s*<(!doctype\s+)?html", text, re.IGNORECASE):
        return "svg"
    if text.startswith(b"version https://git-lfs"):
        raise PictureError("this is a Git LFS pointer, not the picture itself", "run `git lfs pull`")
    raise PictureError("this is a text file, not a picture", f"give a {_SUPPORTED} file")


def _is_tga(head: bytes) -> bool:
    """TGA has no signature: look whether the header makes sense."""
    if len(head) < 18:
        return False
    mapped, kind, map_depth, depth = head[1], head[2], head[7], head[16]
    size = int.from_bytes(head[12:14], "little") and int.from_bytes(head[14:16], "little")
    table = map_depth in {15, 16, 24, 32} if mapped else kind not in {1, 9}
    return bool(size) and mapped < 2 and table and kind in {1, 2, 3, 9, 10, 11} and depth in {8, 15, 16, 24, 32}
