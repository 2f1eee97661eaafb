"""pixforge models: list, info, add, export.

JSON of list: models [{name, origin, path, shadowed, method, directions, bytes, description, digest, error}], origin
being user or bundled; places {user, bundled}, the folders that are searched.
JSON of info: model {path, digest, card (as in card.json)}.
JSON of add and export: model {name, path, digest}.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pixforge import __version__
from pixforge.cli import options
from pixforge.cli.output import Output, as_plain
from pixforge.errors import SettingsError

if TYPE_CHECKING:
    from pixforge.nn.card import Card
    from pixforge.nn.store import Found, Model

_PATH = click.Path(path_type=Path)


@click.group(short_help="List, show, add and export models.")
def models() -> None:
    """List, show, add and export models: the networks that methods run.

    A preset names one as method.model: "bundled", a name that `pixforge models list` shows, or the path of a folder or
    zip.
    """


@models.command("list", short_help="List every model that a name reaches.")
@options.manners
@click.pass_obj
def list_models(output: Output) -> int:
    """List every model that a name reaches, and the folders that are searched."""
    from pixforge.nn import store

    output.command = "models list"
    entries = [_entry(found) for found in store.search()]
    width = max((len(entry["name"]) for entry in entries), default=0)
    for entry in entries:
        note = "  (hidden by the one above of this name)" if entry["shadowed"] else ""
        text = (
            entry["error"]["cause"] if entry["error"] else f"{', '.join(entry['directions'])}  {entry['description']}"
        )
        output.line(f"{entry['name']:{width}}  {entry['origin']:7}  {entry['bytes'] / 1e6:5.1f} MB  {text}{note}")
    output.line(f"\nYour own go to {store.user_folder()}; `pixforge models add` puts them there.")
    places = {"user": str(store.user_folder()), "bundled": str(store.bundled_folder())}
    output.document({"models": entries, "places": places})
    return 0


@models.command(short_help="Show what a model says about itself.")
@click.argument("name", metavar="NAME|PATH")
@click.option("--method", metavar="M", default="cyclegan", show_default=True, help='Whose model "bundled" means.')
@options.manners
@click.pass_obj
def info(output: Output, name: str, method: str) -> int:
    """Show a model's card: directions, scores, recipe, and whose pictures it learnt from; checks its files."""
    import json

    from pixforge.nn import store

    output.command = "models info"
    model = store.open_model(store.find(name, method))
    _check_files(model)
    _say(output, model)
    card = json.loads(model.card.encode())
    output.document({"model": {"path": str(model.path), "digest": model.card.digest, "card": card}})
    return 0


@models.command(short_help="Put a model into your store.")
@click.argument("path", metavar="PATH", type=_PATH)
@click.option("--name", metavar="NAME", help="Under another name than its own.")
@options.manners
@click.pass_obj
def add(output: Output, path: Path, name: str | None) -> int:
    """Check the model in a folder or zip and copy it into your store, where a name reaches it."""
    from dataclasses import replace

    from pixforge.nn import store
    from pixforge.nn.card import read_card

    output.command = "models add"
    model = store.open_model(path)
    card = read_card(replace(model.card, name=name or model.card.name).encode(), path)
    if card.name == store.BUNDLED:
        raise SettingsError(f'"{store.BUNDLED}" always means the model that comes with a method', "give another --name")
    target = store.user_folder() / card.name
    store.copy_model(store.Model(path, card), target)
    _done(output, card, target)
    return 0


@models.command(short_help="Make a model out of a training run, or a zip out of a model.")
@click.argument("source", metavar="RUN|NAME|PATH")
@click.option("-o", "--out", required=True, metavar="PATH", type=_PATH, help="Folder to make; a zip if it ends so.")
@click.option("--name", metavar="NAME", help="Name of the model. Default: that of the folder to make.")
@click.option("--data", metavar="DIR", type=_PATH, help="Data set of the run: whom the card credits.")
@options.manners
@click.pass_obj
def export(output: Output, source: str, out: Path, name: str | None, data: Path | None) -> int:
    """Write a model to a folder or a zip.

    RUN is the folder of a training run (its best checkpoint is taken; this needs the extra "train"), one checkpoint, or
    any model.
    """
    from dataclasses import replace

    from pixforge.nn import store

    output.command = "models export"
    if _is_run(Path(source)):
        from pixforge.train.ship import ship

        card = ship(Path(source), data, out, name or out.stem, __version__)
    else:
        model = store.open_model(store.find(source, "cyclegan"))
        card = replace(model.card, name=name or model.card.name)
        store.copy_model(store.Model(model.path, card), out)
    _done(output, card, out)
    return 0


def _is_run(path: Path) -> bool:
    return path.suffix == ".pt" or (path.is_dir() and any(path.glob("step-*.pt")))


def _entry(found: Found) -> dict[str, Any]:
    from pixforge.nn import store

    entry: dict[str, Any] = {
        "name": found.name,
        "origin": found.origin,
        "path": str(found.path),
        "shadowed": found.shadowed,
        "method": None,
        "directions": [],
        "bytes": _size(found.path),
        "description": "",
        "digest": None,
        "error": None,
    }
    try:
        card = store.open_model(found.path).card
    except SettingsError as error:
        return {**entry, "error": as_plain(error)}
    return {
        **entry,
        "method": card.method,
        "directions": list(card.networks),
        "description": card.description,
        "digest": card.digest,
    }


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file())


def _check_files(model: Model) -> None:
    for direction in model.card.networks:
        model.network(direction)  # type: ignore[arg-type]  # the card was checked: its keys are directions
    for name in model.card.files:
        model.further(name)


def _say(output: Output, model: Model) -> None:
    card = model.card
    output.line(f"{card.name}: {card.description}\n{model.path}\ndigest {card.digest}")
    output.line(f"method {card.method}, licence {card.licence}, {card.steps} steps, pixforge {card.version}")
    style = [f"{len(card.palette)} colours"] * bool(card.palette) + ["the manner"] * bool(card.manner)
    if style:
        output.line(f"carries {' and '.join(style)} of its style")
    output.line("\nscores on pictures that it did not learn from")
    width = max(24, *map(len, card.scores)) if card.scores else 24
    for name, value in card.scores.items():
        output.line(f"  {name:{width}} {value:.4f}")
    output.line("\nlearnt from")
    for credit in card.credits:
        note = f" ({credit.note})" if credit.note else ""
        output.line(f"  {credit.pictures:6} {credit.source}: {credit.author}, {credit.licence}{note}")


def _done(output: Output, card: Card, path: Path) -> None:
    output.line(f"{card.name}: {path}")
    output.document({"model": {"name": card.name, "path": str(path), "digest": card.digest}})
