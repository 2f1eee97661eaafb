"""pixforge data: add, lint, stats, split, sheet.

JSON of add: added, refused [{name, cause, remedy}], pictures.
JSON of lint: findings [{kind, file, text, grave}].
JSON of stats: sources [{source, kind, licence, pictures, groups, train, validate, held_out, width, height, colours,
cells, soft}].
JSON of split: pictures by split. JSON of sheet: out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pixforge.train.data.tables import Credit, Reading

FOLDER = click.Path(path_type=Path)


@click.group(short_help="Make data sets for training.")
def data() -> None:
    """Make data sets for training: pictures with their licences, groups and splits.

    \b
    pixforge data add set sprites/ --kind pixel --source own --author "Our studio" --license own-work
    pixforge data split set
    pixforge data lint set
    """


@data.command(short_help="Add pictures.")
@click.argument("root", metavar="DATA", type=FOLDER)
@click.argument("inputs", metavar="IN...", nargs=-1, required=True, type=FOLDER)
@click.option(
    "--kind",
    type=click.Choice(["pixel", "drawing"]),
    required=True,
    help="pixel: sprites; drawing: drawings and other pictures.",
)
@click.option(
    "--table", metavar="TSV", type=FOLDER, help="Tab-separated; columns file, license, author; origin, pair if known."
)
@click.option("--columns", default="", metavar="A=B,...", help="Column B of the table holds A, as in file=pixel.")
@click.option("--match", default="*", show_default=True, metavar="GLOB", help="Only files of this name in IN.")
@click.option("--source", metavar="NAME", help="Collection that they come from, where no table says it.")
@click.option("--author", metavar="NAME", help="Who made them.")
@click.option("--license", "licence", metavar="SPDX", help="Their licence; own-work for your own.")
@click.option("--override", "note", default="", metavar="WORDS", help="Why a refused licence may be used after all.")
@click.option("--logical", is_flag=True, help="Pixel art at true 1x already: look for no grid.")
@click.option("--tile", type=options.Size(), help="Cut sheets into tiles of this size.")
@options.manners
@click.pass_obj
def add(
    output: Output,
    /,
    root: Path,
    inputs: tuple[Path, ...],
    kind: str,
    table: Path | None,
    columns: str,
    match: str,
    source: str | None,
    author: str | None,
    licence: str | None,
    note: str,
    logical: bool,
    tile: tuple[int, int] | None,
) -> int:
    """Add the pictures in folders, tar or zip archives and files IN to the data set in the folder DATA.

    Enlarged pixel art is brought to true 1x; every frame of a clip is a picture. Near-duplicates, also mirrored, join
    one group, and a split never divides a group. --columns names columns that are called otherwise, out of file,
    license, author, origin, pair, source and group; --source, --author and --license hold where the table says nothing.
    A drawing and a sprite with the same pair key are a true pair.
    """
    from pixforge.train.data.add import Refusal, Wish, add_files, regroup
    from pixforge.train.data.incoming import incoming_files
    from pixforge.train.data.manifest import FILE_NAME, read_manifest, write_manifest
    from pixforge.train.data.tables import Reading

    output.command = "data add"
    credit = _credit(table, Reading(_columns(columns), source or "", author or "", licence or ""))
    old = read_manifest(root) if (root / FILE_NAME).exists() else ()
    entries = {entry.file: entry for entry in old}
    refused: list[Refusal] = []
    for path in inputs:
        files = (file for file in incoming_files(path) if fnmatchcase(file[0], match))
        for event in add_files(root, files, credit, Wish(kind, logical, tile, note)):  # type: ignore[arg-type]
            if isinstance(event, Refusal):
                refused.append(event)
                output.note(f"{event.name}: {event.reason}")
            else:
                entries[event.file] = event
    write_manifest(root, regroup(root, entries.values()))
    output.line(f"{root}: {len(entries)} pictures, {len(entries) - len(old)} more than before, {len(refused)} refused")
    plain = [{"name": one.name, "cause": one.reason.cause, "remedy": one.reason.remedy} for one in refused]
    code = 3 if refused else 0
    output.document({"added": len(entries) - len(old), "refused": plain, "pictures": len(entries)}, code)
    return code


@data.command("lint", short_help="Check a data set.")
@click.argument("root", metavar="DATA", type=FOLDER)
@options.manners
@click.pass_obj
def lint_command(output: Output, /, root: Path) -> int:
    """Check files, licences, leaks between splits, duplicates, sizes and colours. Exit code 5 if something is grave."""
    from pixforge.train.data.check import lint
    from pixforge.train.data.manifest import read_manifest

    output.command = "data lint"
    found = lint(root, read_manifest(root))
    for finding in found:
        mark = click.style("grave", fg="red") if finding.grave else "note "
        output.line(f"{mark}  {finding.kind:9}  {finding.file}: {finding.text}")
    code = 5 if any(finding.grave for finding in found) else 0
    output.line(f"{len(found)} findings")
    output.document({"findings": [asdict(finding) for finding in found]}, code)
    return code


@data.command("stats", short_help="Count what a data set holds.")
@click.argument("root", metavar="DATA", type=FOLDER)
@options.manners
@click.pass_obj
def stats_command(output: Output, /, root: Path) -> int:
    """Count the pictures of each source: licence, groups, splits, sizes, colours, cell sizes found, soft alpha."""
    from pixforge.train.data.manifest import read_manifest
    from pixforge.train.data.stats import stats

    output.command = "data stats"
    found = stats(read_manifest(root))
    head = "kind     source                pictures  groups   train  valid.  held  size       colours  licence"
    output.line(head)
    for one in found:
        size = f"{one.width:g}x{one.height:g}"
        counts = f"{one.pictures:8}  {one.groups:6}  {one.train:6}  {one.validate:6}  {one.held_out:4}"
        output.line(f"{one.kind:8} {one.source:20}  {counts}  {size:9}  {one.colours:7g}  {one.licence}")
    output.document({"sources": [one.as_dict() for one in found]})
    return 0


@data.command("split", short_help="Divide a data set.")
@click.argument("root", metavar="DATA", type=FOLDER)
@click.option(
    "--validate",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    default=0.08,
    show_default=True,
    help="Share of the groups.",
)
@click.option("--held-out", multiple=True, metavar="SOURCE", help="Keep a whole source from training.")
@options.manners
@click.pass_obj
def split_command(output: Output, /, root: Path, validate: float, held_out: tuple[str, ...]) -> int:
    """Divide a data set into train, validate and held-out, never within a group. The same names divide the same way."""
    from pixforge.train.data.manifest import read_manifest, write_manifest
    from pixforge.train.data.split import split_entries

    output.command = "data split"
    entries = read_manifest(root)
    unknown = set(held_out) - {entry.source for entry in entries}
    if unknown:
        raise SettingsError(f"there is no source {', '.join(sorted(unknown))}", "see: pixforge data stats", root)
    entries = split_entries(entries, validate, held_out)
    write_manifest(root, entries)
    counts = dict(Counter(entry.split for entry in entries))
    output.line(", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
    output.document({"pictures": counts})
    return 0


@data.command(short_help="Write a contact sheet.")
@click.argument("root", metavar="DATA", type=FOLDER)
@click.argument("out", metavar="PNG", type=FOLDER)
@click.option(
    "--across", metavar="N", type=click.IntRange(1, 64), default=16, show_default=True, help="Pictures a row."
)
@options.manners
@click.pass_obj
def sheet(output: Output, /, root: Path, out: Path, across: int) -> int:
    """Write a contact sheet: a row of pictures for each source."""
    from pixforge.image.save import encode_png, write_atomic
    from pixforge.train.data.contact import contact_sheet
    from pixforge.train.data.manifest import read_manifest

    output.command = "data sheet"
    write_atomic(out, encode_png(contact_sheet(root, read_manifest(root), across), None, {}))
    output.line(str(out))
    output.document({"out": str(out)})
    return 0


def _credit(table: Path | None, reading: Reading) -> Callable[[str], Credit]:
    """How the credit of a file is found: in the table, or the same for all."""
    from pixforge.train.data.tables import Credit, read_table

    if table is not None:
        rows = read_table(table, reading)

        def look_up(name: str) -> Credit:
            if name not in rows:
                raise SettingsError(f"the table has no line for {name}", "add one, or leave the file out", table)
            return rows[name]

        return look_up
    if not (reading.source and reading.author and reading.licence):
        raise click.UsageError("give --table, or --source, --author and --license")
    return lambda name: Credit(reading.source, reading.author, reading.licence, name)


def _columns(text: str) -> dict[str, str]:
    """Read "file=pixel,pair=codepoint"."""
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    known = ("file", "license", "author", "origin", "pair", "source", "group")
    wrong = [name for name, _, column in pairs if name.strip() not in known or not column.strip()]
    if wrong:
        raise click.UsageError(f"--columns takes NAME=COLUMN with the names {', '.join(known)}; not {', '.join(wrong)}")
    return {name.strip(): column.strip() for name, _, column in pairs}
