"""What may stand in pixforge.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pixforge.engine.plan import Anchor
from pixforge.typed_toml import Range

FILE: Final = "pixforge.toml"
TREE: Final = "{folder}/{stem}.png"
Gather = Literal["file", "folder", "numbered", "cast", "sheet"]
Cells = tuple[Annotated[int, Range(1, 65535)], Annotated[int, Range(1, 65535)]]
LAYOUTS: Final = {"tree": TREE, "flat": "{stem}.png"}


@dataclass(frozen=True)
class RuleTable:
    """A table [[rule]]: the first whose pattern fits a picture decides about it.

    Attributes:
        match: a pattern or several, relative to the folder of the file (in the root file: to `source`).
        preset: a preset's name or file; without one that of the file.
        set: any keys of the preset.
        palette: the same as set = { palette.source = ... }.
        targets: the same as set = { export.targets = [...] }.
        layout: as for the whole file.
        clip: what makes a clip. file: a file that is an animation. folder: the pictures of a folder are the frames of
            one clip with the folder's name. numbered: so are walk_1.png, walk_2.png, ... cast: the pictures of a folder
            must match (one palette, one scale), each has its own output. sheet: a picture is a sheet, cut by `cut` or
            by the JSON of its name beside it.
        cut: width and height in pixels of a sheet's cells.
        pad: where smaller frames lie on a canvas as large as the largest; without it they must be of one size.
        duration: milliseconds of every frame.
        skip: leave these pictures alone.
    """

    match: str | tuple[str, ...]
    preset: str | None = None
    set: dict[str, object] = field(default_factory=dict)
    palette: str | None = None
    targets: tuple[str, ...] | None = None
    layout: str | None = None
    clip: Gather | None = None
    cut: Cells | None = None
    pad: Anchor | None = None
    duration: Annotated[int, Range(1, 65535)] | None = None
    skip: bool = False


@dataclass(frozen=True)
class HooksTable:
    """The table [hooks]: commands that get JSON on standard input. They run without a shell, in the project's folder.

    Attributes:
        before_run, after_run: once a run (in watch: at its start and its end).
        before_job, after_job: for each picture that is converted.
        strict: a failing hook fails its job or its run; else it is only reported.
        timeout: seconds after which a hook is ended and counts as failed.
    """

    before_run: tuple[str, ...] = ()
    after_run: tuple[str, ...] = ()
    before_job: tuple[str, ...] = ()
    after_job: tuple[str, ...] = ()
    strict: bool = False
    timeout: Annotated[float, Range(0.1, 86400)] = 60.0

    @property
    def any(self) -> bool:
        """Whether there is a hook at all."""
        return bool(self.before_run or self.after_run or self.before_job or self.after_job)


@dataclass(frozen=True)
class WatchTable:
    """The table [watch].

    Attributes:
        settle: seconds for which a file's size and time must stay the same before it is taken.
        events: native, polling, or auto: polling on network shares.
        interval: seconds between two looks when polling.
        rescan: seconds between two looks at the whole tree, in case an event was lost.
        prune: outputs of pictures that are gone are removed (only files that pixforge made and nobody changed).
        notes: write NAME.pixforge-error.txt beside a picture that cannot be converted.
    """

    settle: Annotated[float, Range(0.05, 3600)] = 0.5
    events: Literal["auto", "native", "polling"] = "auto"
    interval: Annotated[float, Range(0.05, 3600)] = 1.0
    rescan: Annotated[float, Range(1, 86400)] = 300.0
    prune: bool = True
    notes: bool = True


@dataclass(frozen=True)
class NestedTable:
    """A pixforge.toml below the root: its rules come before those of the folders above, its keys replace theirs.

    Attributes:
        preset: for pictures that no rule names a preset for.
        layout: "tree", "flat", or a pattern of {folder}, {stem}, {preset} that ends in .png, relative to the output;
            files of other targets get their own endings.
        ignore: patterns of files and folders that are left alone.
        set: keys for every preset.
        clip, cut: for pictures whose rule does not say: see RuleTable.
        palettes: pattern to palette: the first that fits a picture gives its palette.source.
        rule: see RuleTable.
    """

    preset: str | None = None
    layout: str | None = None
    ignore: tuple[str, ...] = ()
    clip: Gather | None = None
    cut: Cells | None = None
    set: dict[str, object] = field(default_factory=dict)
    palettes: dict[str, str] = field(default_factory=dict)
    rule: tuple[RuleTable, ...] = ()


@dataclass(frozen=True)
class RootTable(NestedTable):
    """The pixforge.toml at the root of an asset tree.

    Attributes:
        output: folder of the results, relative to the file.
        source: folder of the drawings, relative to the file.
        hooks, watch: see there.
    """

    output: str = ""
    source: str = "."
    hooks: HooksTable = field(default_factory=HooksTable)
    watch: WatchTable = field(default_factory=WatchTable)


def is_root(table: Mapping[str, Any]) -> bool:
    """Whether a file's plain values are those of a root: only a root says where results go."""
    return "output" in table
