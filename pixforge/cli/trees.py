"""What `batch` and `watch` share: SRC and DST or a project file, the flags of convert, hooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from pixforge import preset as presets
from pixforge.cli import options
from pixforge.errors import SettingsError
from pixforge.preset import Preset
from pixforge.preset.flags import FLAGS
from pixforge.preset.model import DEFAULT_PRESET
from pixforge.project.hooks import EVENTS, with_commands
from pixforge.project.schema import Gather
from pixforge.project.tree import Tree, find_project, load_project, plain_tree
from pixforge.typed_toml import unknown_hint

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True)
class Wanted:
    """What the arguments say about the tree. `load` may be called again when files have changed.

    Attributes:
        source, out: as given; both None: by the project file.
        project: the project file, if it was named.
        preset: as given.
        overrides: keys of every preset that win over all others.
        ignore: more patterns to leave alone.
        hooks: commands by event.
        strict: whether a failing hook is fatal; None: as the project file says.
        clips, cut: which files are one clip; without a project file.
    """

    source: Path | None
    out: Path | None
    project: Path | None
    preset: str
    overrides: dict[str, Any]
    ignore: tuple[str, ...]
    hooks: dict[str, tuple[str, ...]]
    strict: bool | None
    clips: Gather | None = None
    cut: tuple[int, int] | None = None

    @property
    def by_project(self) -> bool:
        """Whether a project file says what to do."""
        return self.source is None

    def load(self) -> Tree:
        """Return the tree.

        Raises:
            SettingsError: there is no project file, or one of the files has mistakes.
        """
        if self.source is not None and self.out is not None:
            tree = plain_tree(self.source, self.out, self.chosen(), self.ignore, self.clips, self.cut)
        else:
            tree = load_project(self.project or find_project(Path.cwd()), self.overrides, self.ignore)
        tree.hooks = with_commands(tree.hooks, self.hooks, self.strict)
        return tree

    def chosen(self) -> Preset:
        """Return the preset of a run without a project file."""
        return presets.load(self.preset, self.overrides)


def tree(command: F) -> F:
    """Add SRC, DST and the options about them, for a command that converts."""
    return _places(options.conversion(_hooks(command)))


def shown_tree(command: F) -> F:
    """Add SRC, DST and the options about them, for a command that looks at what another converted: it runs no hooks."""
    return _places(options.preset(command))


def _places(command: F) -> F:
    for decorate in reversed(
        (
            click.argument("source", metavar="[SRC", required=False, type=click.Path(path_type=Path)),
            click.argument("out", metavar="DST]", required=False, type=click.Path(path_type=Path)),
            click.option(
                "--project", type=click.Path(path_type=Path), metavar="FILE",
                help="Default: the nearest pixforge.toml, here or above.",
            ),
            click.option(
                "--clips", type=click.Choice(get_args(Gather)),
                help="What makes a clip. file: an animation; folder: all pictures of a folder; numbered: walk_1, "
                "walk_2, ...; sheet: a sheet. cast: the pictures of a folder must match. Default: file.",
            ),
            click.option("--cut", type=options.Size(), help="Pictures are sheets: cut them into frames of WxH pixels."),
            click.option(
                "--ignore", multiple=True, metavar="PATTERN", help='Leave files or folders alone, such as "**/wip/**".'
            ),
        )
    ):  # fmt: skip
        command = decorate(command)
    return command


def _hooks(command: F) -> F:
    for decorate in reversed(
        (
            click.option(
                "--hook", "hooks", multiple=True, metavar="EVENT=COMMAND",
                help=f"Run a command with JSON on its standard input; events: {', '.join(EVENTS)}.",
            ),
            click.option(
                "--strict-hooks/--lenient-hooks", "strict", default=None,
                help="Whether a failing hook is an error. Default: no.",
            ),
        )
    ):  # fmt: skip
        command = decorate(command)
    return command


def wanted(arguments: dict[str, Any]) -> Wanted:
    """Take what `tree` or `shown_tree` added out of a command's arguments.

    Raises:
        click.UsageError: SRC without DST, or a preset beside a project file that has its own.
        SettingsError: a flag or a hook is wrong.
    """
    source, out, project = (arguments.pop(name) for name in ("source", "out", "project"))
    settings, preset = arguments.pop("settings"), arguments.pop("preset")
    hooks, strict = arguments.pop("hooks", ()), arguments.pop("strict", None)
    ignore = arguments.pop("ignore")
    clips, cut = arguments.pop("clips"), arguments.pop("cut")
    flags = {name: arguments.pop(name) for name in list(arguments) if name in FLAGS}
    if source is not None and out is None:
        raise click.UsageError("SRC needs DST beside it; without both the project file says what to do")
    if source is not None and project is not None:
        raise click.UsageError("SRC and DST exclude --project")
    if source is None and preset != DEFAULT_PRESET:
        raise click.UsageError("the rules of the project file name the presets; --preset needs SRC and DST")
    if source is None and (clips is not None or cut is not None):
        raise click.UsageError("the rules of the project file say what is a clip; --clips and --cut need SRC and DST")
    overrides = options.overrides(flags, settings)
    return Wanted(source, out, project, preset, overrides, ignore, _by_event(hooks), strict, clips, cut)


def _by_event(hooks: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for hook in hooks:
        event, equals, command = hook.partition("=")
        if not equals or event not in EVENTS or not command.strip():
            raise SettingsError(f'--hook "{hook}" is not EVENT=COMMAND', unknown_hint(event, EVENTS))
        found[event] = (*found.get(event, ()), command)
    return found
