"""The group of commands. A command's module is imported when it is called, so that --help and each other start fast."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Final, cast

import click

from pixforge import __version__

EXIT_CODES: Final = (
    (0, "everything was done"),
    (1, "a fault of pixforge itself"),
    (2, "wrong usage of the command line"),
    (3, "some pictures failed, the others are done"),
    (4, "a source picture cannot be read or is above the limits"),
    (5, "a preset, a palette file or an option is wrong"),
    (6, "a package or a model is not installed"),
    (7, "an output did not keep the contract and was not kept"),
    (8, "an output cannot be written, or would overwrite a file that is not pixforge's"),
    (9, "grid recovery: the picture is not pixel art"),
    (10, "`watch --status`: nothing watches this folder, or it gives no sign of life"),
    (11, "`batch --check`: an output is missing or out of date"),
    (130, "interrupted; everything begun was finished"),
)
EPILOG: Final = "\b\nExit codes:\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES)


@dataclass(frozen=True)
class Lazy:
    """A command that is not imported yet.

    Attributes:
        module: where it is.
        name: the attribute there.
        help: its line in the list of commands.
    """

    module: str
    name: str
    help: str


COMMANDS: Final[dict[str, Lazy]] = {
    "convert": Lazy("pixforge.cli.convert", "convert", "Convert pictures and clips."),
    "batch": Lazy("pixforge.cli.batch", "batch", "Convert a folder and every folder in it."),
    "sheet": Lazy("pixforge.cli.sheet", "sheet", "Put frames on a sheet for an engine."),
    "repaint": Lazy("pixforge.cli.repaint", "repaint", "Paint a region of a sprite anew."),
    "split": Lazy("pixforge.cli.split", "split", "Cut a sheet into frames, or a picture into tiles."),
    "job": Lazy("pixforge.cli.job", "job", "Convert as a JSON file says: for host programs."),
    "watch": Lazy("pixforge.cli.watch", "watch", "Convert a folder as it changes."),
    "review": Lazy("pixforge.cli.review", "review", "Make a page with every picture before and after."),
    "studio": Lazy("pixforge.cli.studio", "studio", "Open the live page: drop a drawing, move the controls."),
    "palette": Lazy("pixforge.cli.palette", "palette", "Extract, convert and show palettes."),
    "presets": Lazy("pixforge.cli.presets", "presets", "List, show and check presets."),
    "data": Lazy("pixforge.cli.data", "data", "Make data sets for training."),
    "train": Lazy("pixforge.cli.train", "train", "Train models."),
    "models": Lazy("pixforge.cli.models", "models", "List, show, add and export models."),
    "styles": Lazy("pixforge.cli.styles", "styles", "List, show and add styles."),
    "evaluate": Lazy("pixforge.cli.evaluate", "evaluate", "Measure methods and models against each other."),
    "integrations": Lazy("pixforge.cli.integrations", "integrations", "Add-ons for Aseprite and Godot."),
    "doctor": Lazy("pixforge.cli.doctor", "doctor", "Say what is installed and which methods work."),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and first lines, and imports one only to run it."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names in the order in which people meet them."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a command; None if there is none of this name."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        return cast("click.Command", getattr(importlib.import_module(lazy.module), lazy.name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the closest name for an unknown command."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from pixforge.typed_toml import unknown_hint

            ctx.fail(f'there is no command "{args[0]}"; {unknown_hint(args[0], COMMANDS)}')
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in COMMANDS.items()])


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", is_flag=True, expose_value=False, help="Show tracebacks.")
@click.version_option(__version__, "-V", "--version", message="pixforge %(version)s")
def app() -> None:
    """Turn drawings into contract-true, game-ready pixel art.

    The output has exactly the size and at most the colours that were asked for, every opaque pixel is of the palette,
    and alpha is 0 or 255; each file is read back and checked.

    \b
    pixforge convert hero.png -o hero-64.png
    pixforge convert hero.png -o hero-gb.png -p game-boy --preview 8
    pixforge batch art/ game/sprites/ -p character-32
    """
