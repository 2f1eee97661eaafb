"""pixforge palette: extract, convert, show.

JSON of extract and convert: palette {name, source, license, colors ["#rrggbb", ...], names}; out (null: not written);
status "written", "unchanged" or null.
JSON of show: palette as above; without a name: palettes [{name, title, count, source, license}].
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.errors import OutputError

if TYPE_CHECKING:
    from pixforge.palettes.palette import Palette

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class _Target:
    """The file to write, its format if the ending does not say it, and whether it may replace another."""

    path: Path
    kind: str | None
    overwrite: bool


def _writing(command: F) -> F:
    """Add the options of a command that writes a palette file."""
    kind = click.option("--format", "kind", metavar="NAME", help="Format, where the ending fits two (.pal: jasc_pal).")
    return kind(click.option("--overwrite", is_flag=True, help="Replace OUT if it has other content.")(command))


@click.group(short_help="Extract, convert and show palettes.")
def palette() -> None:
    """Extract, convert and show palettes.

    The format follows the ending: .gpl, .pal, .hex, .aco, .ase, .act, .gif, .png.

    \b
    pixforge palette extract hero.png --colors 12 -o hero.gpl
    pixforge palette convert hero.gpl hero.aco
    pixforge palette show                      the built-in ones
    """


@palette.command(short_help="Fit a palette to pictures.")
@click.argument("sources", metavar="IN...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", metavar="OUT", type=click.Path(path_type=Path), help="Palette file. Default: hex to stdout."
)
@click.option(
    "--colors", type=click.IntRange(1, 256), default=16, show_default=True, metavar="N", help="At most so many."
)
@click.option(
    "--reserve",
    multiple=True,
    metavar="#RRGGBB",
    help="A colour that must be in it, at its front; may be given several times.",
)
@_writing
@options.manners
@click.pass_obj
def extract(
    output: Output,
    /,
    sources: tuple[Path, ...],
    out: Path | None,
    colors: int,
    reserve: tuple[str, ...],
    kind: str | None,
    overwrite: bool,
) -> int:
    """Fit one palette to all the pictures together."""
    import numpy as np

    from pixforge.image.load import load
    from pixforge.palettes.palette import Palette
    from pixforge.pixel.fit import fit_palette

    output.command = "palette extract"
    fixed = np.array([_rgb(text) for text in reserve], np.uint8).reshape(-1, 3)
    found = fit_palette([load(path) for path in sources], colors, fixed)
    name = sources[0].stem if out is None else out.stem
    made = Palette(
        name, tuple((int(r), int(g), int(b)) for r, g, b in found), source=", ".join(p.name for p in sources)
    )
    if out is None:
        for color in made.hex_colors:
            output.line(color)
        output.document({"palette": _plain(made), "out": None, "status": None})
        return 0
    return _write(output, made, _Target(out, kind, overwrite), sources)


@palette.command(short_help="Write a palette in another format.")
@click.argument("source", metavar="IN")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@_writing
@options.manners
@click.pass_obj
def convert(output: Output, /, source: str, out: Path, kind: str | None, overwrite: bool) -> int:
    """Write a palette file, a built-in palette or the palette of an indexed picture in another format."""
    from pixforge.palettes import registry

    output.command = "palette convert"
    return _write(output, registry.load(source), _Target(out, kind, overwrite), (Path(source),))


@palette.command(short_help="Show a palette, or list the built-in ones.")
@click.argument("name", metavar="[NAME|FILE]", required=False)
@options.manners
@click.pass_obj
def show(output: Output, /, name: str | None) -> int:
    """Show the colours of a palette; without a name list the built-in palettes."""
    from pixforge.palettes import registry

    output.command = "palette show"
    if name is None:
        built_in = {each: registry.load(each) for each in registry.builtin_names()}
        for each, found in built_in.items():
            output.line(f"{each:16} {len(found.colors):3}  {found.source}")
        rows = [
            {
                "name": each,
                "title": found.name,
                "count": len(found.colors),
                "source": found.source,
                "license": found.license,
            }
            for each, found in built_in.items()
        ]
        output.document({"palettes": rows})
        return 0
    found = registry.load(name)
    output.line(f"{found.name}, {len(found.colors)} colours")
    for line in _swatches(found):
        output.line(line)
    output.document({"palette": _plain(found)})
    return 0


def _write(output: Output, made: Palette, target: _Target, sources: tuple[Path, ...]) -> int:
    from pixforge.image.save import write_atomic
    from pixforge.palettes import registry

    out = target.path
    if os.path.realpath(out) in {os.path.realpath(path) for path in sources}:
        raise OutputError("is the source", "choose another output", out)
    data = registry.dump(made, out, target.kind)
    if out.exists() and not target.overwrite and not (out.is_file() and out.read_bytes() == data):
        raise OutputError("is there already with other content", "choose another output, or give --overwrite", out)
    status = "written" if write_atomic(out, data) else "unchanged"
    output.line(f"{out}  {len(made.colors)} colours{', unchanged' if status == 'unchanged' else ''}")
    output.document({"palette": _plain(made), "out": str(out), "status": status})
    return 0


def _rgb(text: str) -> tuple[int, int, int]:
    digits = text.removeprefix("#")
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError as error:
        raise click.BadParameter(f'"{text}" is not a colour such as #ff00ff', param_hint="--reserve") from error
    return red, green, blue


def _plain(made: Palette) -> dict[str, Any]:
    return {
        "name": made.name,
        "source": made.source,
        "license": made.license,
        "colors": list(made.hex_colors),
        "names": list(made.names),
    }


def _swatches(made: Palette) -> list[str]:
    """Return one line a colour: a block of it on a terminal that shows colours, its hex code and its name."""
    names = list(made.names) + [""] * len(made.colors)
    lines = []
    for color, text, name in zip(made.colors, made.hex_colors, names, strict=False):
        block = click.style("    ", bg=color) + " " if sys.stdout.isatty() else ""
        lines.append(f"{block}{text}  {name}".rstrip())
    return lines
