"""How output files say that pixforge made them, and how such a file is recognised.

PNG and APNG have the provenance as text, GIF as a comment, WebP as a chunk that readers pass over; the JSON of sheets,
Godot's resources and Tiled's files name pixforge. A file of another kind is recognised by its bytes alone, or by the
ledger.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pixforge.engine import provenance

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = 33  # bytes of the signature and the IHDR chunk
_GIF_END: Final = b"\x3b"
_GIF_COMMENT: Final = b"\x21\xfe"
_BLOCK: Final = 255
_WORD: Final = b"pixforge"
_CHUNK: Final = b"PXFG"
_ENDS: Final = 4096  # bytes at each end of a file that are searched
_XML: Final = b"?>"


def marked(name: str, data: bytes, text: Mapping[str, str]) -> bytes:
    """Return a file with its provenance, where its format has room for that.

    Args:
        name: the file's; its ending tells the format.
        data: its bytes.
        text: see `pixforge.engine.provenance.text_chunks`.
    """
    ending = Path(name).suffix.lower()
    if ending in (".png", ".apng") and data.startswith(_PNG):
        chunks = b"".join(_png_text(key, text[key]) for key in sorted(text))
        return data[:_HEADER] + chunks + data[_HEADER:]
    if ending == ".gif" and data.endswith(_GIF_END):
        return data[:-1] + _gif_comment(text[provenance.KEYWORD].encode()) + _GIF_END
    if ending == ".webp" and data.startswith(b"RIFF"):
        return _with_chunk(data, text[provenance.KEYWORD].encode())
    if ending in (".tsx", ".tmx") and _XML in data[:200]:
        head, _, rest = data.partition(_XML)
        return head + _XML + b"\n<!-- made by pixforge -->" + rest
    if ending == ".tres":
        return _tres(data)
    return data


def is_ours(path: Path) -> bool:
    """Whether a file says that pixforge wrote it last."""
    if provenance.read_provenance(path) is not None:
        return True
    if path.suffix.lower() not in (".gif", ".webp", ".json", ".tres", ".tsx", ".tmx"):
        return False
    try:
        with path.open("rb") as file:
            head = file.read(_ENDS)
            file.seek(max(0, path.stat().st_size - _ENDS))
            return _WORD in head or _WORD in file.read(_ENDS)
    except OSError:
        return False


def _png_text(key: str, value: str) -> bytes:
    body = key.encode("latin-1") + b"\0" + value.encode("ascii", "backslashreplace")
    return struct.pack(">I", len(body)) + b"tEXt" + body + struct.pack(">I", zlib.crc32(b"tEXt" + body))


def _gif_comment(text: bytes) -> bytes:
    text = _WORD + b" " + text
    blocks = [text[at : at + _BLOCK] for at in range(0, len(text), _BLOCK)]
    return _GIF_COMMENT + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def _with_chunk(data: bytes, text: bytes) -> bytes:
    text = _WORD + b" " + text
    chunk = _CHUNK + struct.pack("<I", len(text)) + text + b"\0" * (len(text) & 1)
    return data[:4] + struct.pack("<I", len(data) + len(chunk) - 8) + data[8:] + chunk


def _tres(data: bytes) -> bytes:
    """A comment after the head line, which Godot passes over."""
    head, line, rest = data.partition(b"\n")
    return head + line + b"; made by pixforge" + line + rest
