"""An asset tree: from a folder of drawings and its wishes to jobs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pixforge.engine.plan import Job
from pixforge.engine.sources import PICTURE_SUFFIXES
from pixforge.errors import PictureError, SettingsError
from pixforge.preset import Preset
from pixforge.project.place import Place
from pixforge.project.schema import FILE, TREE, HooksTable, NestedTable, RootTable, WatchTable, is_root
from pixforge.project.scope import Scope, plain, with_ignore
from pixforge.typed_toml import read, read_toml

STATE: Final = ".pixforge"  # ledger, lock, log and health; hidden from game engines
_MOST_PLACES: Final = 4096
OnError = Callable[[OSError], None]


@dataclass(eq=False)
class Tree:
    """Where drawings come from, where results go, and how.

    Attributes:
        source: folder of the drawings.
        output: folder of the results.
        root: folder of the ledger and of names that are searched.
        top: the wishes for the whole tree.
        nested: whether files below may have wishes of their own.
        hooks, watch: of the root file.
    """

    source: Path
    output: Path
    root: Path
    top: Scope
    nested: bool
    hooks: HooksTable = field(default_factory=HooksTable)
    watch: WatchTable = field(default_factory=WatchTable)
    _scopes: dict[Path, tuple[Scope, ...]] = field(default_factory=dict)
    _places: dict[Path, Place] = field(default_factory=dict)
    _output: str = ""

    def __post_init__(self) -> None:
        self._output = os.path.abspath(self.output)  # noqa: PTH100  # also removes ".."

    @property
    def state(self) -> Path:
        """Folder of the ledger, the lock, the log and the health file."""
        return self.root / STATE

    @property
    def ledger(self) -> Path:
        """The file of the ledger."""
        return self.state / "ledger.db"

    def pictures(self, onerror: OnError | None = None, below: Path | None = None) -> Iterator[Path]:
        """Yield the pictures that are not ignored, in the order of their names.

        Args:
            onerror: told of folders that cannot be listed; without it they are errors.
            below: begin at this folder of the tree.

        Raises:
            PictureError: the source is no folder, or one below it cannot be listed.
        """
        for place, names in self._walk(onerror, below):
            for name in names:
                yield place.folder / name

    def jobs(self, onerror: OnError | None = None, below: Path | None = None) -> Iterator[Job]:
        """Yield the jobs of the tree in the order of their sources.

        Raises:
            PixforgeError: as for `pictures` and `job`.
        """
        for _, job in self.pairs(onerror, below):
            if job is not None:
                yield job

    def pairs(self, onerror: OnError | None = None, below: Path | None = None) -> Iterator[tuple[Path, Job | None]]:
        """Yield every picture with its job.

        Raises:
            PixforgeError: as for `pictures` and `job`.
        """
        for place, names in self._walk(onerror, below):
            for name in names:
                job = self._job(place, name)
                yield (place.folder / name if job is None else job.source), job

    def enters(self, folder: Path) -> bool:
        """Whether pictures of a folder count; hidden ones, ignored ones and the output do not."""
        return self._enters(self._place(folder.parent), folder.name)

    def ignores(self, path: Path) -> bool:
        """Whether a pattern says that a file or folder of the tree is to be left alone."""
        return self._place(path.parent).ignores(path.name)

    def holds(self, path: Path) -> bool:
        """Whether a path is, or would be, a picture of this tree that is not ignored."""
        if not is_picture(path.name) or not path.is_relative_to(self.source):
            return False
        folders = list(path.parents)[: len(path.relative_to(self.source).parts) - 1]
        return all(self.enters(folder) for folder in folders) and not self._place(path.parent).ignores(path.name)

    def job(self, source: Path) -> Job | None:
        """Return what is to be done with a picture; None: nothing.

        Raises:
            SettingsError: a nested file or a preset cannot be used.
        """
        return self._job(self._place(source.parent), source.name)

    def _walk(self, onerror: OnError | None, below: Path | None) -> Iterator[tuple[Place, list[str]]]:
        top = self.source if below is None else below
        if not top.is_dir():
            raise PictureError("is not a folder", "name a folder; `pixforge convert` takes files", top)
        for folder, folders, files in os.walk(top, onerror=onerror or _raise):
            place = self._place(Path(folder))
            folders[:] = sorted(name for name in folders if self._enters(place, name))
            yield place, [name for name in sorted(files) if is_picture(name) and not place.ignores(name)]

    def _enters(self, place: Place, name: str) -> bool:
        return not (name.startswith(".") or place.ignores(name)) and (
            os.path.abspath(place.folder / name) != self._output  # noqa: PTH100  # also removes ".."
        )

    def _place(self, folder: Path) -> Place:
        if folder not in self._places:
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[folder] = Place(folder, self.source, self.output, self._above(folder))
        return self._places[folder]

    def _job(self, place: Place, name: str) -> Job | None:
        """Return the job of a picture: the nearest file's first fitting rule decides."""
        recipe = place.recipe(name)
        if recipe.preset is None:
            return None
        stem = os.path.splitext(name)[0]  # noqa: PTH122  # fast
        if recipe.layout == TREE:
            destination = place.output / f"{stem}.png"
        else:
            words = {"folder": place.name, "stem": stem, "preset": recipe.preset.name}
            destination = self.output / recipe.layout.format(**words)
        return Job(place.folder / name, destination, recipe.preset)

    def settings(self) -> tuple[Path, ...]:
        """Return the files whose change changes what is made: project files, presets, palettes (of what was used)."""
        scopes = {scope for scopes in self._scopes.values() for scope in scopes} | {self.top}
        files = {scope.file for scope in scopes if scope.file is not None}
        for scope in scopes:
            for preset in scope.presets():
                files.update(_files_of(preset))
        return tuple(sorted(files))

    def project_files(self) -> tuple[Path, ...]:
        """Return where project files are, or would be, in the folders that were looked at."""
        return tuple(folder / FILE for folder in self._scopes)

    def presets(self) -> tuple[Preset, ...]:
        """Return the presets that were used so far."""
        scopes = {scope for scopes in self._scopes.values() for scope in scopes} | {self.top}
        return tuple(preset for scope in scopes for preset in scope.presets())

    def _above(self, folder: Path) -> tuple[Scope, ...]:
        """Return the scopes that hold for a folder, the nearest first."""
        if not self.nested or folder == self.source or not folder.is_relative_to(self.source):
            return (self.top,)
        if folder not in self._scopes:
            above = self._above(folder.parent)
            own = self._nested(folder)
            self._scopes[folder] = above if own is None else (own, *above)
        return self._scopes[folder]

    def _nested(self, folder: Path) -> Scope | None:
        file = folder / FILE
        if not file.is_file():
            return None
        table = read_toml(file)
        if is_root(table):
            return None  # a project of its own inside this one: only its folder is shared
        scope = Scope(folder, self.root, file, read(NestedTable, table, file), self.top.overrides)
        scope.check()
        return scope


def is_picture(name: str) -> bool:
    """Whether a file's name is that of a picture that is not hidden."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES  # noqa: PTH122  # fast


def plain_tree(source: Path, output: Path, preset: Preset, ignore: tuple[str, ...] = ()) -> Tree:
    """Return the tree in which every picture below `source` is converted by one preset to its place below `output`."""
    return Tree(source, output, output, plain(source, preset, ignore), nested=False)


def find_project(start: Path) -> Path:
    """Return the project file of a folder: the nearest, upwards, that says where results go.

    Raises:
        SettingsError: there is none.
    """
    for folder in (start, *start.parents):
        file = folder / FILE
        if file.is_file() and is_root(read_toml(file)):
            return file
    raise SettingsError(
        f"there is no {FILE} with an output here or above", "name SRC and DST, or write a project file", start
    )


def load_project(file: Path, overrides: Mapping[str, object] | None = None, ignore: tuple[str, ...] = ()) -> Tree:
    """Read a project file, with the nested files and presets still to come.

    Args:
        file: the file.
        overrides: keys of every preset that win over all others.
        ignore: more patterns to ignore.

    Raises:
        SettingsError: it has mistakes, or a preset or palette that it names has.
    """
    table = read(RootTable, read_toml(file), file)
    if not table.output:
        raise SettingsError("does not say where results go", 'add output = "folder"', file)
    root = file.parent
    source, output = root / table.source, root / table.output
    top = Scope(source, root, file, with_ignore(table, ignore), overrides or {})
    top.check()
    return Tree(source, output, root, top, nested=True, hooks=table.hooks, watch=table.watch)


def _files_of(preset: Preset) -> Iterator[Path]:
    if preset.path is not None:
        yield preset.path
        source = preset.path.parent / preset.palette.source
        if preset.colors is not None and source.is_file():
            yield source


def _raise(error: OSError) -> None:
    raise PictureError(f"cannot be listed: {error.strerror}", "check the permissions", error.filename) from error
