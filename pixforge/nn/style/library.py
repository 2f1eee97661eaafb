"""Where styles are: pictures or folders of pictures, by path, in the user's library, or bundled."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pixforge.errors import OutputError, SettingsError
from pixforge.nn.card import Credit
from pixforge.nn.store import bundled_folder, user_folder
from pixforge.typed_toml import closest

Origin = Literal["user", "bundled"]
ENDINGS: Final = frozenset({".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".jpg", ".jpeg", ".aseprite", ".ase"})
CREDITS: Final = "CREDITS.md"
_MOST: Final = 512  # pictures of one style; a larger folder is taken evenly


@dataclass(frozen=True)
class Style:
    """A style that a name or a path reaches.

    Attributes:
        name: what `style` takes.
        path: of the picture or folder.
        origin: the library it lies in; "" for a path.
        files: its pictures, at most 512, in the order of their names.
    """

    name: str
    path: Path
    origin: Origin | Literal[""]
    files: tuple[Path, ...]

    @property
    def digest(self) -> str:
        """SHA-256 (hex) of the contents of its pictures, whatever their names."""
        whole = hashlib.sha256()
        for file in self.files:
            whole.update(hashlib.sha256(file.read_bytes()).digest())
        return whole.hexdigest()


def user_styles() -> Path:
    """Return the folder of the user's own styles, beside that of their models."""
    return user_folder().parent / "styles"


def bundled_styles() -> Path:
    """Return the folder of the styles that come with pixforge."""
    return bundled_folder() / "styles"


def search() -> tuple[Style, ...]:
    """Return every style of the libraries, the user's first."""
    found: list[Style] = []
    for origin, folder in _libraries():
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            files = _files(path)
            if files and not path.name.startswith("."):
                found.append(Style(path.stem if path.is_file() else path.name, path, origin, files))
    return tuple(found)


def find(name: str) -> Style:
    """Return a style by its path or its name.

    Raises:
        SettingsError: there is none, or it holds no picture.
    """
    path = Path(name)
    if path.exists():
        files = _files(path)
        if not files:
            raise SettingsError("holds no picture for a style", "give a picture or a folder of pictures", path)
        return Style(path.stem, path, "", files)
    styles = search()
    for style in styles:
        if style.name == name:
            return style
    match = closest(name, [style.name for style in styles])
    hint = f'did you mean "{match}"? ' if match else ""
    raise SettingsError(f'there is no style "{name}"', f"{hint}`pixforge styles list` shows all; a path works as well")


def add(sources: Sequence[Path], name: str) -> Style:
    """Copy pictures (or all pictures of folders) into the user's library; whole or not at all.

    Raises:
        OutputError: the name is taken, or the library cannot be written.
        SettingsError: a source holds no picture, or the name is a path.
    """
    if not name or Path(name).name != name or name.startswith("."):
        raise SettingsError(f'"{name}" cannot be the name of a style', "give a plain name such as dungeon")
    target = user_styles() / name
    if target.exists():
        raise OutputError("is there already", "give another --name, or remove it first", target)
    files = [file for source in sources for file in _needed(source)]
    temporary = target.with_name(f".{name}.part")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        for number, file in enumerate(files):
            shutil.copyfile(file, temporary / f"{number:04}-{file.name}")
        temporary.rename(target)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise OutputError(f"cannot be written: {error.strerror}", "check the folder", target) from error
    return Style(name, target, "user", _files(target))


def credit(style: Style) -> Credit:
    """Return whom a style's pictures come from; only of the bundled ones that is known."""
    author, licence = "not stated", "not stated"
    if style.origin == "bundled":
        for line in (bundled_styles() / CREDITS).read_text("utf-8").splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if cells[0] == f"`{style.name}`":
                author, licence = cells[2], cells[3]
    return Credit(f"style {style.name}", author, licence, len(style.files))


def _needed(source: Path) -> tuple[Path, ...]:
    files = _files(source)
    if not files:
        raise SettingsError("holds no picture for a style", "give a picture or a folder of pictures", source)
    return files


def _libraries() -> Iterator[tuple[Origin, Path]]:
    yield "user", user_styles()
    yield "bundled", bundled_styles()


def _files(path: Path) -> tuple[Path, ...]:
    if path.is_file():
        return (path,) if path.suffix.lower() in ENDINGS else ()
    if not path.is_dir():
        return ()
    every = sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in ENDINGS)
    if len(every) <= _MOST:
        return tuple(every)
    return tuple(every[index * len(every) // _MOST] for index in range(_MOST))
