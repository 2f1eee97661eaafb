"""Heads of safetensors files, read without a framework: which tensors, whether the file is whole, a quick digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pixforge.errors import SettingsError

SUFFIX: Final = ".safetensors"
PICKLES: Final = (".ckpt", ".bin", ".pt", ".pth", ".pkl")
_LARGEST_HEAD: Final = 100_000_000  # bytes, the bound of the format itself
_WHOLE: Final = 1 << 26  # files up to so many bytes are hashed whole
_SAMPLES: Final = 64  # of larger files so many blocks are hashed
_BLOCK: Final = 1 << 16


@dataclass(frozen=True)
class Head:
    """What a safetensors file says before its numbers.

    Attributes:
        shapes: of every tensor, by name.
        metadata: free texts.
    """

    shapes: dict[str, tuple[int, ...]]
    metadata: dict[str, str]


def refuse_pickle(path: Path) -> None:
    """Refuse files that can run code when they are read.

    Raises:
        SettingsError: it is one, by its ending.
    """
    if path.suffix.lower() in PICKLES:
        raise SettingsError(
            f"is a pickle ({path.suffix}): reading one can run code, and pixforge reads none",
            "get the .safetensors file of the same model, or convert it where its origin is trusted",
            path,
        )


def read_head(path: Path) -> Head:
    """Read the head of a safetensors file and check that the file is as long as it says.

    Raises:
        SettingsError: it is a pickle, no safetensors file, or was cut off.
    """
    refuse_pickle(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if not 2 <= length <= min(_LARGEST_HEAD, size - 8):
                raise _cut_off(path)
            table = json.loads(file.read(length))
        end = max((part["data_offsets"][1] for name, part in table.items() if name != "__metadata__"), default=0)
        if size != 8 + length + end:
            raise _cut_off(path)
        metadata = table.pop("__metadata__", {})
        return Head({name: tuple(part["shape"]) for name, part in table.items()}, metadata)
    except OSError as error:
        raise SettingsError(f"cannot be read ({error.strerror})", "check the path", path) from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingsError("is no safetensors file", "get the file again", path) from error


def digest_of(paths: Iterable[Path], root: Path) -> str:
    """Return a SHA-256 (hex) of files under their names below `root`.

    Of a file above 64 MiB it sees the size, the first and last block and 64 blocks between: a retrained or damaged
    model differs nearly everywhere, and reading gigabytes before each run would cost more than the run.
    """
    total = hashlib.sha256()
    for path in sorted(paths):
        size = path.stat().st_size
        total.update(f"{path.relative_to(root).as_posix()} {size}\n".encode())
        with path.open("rb") as file:
            if size <= _WHOLE:
                while block := file.read(1 << 20):
                    total.update(block)
                continue
            for number in range(_SAMPLES + 1):
                file.seek((size - _BLOCK) * number // _SAMPLES)
                total.update(file.read(_BLOCK))
    return total.hexdigest()


def _cut_off(path: Path) -> SettingsError:
    return SettingsError("is not whole: its download or copy was interrupted", "get the file again", path)
