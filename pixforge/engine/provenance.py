"""What an output file says about its origin, and how such a file is recognised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pixforge import __version__

KEYWORD: Final = "pixforge"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_MAX_TEXT: Final = 1 << 20


def text_chunks(facts: dict[str, str]) -> dict[str, str]:
    """Return the PNG text entries of an output: the software, and one of JSON with `facts` and the version."""
    content = json.dumps({"version": __version__, **facts}, sort_keys=True, separators=(",", ":"))
    return {"Software": f"pixforge {__version__}", KEYWORD: content}


def read_provenance(path: Path) -> dict[str, Any] | None:
    """Return what a file says about its origin, or None if pixforge did not write it last."""
    try:
        with path.open("rb") as file:
            if file.read(8) != _SIGNATURE:
                return None
            while len(head := file.read(8)) == 8:
                length, kind = int.from_bytes(head[:4], "big"), head[4:]
                if kind == b"IDAT" or length > _MAX_TEXT:
                    return None
                data = file.read(length)
                file.read(4)
                if kind == b"tEXt" and data.startswith(KEYWORD.encode() + b"\0"):
                    return _object(data.split(b"\0", 1)[1].decode("latin-1"))
    except OSError:
        return None
    return None


def _object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
