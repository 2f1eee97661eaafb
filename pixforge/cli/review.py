"""pixforge review: a page with every picture before and after; picks of that page into the project file.

JSON: page (its path), pictures, fresh (how many were looked at anew), written, outcomes {made, failed, missing},
changes {new, changed, same}; with --dry-run only the first four; with --picks: project, rules (patterns that are new or
different), written.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pixforge.cli import options, trees
from pixforge.cli.output import Output
from pixforge.cli.progress import progress
from pixforge.errors import SettingsError
from pixforge.project.tree import Tree, find_project

if TYPE_CHECKING:
    from pixforge.report.build import Review


@click.command(short_help="Make a page with every picture before and after.")
@trees.shown_tree
@click.option(
    "-o", "--page", type=click.Path(path_type=Path), metavar="DIR", help="Folder of the page. Default: DST-review."
)
@click.option(
    "--also", multiple=True, metavar="PRESET[,KEY=VALUE]", help="Try another preset on every picture, to compare."
)
@click.option("-j", "--workers", type=click.IntRange(1), metavar="N", help="Processes. Default: one a core.")
@click.option(
    "--picks", type=click.Path(path_type=Path), metavar="FILE", help="Put picks saved on the page into pixforge.toml."
)
@click.option("-n", "--dry-run", is_flag=True, help="Say what would be looked at, or which rules picks would become.")
@options.manners
@click.pass_obj
def review(output: Output, /, **arguments: Any) -> int:  # noqa: ANN401  # the options above, and those of `trees.shown_tree`
    """Write a page that shows what `batch` (or `watch`) made of every picture below SRC, beside its source.

    The page needs no server and loads nothing from elsewhere: open its index.html. Ways picked there can be saved and
    given back with --picks. Give the same SRC, DST and flags as to the batch. It converts nothing into DST and runs no
    hooks.

    \b
    pixforge review art/ game/sprites/ -p character-32 --also game-boy
    pixforge review --picks picks.toml
    """
    output.command = "review"
    page, also, workers = (arguments.pop(name) for name in ("page", "also", "workers"))
    picks, dry = arguments.pop("picks"), arguments.pop("dry_run")
    if picks is not None:
        return _apply(output, picks, arguments["project"] or find_project(Path.cwd()), dry)
    tree = trees.wanted(arguments).load()
    make = plan_page if dry else write_page
    output.document(make(output, tree, page or default_page(tree), tuple(also), workers))
    return 0


def default_page(tree: Tree) -> Path:
    """Return where a tree's page goes: beside the output, "<output>-review"."""
    place = tree.output.resolve()
    return place.with_name(f"{place.name}-review")


def plan_page(output: Output, tree: Tree, folder: Path, also: tuple[str, ...], workers: int | None) -> dict[str, Any]:
    """Say what `write_page` would do; write nothing.

    Raises:
        PixforgeError: as `write_page`.
    """
    from pixforge.report.build import PAGE

    known, fresh = _review(tree, folder, also, workers).plan()
    output.line(f"{folder / PAGE}  {known + fresh} pictures, {fresh} would be looked at anew; nothing was written")
    return {"page": str(folder / PAGE), "pictures": known + fresh, "fresh": fresh, "written": False}


def _review(tree: Tree, folder: Path, also: tuple[str, ...], workers: int | None) -> Review:
    from pixforge.report.build import Review
    from pixforge.report.ways import way_of

    return Review(tree, folder, tuple(way_of(text) for text in also), workers)


def write_page(output: Output, tree: Tree, folder: Path, also: tuple[str, ...], workers: int | None) -> dict[str, Any]:
    """Make the page of a tree, with a progress bar; return what the JSON says of it.

    Raises:
        PixforgeError: the tree, a preset or the folder cannot be used.
    """
    from pixforge.project.survey import survey

    made = _review(tree, folder, also, workers)
    fresh = 0
    with progress(survey(tree, lambda error: output.note(str(error))).jobs) as bar:
        for looked in made:
            fresh += looked.fresh
            bar.advance(failed=False)
    path = made.write()
    outcomes = Counter(str(subject["variants"][0]["outcome"]) for subject in made.subjects)
    changes = Counter(str(subject["variants"][0]["change"]) for subject in made.subjects)
    output.line(f"{path}  {len(made.subjects)} pictures, {fresh} looked at anew")
    content = {"pictures": len(made.subjects), "fresh": fresh, "written": True}
    return {"page": str(path), **content, "outcomes": dict(outcomes), "changes": dict(changes)}


def _apply(output: Output, picks: Path, project: Path, dry: bool) -> int:
    from pixforge.report.picks import apply_picks

    if not picks.is_file():
        raise SettingsError("is not there", "save the picks on the page first", picks)
    rules = apply_picks(picks, project, dry)
    verb = "would be" if dry else "were"
    output.line(f"{project}  {len(rules)} rules {verb} put at its top" if rules else f"{project}  has these rules")
    output.document({"project": str(project), "rules": rules, "written": bool(rules) and not dry})
    return 0
