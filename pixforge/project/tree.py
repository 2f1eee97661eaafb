"""An asset tree: from a folder of drawings and its wishes to jobs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final

from pixforge.engine.plan import Job, main_ending
from pixforge.engine.sources import PICTURE_SUFFIXES
from pixforge.errors import PictureError, SettingsError
from pixforge.preset import Preset
from pixforge.project.gather import STAR, Group, gathered, key_of
from pixforge.project.place import Place
from pixforge.project.schema import FILE, TREE, Gather, HooksTable, NestedTable, RootTable, WatchTable, is_root
from pixforge.project.scope import Recipe, Scope, plain, with_ignore
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

    def watched(self, onerror: OnError | None = None) -> Iterator[Path]:
        """Yield the pictures, and the JSON of those that are sheets: every file whose change changes an output."""
        for place, names in self._walk(onerror, None):
            for name in names:
                yield place.folder / name
                if place.gathers and place.recipe(name).gather == "sheet":
                    yield (place.folder / name).with_suffix(".json")

    def sources(self, onerror: OnError | None = None, below: Path | None = None) -> Iterator[Path]:
        """Yield what jobs are known by: pictures, and for frames that belong together one name for all of them.

        Raises:
            PixforgeError: as for `pictures` and `job`.
        """
        for place, names in self._walk(onerror, below):
            keys = (group.key for group in gathered(place, names)) if place.gathers else names
            for key in keys:
                yield place.folder / key

    def jobs(self, onerror: OnError | None = None, below: Path | None = None) -> Iterator[Job]:
        """Yield the jobs of the tree in the order of their sources.

        Raises:
            PixforgeError: as for `pictures` and `job`.
        """
        for _, job in self.pairs(onerror, below):
            if job is not None:
                yield job

    def pairs(
        self, onerror: OnError | None = None, below: Path | None = None
    ) -> Iterator[tuple[tuple[Path, ...], Job | None]]:
        """Yield every picture, or all that belong together, with their job.

        Raises:
            PixforgeError: as for `pictures` and `job`.
        """
        for place, names in self._walk(onerror, below):
            if not place.gathers:
                for name in names:
                    job = self._job(place, name, place.recipe(name))
                    yield ((place.folder / name if job is None else job.source),), job
                continue
            for group in gathered(place, names):
                job = self._group_job(place, group)
                yield tuple(place.folder / name for name in group.names), job

    def key(self, path: Path) -> Path:
        """Return what the job is known by that a file belongs to: the file itself, or a name for several.

        Raises:
            SettingsError: a nested file or a preset cannot be used.
        """
        place = self._place(path.parent)
        if not place.gathers or path.name.endswith(STAR):
            return path
        if path.suffix.lower() == ".json":
            beside = (path.with_suffix(suffix) for suffix in (".png", ".webp"))
            return next((each for each in beside if place.recipe(each.name).gather == "sheet"), path)
        return path.with_name(key_of(path.name, place.recipe(path.name))) if is_picture(path.name) else path

    def known(self, source: Path) -> Path:
        """Return a path of the ledger as the tree writes it."""
        top = self.source.absolute()
        return self.source / source.relative_to(top) if source.is_relative_to(top) else source

    def alive(self, source: Path) -> bool:
        """Whether what the ledger has as a source is still one.

        Raises:
            SettingsError: a nested file or a preset cannot be used.
        """
        source = self.known(source)
        if source.name.endswith(STAR):
            return self.find(source) is not None
        return source.is_file() and self.holds(source) and self.key(source) == source

    def enters(self, folder: Path) -> bool:
        """Whether pictures of a folder count; hidden ones, ignored ones and the output do not."""
        return self._enters(self._place(folder.parent), folder.name)

    def ignores(self, path: Path) -> bool:
        """Whether a pattern says that a file or folder of the tree is to be left alone."""
        return self._place(path.parent).ignores(path.name)

    def holds(self, path: Path) -> bool:
        """Whether a path is, or would be, a picture of this tree that is not ignored."""
        return is_picture(path.name) and self._inside(path) and not self._place(path.parent).ignores(path.name)

    def find(self, path: Path) -> Job | None:
        """Return the job of a picture of this tree, or of several under one name; None: there is nothing to do.

        Raises:
            SettingsError: a nested file or a preset cannot be used.
        """
        if path.name.endswith(STAR):
            return self.job(path) if self._inside(path) else None
        return self.job(path) if self.holds(path) else None

    def _inside(self, path: Path) -> bool:
        if not path.is_relative_to(self.source):
            return False
        folders = list(path.parents)[: len(path.relative_to(self.source).parts) - 1]
        return all(self.enters(folder) for folder in folders)

    def job(self, source: Path) -> Job | None:
        """Return what is to be done with a picture, or with all that belong to it; None: nothing.

        Raises:
            SettingsError: a nested file or a preset cannot be used.
        """
        place, name = self._place(source.parent), source.name
        if not place.gathers:
            return self._job(place, name, place.recipe(name))
        key = name if name.endswith(STAR) else key_of(name, place.recipe(name))
        names = [name] if not key.endswith(STAR) else self._listed(place)
        group = next((group for group in gathered(place, names) if group.key == key), None)
        return None if group is None else self._group_job(place, group)

    def _listed(self, place: Place) -> list[str]:
        try:
            with os.scandir(place.folder) as entries:
                found = [entry.name for entry in entries if is_picture(entry.name) and not entry.is_dir()]
        except OSError:
            return []
        return [name for name in sorted(found) if not place.ignores(name)]

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

    def _job(self, place: Place, name: str, recipe: Recipe) -> Job | None:
        """Return the job of a single picture: the nearest file's first fitting rule decides."""
        if recipe.preset is None:
            return None
        source = place.folder / name
        stem = os.path.splitext(name)[0]  # noqa: PTH122  # fast
        destination = self._destination(recipe, recipe.preset, place.name, place.output, stem)
        if recipe.gather != "sheet":
            return Job(source, destination, recipe.preset, recipe.intake)
        data = source.with_suffix(".json")
        frames = (source, data) if recipe.intake.cut is None and data.is_file() else ()
        return Job(source, destination, recipe.preset, recipe.intake, frames)

    def _group_job(self, place: Place, group: Group) -> Job | None:
        """Return the job of files that belong together."""
        recipe = group.recipe
        if recipe.preset is None or not group.many:
            return self._job(place, group.names[0], recipe)
        frames = tuple(place.folder / name for name in group.names)
        base = group.key.removesuffix(STAR)
        if base or recipe.gather == "cast":
            destination = self._destination(recipe, recipe.preset, place.name, place.output, base or "member")
            destination = destination if base else destination.parent
        else:
            above = PurePosixPath(place.name).parent.as_posix()
            output = self.output if place.name == "." else place.output.parent
            name = place.folder.absolute().name
            destination = self._destination(recipe, recipe.preset, above, output, name)
        return Job(place.folder / group.key, destination, recipe.preset, recipe.intake, frames)

    def _destination(self, recipe: Recipe, preset: Preset, folder: str, output: Path, stem: str) -> Path:
        ending = main_ending(preset)
        if recipe.layout == TREE:
            return output / f"{stem}{ending}"
        words = {"folder": folder, "stem": stem, "preset": preset.name}
        return self.output / f"{recipe.layout.format(**words).removesuffix('.png')}{ending}"

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


def plain_tree(
    source: Path,
    output: Path,
    preset: Preset,
    ignore: tuple[str, ...] = (),
    gather: Gather | None = None,
    cut: tuple[int, int] | None = None,
) -> Tree:
    """Return the tree in which every picture below `source` is converted by one preset to its place below `output`.

    Args:
        source: folder of the drawings.
        output: folder of the results.
        preset: how.
        ignore: patterns of what is left alone.
        gather: which files are one clip, as `clip` in a rule.
        cut: size of the cells of sheets.

    Raises:
        SettingsError: `cut` is for sheets only.
    """
    return Tree(source, output, output, plain(source, preset, ignore, gather, cut), nested=False)


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
