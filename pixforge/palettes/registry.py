"""Which palettes there are: the built-in ones by name, files by content and ending; every format module is a format."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from pixforge.errors import PaletteFileError, SettingsError
from pixforge.palettes import formats
from pixforge.typed_toml import closest

if TYPE_CHECKING:
    from pixforge.palettes.palette import Palette

MOST_BYTES = 64 * 1024 * 1024  # no palette file is larger


class FormatModule(Protocol):
    """What a format module declares (see `pixforge.palettes.formats`)."""

    LABEL: str
    EXTENSIONS: tuple[str, ...]

    def sniff(self, data: bytes) -> bool:
        """Whether the bytes look like this format."""
        ...

    def read(self, data: bytes, name: str) -> Palette:
        """Read a palette."""
        ...

    def write(self, palette: Palette) -> bytes:
        """Return the bytes of a file."""
        ...


@cache
def format_names() -> tuple[str, ...]:
    """Return the names of all formats, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(formats.__path__)))


def format_module(name: str) -> FormatModule:
    """Return the module of a format.

    Raises:
        SettingsError: there is no such format.
    """
    if name not in format_names():
        match = closest(name, format_names())
        known = ", ".join(format_names())
        raise SettingsError(
            f'there is no palette format "{name}"', f'did you mean "{match}"?' if match else f"formats: {known}"
        )
    return cast("FormatModule", importlib.import_module(f"{formats.__name__}.{name}"))


def extensions() -> tuple[str, ...]:
    """Return all file endings that some format claims, in alphabetical order."""
    return tuple(sorted({ending for name in format_names() for ending in format_module(name).EXTENSIONS}))


@cache
def builtin_names() -> tuple[str, ...]:
    """Return the names of the built-in palettes, in alphabetical order."""
    files = resources.files("pixforge.palettes.builtin").iterdir()
    return tuple(sorted(file.name[: -len(".hex")] for file in files if file.name.endswith(".hex")))


@cache
def builtin(name: str) -> Palette:
    """Return a built-in palette; its colours, source and license are those of its file in `palettes/builtin`.

    Raises:
        SettingsError: there is no palette of that name.
    """
    if name not in builtin_names():
        raise _unknown(name)
    data = resources.files("pixforge.palettes.builtin").joinpath(f"{name}.hex").read_bytes()
    return format_module("hexadecimal").read(data, name)


def load(name_or_path: str | Path, base: Path | None = None) -> Palette:
    """Return a built-in palette by its name (in any case), or the palette in a file.

    Args:
        name_or_path: a text with a folder or an ending of a palette file in it is a path.
        base: the folder that relative paths start from; the current one if None.

    Raises:
        SettingsError: neither a built-in palette nor a file has that name.
        PaletteFileError: the file cannot be read.
    """
    name = str(name_or_path).casefold()
    if isinstance(name_or_path, str) and name in builtin_names():
        return builtin(name)
    path = (base or Path()) / Path(name_or_path).expanduser()
    if not path.exists():
        raise _unknown(str(name_or_path), path)
    return parse(_bytes_of(path), path)


def parse(data: bytes, path: Path) -> Palette:
    """Read a palette from the bytes of a file; its content decides on the format, then the ending of `path`.

    Raises:
        PaletteFileError: no format reads it; the error has the path.
    """
    names = [name for name in format_names() if format_module(name).sniff(data)]
    claimed = [name for name in format_names() if path.suffix.lower() in format_module(name).EXTENSIONS]
    try:
        if not data:
            raise PaletteFileError("the file is empty", "save or download it again")
        if not names and len(claimed) != 1:
            raise _unreadable(claimed)
        chosen = next((name for name in names if name in claimed), (names or claimed)[0])
        return format_module(chosen).read(data, path.stem or path.name)
    except PaletteFileError as error:
        raise PaletteFileError(error.cause, error.remedy, path) from error


def dump(palette: Palette, path: Path, kind: str | None = None) -> bytes:
    """Return the bytes of a palette in the format that the ending of `path` names.

    Args:
        palette: what to write.
        path: decides on the format; of two formats with one ending the first by name is taken (.pal: JASC).
        kind: name of a format, whatever the ending is.

    Raises:
        SettingsError: there is no format of that kind.
        PaletteFileError: the ending is unknown, or the format cannot hold the palette.
    """
    ending = path.suffix.lower()
    chosen = kind or next((name for name in format_names() if ending in format_module(name).EXTENSIONS), None)
    if chosen is None:
        raise PaletteFileError(
            f'no palette format has the ending "{path.suffix}"', f"use one of {', '.join(extensions())}", path
        )
    try:
        return format_module(chosen).write(palette)
    except PaletteFileError as error:
        raise PaletteFileError(error.cause, error.remedy, path) from error


def save(palette: Palette, path: Path, kind: str | None = None) -> bool:
    """Write a palette file, whole or not at all (see `dump`); return whether its bytes changed.

    Raises:
        SettingsError, PaletteFileError: as for `dump`.
        OutputError: the file cannot be written.
    """
    data = dump(palette, path, kind)
    from pixforge.image.save import write_atomic

    return write_atomic(path, data)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise PaletteFileError("this is a folder", "name a file in it", path)
        if path.stat().st_size > MOST_BYTES:
            raise PaletteFileError("the file is too large for a palette", "check the path", path)
        return path.read_bytes()
    except OSError as error:
        raise PaletteFileError(f"the file cannot be read: {error.strerror}", "check its permissions", path) from error


def _unknown(name: str, path: Path | None = None) -> SettingsError:
    if path is not None and (path.suffix.lower() in extensions() or "/" in name or "\\" in name):
        siblings = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        match = closest(path.name, siblings)
        remedy = f'did you mean "{match}"?' if match else "check the path: it starts from the folder of the preset"
        return PaletteFileError("there is no such palette file", remedy, path)
    match = closest(name, builtin_names())
    known = f"built-in palettes: {', '.join(builtin_names())}"
    return SettingsError(f'there is no palette "{name}"', f'did you mean "{match}"?' if match else known)


def _unreadable(claimed: list[str]) -> PaletteFileError:
    if claimed:
        labels = " nor a ".join(format_module(name).LABEL for name in claimed)
        return PaletteFileError(f"this is neither a {labels}", "check what wrote the file, or save it as .gpl or .hex")
    return PaletteFileError("this is no palette file of a known format", f"known endings: {', '.join(extensions())}")
