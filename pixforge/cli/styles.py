"""pixforge styles: add, list, show.

JSON of list: styles [{name, origin, path, pictures}], origin being user or bundled; places {user, bundled}.
JSON of add: style {name, path, pictures}.
JSON of show: style {name, path, pictures, digest, files [{path, width, height, colours, error}]}.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from pixforge.cli import options
from pixforge.cli.output import Output, as_plain
from pixforge.errors import PixforgeError

_PATH = click.Path(path_type=Path)


@click.group(short_help="List, show and add styles.")
def styles() -> None:
    """List, show and add styles: the pictures that method `style` takes its look from.

    A preset names one as method.style.style, a command as --style: a picture, a folder of pictures, or a name that
    `pixforge styles list` shows.
    """


@styles.command("list", short_help="List every style that a name reaches.")
@options.manners
@click.pass_obj
def list_styles(output: Output) -> int:
    """List every style that a name reaches, and the folders that are searched."""
    from pixforge.nn.style import library

    output.command = "styles list"
    found = library.search()
    width = max((len(style.name) for style in found), default=0)
    for style in found:
        output.line(f"{style.name:{width}}  {style.origin:7}  {len(style.files):3} pictures  {style.path}")
    output.line(f"\nYour own go to {library.user_styles()}; `pixforge styles add` puts them there.")
    rows = [
        {"name": style.name, "origin": style.origin, "path": str(style.path), "pictures": len(style.files)}
        for style in found
    ]
    output.document(
        {"styles": rows, "places": {"user": str(library.user_styles()), "bundled": str(library.bundled_styles())}}
    )
    return 0


@styles.command(short_help="Put a style into your library.")
@click.argument("sources", metavar="PATH...", nargs=-1, required=True, type=_PATH)
@click.option("--name", metavar="NAME", help="What to call it. Default: the name of the first picture or folder.")
@options.manners
@click.pass_obj
def add(output: Output, /, sources: tuple[Path, ...], name: str | None) -> int:
    """Copy pictures, or the pictures of folders, into your library, where a name reaches them."""
    from pixforge.nn.style import library

    output.command = "styles add"
    style = library.add(sources, name or sources[0].stem)
    output.line(f"{style.name}: {len(style.files)} pictures, {style.path}")
    output.document({"style": {"name": style.name, "path": str(style.path), "pictures": len(style.files)}})
    return 0


@styles.command(short_help="Show what a style is made of.")
@click.argument("name", metavar="NAME|PATH")
@options.manners
@click.pass_obj
def show(output: Output, /, name: str) -> int:
    """Show each picture of a style: its size, its colours, and whether it can be a style of pixel art."""
    from pixforge.nn.style import library

    output.command = "styles show"
    style = library.find(name)
    files = [_row(file) for file in style.files]
    for row in files:
        told = row["error"]["cause"] if row["error"] else f"{row['width']} x {row['height']}, {row['colours']} colours"
        output.line(f"{Path(row['path']).name}  {told}")
    output.document(
        {
            "style": {
                "name": style.name,
                "path": str(style.path),
                "pictures": len(files),
                "digest": style.digest,
                "files": files,
            }
        }
    )
    return 0


def _row(file: Path) -> dict[str, Any]:
    from pixforge.methods._style.pictures import true_size
    from pixforge.pixel.histogram import measure

    row: dict[str, Any] = {"path": str(file), "width": None, "height": None, "colours": None, "error": None}
    try:
        picture = true_size(file)
    except PixforgeError as error:
        return {**row, "error": as_plain(error)}
    colours = len(measure([picture]).colours)
    return {**row, "width": picture.width, "height": picture.height, "colours": colours}
