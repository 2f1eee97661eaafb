"""Options that several commands share."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

import click

from pixforge.pixel.options import Direction, Dither, OutlineMode
from pixforge.preset.flags import overrides_from_flags, overrides_from_settings
from pixforge.preset.model import DEFAULT_PRESET

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    _SizeType = click.ParamType[tuple[int, int]]
    _CellType = click.ParamType[float | str]
else:  # older releases of click cannot be subscripted
    _SizeType = _CellType = click.ParamType


class Size(_SizeType):
    """WxH in cells, such as 64x64."""

    name = "WxH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:  # noqa: ANN401
        """Return (width, height)."""
        if isinstance(value, tuple):
            return value
        match = re.fullmatch(r"\s*(\d{1,5})\s*[xX,]\s*(\d{1,5})\s*", str(value))
        if match is None:
            self.fail(f'"{value}" is not a size such as 64x64', param, ctx)
        return int(match[1]), int(match[2])


class Cell(_CellType):
    """A number of source pixels, or "auto"."""

    name = "N|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float | str:  # noqa: ANN401
        """Return the number or the word."""
        if value == "auto":
            return "auto"
        try:
            return float(value)
        except ValueError:
            self.fail(f'"{value}" is neither a number of pixels nor "auto"', param, ctx)


def manners(command: F) -> F:
    """Add --json and -v; `Output.of` reads them off the arguments."""
    for option in (
        click.option("-v", "--verbose", is_flag=True, expose_value=False, help="Show tracebacks."),
        click.option("--json", is_flag=True, expose_value=False, help="Write one JSON document to stdout."),
    ):
        command = option(command)
    return command


_CONVERSION: Final = (
    click.option(
        "-p",
        "--preset",
        default=DEFAULT_PRESET,
        show_default=True,
        metavar="PRESET",
        help="Name (`pixforge presets list`) or file.",
    ),
    click.option("-m", "--method", metavar="M", help="Conversion method; `pixforge doctor` lists them."),
    click.option("--model", metavar="MODEL", help="Model of the method: a name or a path."),
    click.option("--style", metavar="PATH|NAME", help="A picture, a folder or a name: convert by method style."),
    click.option("--trace", metavar="DIR", help="Of method style: a folder for pictures of the run."),
    click.option(
        "--direction",
        type=click.Choice(get_args(Direction)),
        help="to-pixel: drawing to pixel art; to-drawing: the way back.",
    ),
    click.option("--size", type=Size(), help="Exact width and height in cells; a cell is a pixel of the output."),
    click.option("--width", type=int, metavar="N", help="Cells across; the height follows the aspect."),
    click.option("--height", type=int, metavar="N", help="Cells down; the width follows the aspect."),
    click.option("--cell", type=Cell(), help="Source pixels a cell; auto finds the grid of pixel art."),
    click.option("--colors", type=int, metavar="N", help="At most so many colours."),
    click.option(
        "--palette",
        metavar="FILE|NAME",
        help='Palette file, built-in palette (`pixforge palette show`), or "fit": from the picture.',
    ),
    click.option(
        "--dither",
        type=click.Choice(get_args(Dither)),
        help="How colours between two of the palette are mixed.",
    ),
    click.option(
        "--outline",
        type=click.Choice(get_args(OutlineMode)),
        help="keep: the drawing's own, one cell wide; none; black; selective: darker shades.",
    ),
    click.option("--preview", type=int, metavar="K", help="Also write a copy enlarged K times, NAME@Kx.png."),
    click.option(
        "-t",
        "--target",
        multiple=True,
        metavar="T",
        help="What to write: godot, aseprite, gif, ... (`pixforge sheet --target list`). Default: a PNG; for a "
        "clip a sheet and its JSON.",
    ),
    click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="KEY=VALUE",
        help="Any other key of the preset: table.key=value.",
    ),
)
_WRITING: Final = (
    click.option(
        "--overwrite/--no-overwrite",
        default=None,
        help="Replace any file, or keep every file. Default: replace what pixforge made if the bytes differ.",
    ),
    click.option("-n", "--dry-run", is_flag=True, help="Say what would be done; write nothing."),
)


def conversion(command: F) -> F:
    """Add the preset, the flags that override it, and what happens to files that are there already."""
    for option in reversed(_WRITING):
        command = option(command)
    return preset(command)


def preset(command: F) -> F:
    """Add the preset and the flags that override it alone, for a command that writes no outputs."""
    for option in reversed(_CONVERSION):
        command = option(command)
    return command


def overrides(flags: Mapping[str, Any], settings: tuple[str, ...]) -> dict[str, Any]:
    """Return the flags and the --set arguments as overrides of a preset; a flag wins over --set.

    Raises:
        click.UsageError: two flags that exclude each other.
    """
    sizes = [f"--{name}" for name in ("size", "width", "height", "cell") if flags[name] is not None]
    if len(sizes) > 1 and sizes != ["--width", "--height"]:
        raise click.UsageError(f"{' and '.join(sizes)} exclude each other")
    return {**overrides_from_settings(settings), **overrides_from_flags(flags)}


def out_is_folder(out: Path, sources: int) -> bool:
    """Whether OUT means a folder: it is one, it ends in a slash, or there are several outputs and it is no PNG."""
    return out.is_dir() or (sources > 1 and out.suffix.lower() != ".png")
