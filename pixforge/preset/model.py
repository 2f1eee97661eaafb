"""What a preset is once it is read: frozen options, each declared beside the code that it steers."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

from pixforge.exporters.options import TargetOptions
from pixforge.image.limits import Limits
from pixforge.pixel.options import (
    AlphaOptions,
    CleanupOptions,
    ClipOptions,
    Direction,
    ExportOptions,
    GridOptions,
    OutlineOptions,
    PaletteOptions,
)
from pixforge.sheet.options import SheetOptions
from pixforge.typed_toml import Range

if TYPE_CHECKING:
    from pixforge.palettes.palette import Palette

DEFAULT_PRESET: Final = "sprite-64"
FIT_COLORS: Final = 16
MAX_COLORS: Final = 256  # of an output; a larger palette file is cut down to the best so many


@dataclass(frozen=True)
class MethodHead:
    """The keys of the table [method] itself.

    Attributes:
        name: the method, a module of `pixforge.methods`.
        model: "bundled", a name in the model store, or a path; methods without a model ignore it.
        seed: for methods that draw random numbers.
    """

    name: str = "classical"
    model: str = "bundled"
    seed: Annotated[int, Range(0, 2**32 - 1)] = 0


@dataclass(frozen=True)
class MethodChoice:
    """A method and its own options.

    Attributes:
        name, model, seed: see MethodHead.
        options: the method's frozen Options, read from [method.<name>].
        paths: which of the options may be paths; what is there counts by its content, in the model's digest.
    """

    name: str
    model: str
    seed: int
    options: Any
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExportTable(ExportOptions, TargetOptions):
    """The table [export]: what is written, and the choices of the targets (see the bases).

    Attributes:
        targets: names of exporters, modules of `pixforge.exporters`. Without any, a still is written as PNG, and a
            clip as a sheet (PNG) with its data (Aseprite's JSON).
        tiles: width and height in cells: the output is cut into tiles of this size, equal ones (mirrored too) merged,
            and written as a tile set with its map.
    """

    targets: tuple[str, ...] = ()
    tiles: tuple[Annotated[int, Range(1, 4096)], Annotated[int, Range(1, 4096)]] | None = None


@dataclass(frozen=True)
class Preset:
    """Everything that steers a conversion.

    Attributes:
        name: the file's stem, or what the caller named it.
        path: the file it came from, or None.
        direction: to-pixel or to-drawing.
        description: one line for people.
        method, grid, palette, alpha, outline, cleanup, clip, sheet, export, limits: the tables of the file.
        colors: the palette that `palette.source` names, or None when it is fitted to the picture.
    """

    name: str
    path: Path | None
    direction: Direction
    description: str
    method: MethodChoice
    grid: GridOptions = field(default_factory=GridOptions)
    palette: PaletteOptions = field(default_factory=PaletteOptions)
    alpha: AlphaOptions = field(default_factory=AlphaOptions)
    outline: OutlineOptions = field(default_factory=OutlineOptions)
    cleanup: CleanupOptions = field(default_factory=CleanupOptions)
    clip: ClipOptions = field(default_factory=ClipOptions)
    sheet: SheetOptions = field(default_factory=SheetOptions)
    export: ExportTable = field(default_factory=ExportTable)
    limits: Limits = field(default_factory=Limits)
    colors: Palette | None = None

    @property
    def color_limit(self) -> int:
        """The largest number of colours that an output may have."""
        if self.palette.colors is not None:
            return self.palette.colors
        if self.colors is None:
            return FIT_COLORS
        reserved = {tuple(bytes.fromhex(color[1:])) for color in self.palette.reserve}
        return min(len(reserved | set(self.colors.colors)), MAX_COLORS)

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of what steers the output.

        Presets that convert alike have the same digest, whatever their names, comments, key order and folders.
        """
        content: dict[str, Any] = {name: dataclasses.asdict(getattr(self, name)) for name in SECTIONS}
        content["limits"] = {"svg_size": self.limits.svg_size}  # the others only refuse
        content["direction"] = self.direction
        content["method"] = dataclasses.asdict(self.method)
        for name in content["method"].pop("paths"):
            content["method"]["options"][name] = Path(content["method"]["options"][name]).name
        if self.colors is not None:
            content["palette"]["source"] = self.colors.colors
        text = json.dumps(content, sort_keys=True, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()


SECTIONS: Final[dict[str, type[Any]]] = {
    "grid": GridOptions,
    "palette": PaletteOptions,
    "alpha": AlphaOptions,
    "outline": OutlineOptions,
    "cleanup": CleanupOptions,
    "clip": ClipOptions,
    "sheet": SheetOptions,
    "export": ExportTable,
    "limits": Limits,
}
