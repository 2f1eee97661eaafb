"""One pixforge.toml, ready to be asked: its rules with their presets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from pixforge import preset as presets
from pixforge.engine.plan import ONE_FILE, Intake
from pixforge.errors import SettingsError
from pixforge.preset import DEFAULT_PRESET, Preset
from pixforge.preset.overrides import flatten
from pixforge.project.globs import matches
from pixforge.project.schema import LAYOUTS, Gather, NestedTable, RuleTable
from pixforge.typed_toml import InvalidSettingsError, Problem


@dataclass(frozen=True)
class Recipe:
    """What is to be done with a picture.

    Attributes:
        preset: how to convert it; None: leave it alone.
        layout: pattern of its output.
        gather: which files are one clip.
        intake: how the files of a job are read.
    """

    preset: Preset | None
    layout: str
    gather: Gather = "file"
    intake: Intake = ONE_FILE


@dataclass(eq=False)
class Scope:
    """The wishes of one file for its folder and all below it.

    Attributes:
        folder: patterns are relative to it.
        root: names of presets and palettes are searched from here.
        file: where the wishes stand; None: they were given on the command line.
        table: the wishes.
        overrides: keys (dotted) that win over every other: the flags of the command line.
    """

    folder: Path
    root: Path
    file: Path | None
    table: NestedTable
    overrides: Mapping[str, object] = field(default_factory=dict)
    _made: dict[tuple[object, ...], Preset] = field(default_factory=dict)

    def check(self) -> None:
        """Load every preset and palette that is named, so that mistakes show before anything begins.

        Raises:
            SettingsError: naming the file and the rule.
        """
        for number, rule in enumerate(self.table.rule):
            self._check_layout(rule.layout, f"rule[{number}]")
            self._check_cut(rule, f"rule[{number}]")
            if not rule.skip:
                with_name = rule.preset or self.table.preset or DEFAULT_PRESET
                self.preset(with_name, rule, None, f"rule {number + 1}")
        self._check_layout(self.table.layout, "")
        self._check_cut(self.table, "")
        if self.table.preset is not None:
            self.preset(self.table.preset, None, None, "preset")
        if self.table.palettes:
            from pixforge.palettes import registry

            for name in self.table.palettes.values():
                registry.load(self._anchored(name), self.root)

    def ignores(self, path: str) -> bool:
        """Whether a file or folder (relative to the scope's folder, with "/") is to be left alone."""
        return any(matches(pattern, path) for pattern in self.table.ignore)

    def rule(self, path: str) -> RuleTable | None:
        """Return the first rule whose pattern fits a path."""
        for rule in self.table.rule:
            patterns = (rule.match,) if isinstance(rule.match, str) else rule.match
            if any(matches(pattern, path) for pattern in patterns):
                return rule
        return None

    def palette(self, path: str) -> str | None:
        """Return the palette of the first pattern of [palettes] that fits a path."""
        for pattern, name in self.table.palettes.items():
            if matches(pattern, path):
                return self._anchored(name)
        return None

    def preset(self, name: str, rule: RuleTable | None, palette: str | None, where: str = "") -> Preset:
        """Return a preset with what the file, the folder's palette, the rule and the command line lay over it.

        Raises:
            SettingsError: it cannot be read, or a key is wrong.
        """
        key = (name, id(rule), palette)
        if key not in self._made:
            try:
                self._made[key] = presets.load(self._find(name), self._wishes(rule, palette))
            except SettingsError as error:
                raise self._placed(error, where) from error
        return self._made[key]

    def presets(self) -> tuple[Preset, ...]:
        """Return the presets that were made so far."""
        return tuple(self._made.values())

    def _wishes(self, rule: RuleTable | None, palette: str | None) -> dict[str, object]:
        wishes: dict[str, object] = dict(flatten(self.table.set))
        if palette is not None:
            wishes["palette.source"] = palette
        if rule is not None:
            wishes.update(flatten(rule.set))
            if rule.palette is not None:
                wishes["palette.source"] = rule.palette
            if rule.targets is not None:
                wishes["export.targets"] = list(rule.targets)
        source = wishes.get("palette.source")
        if isinstance(source, str):
            wishes["palette.source"] = self._anchored(source)
        return {**wishes, **self.overrides}

    def _find(self, name: str) -> Path:
        path = Path(name)
        if path.suffix.lower() == ".toml" or len(path.parts) > 1:
            return self.root / path
        return presets.find(name, self.root)

    def _anchored(self, name: str) -> str:
        """Return a palette file by its whole path; a built-in palette's name stays."""
        for folder in (self.folder, self.root):
            if (folder / name).is_file():
                return str((folder / name).absolute())
        return name

    def _check_layout(self, layout: str | None, table: str) -> None:
        if layout is None:
            return
        try:
            result = LAYOUTS.get(layout, layout).format(folder="a", stem="b", preset="c")
        except (KeyError, IndexError, ValueError):
            result = ""
        if not result.endswith(".png") or ".." in Path(result).parts or Path(result).is_absolute():
            expected = '"tree", "flat" or a pattern such as "{folder}/{stem}.png"'
            problem = Problem(table, "layout", expected, f'"{layout}"', "fields are {folder}, {stem} and {preset}")
            raise InvalidSettingsError([problem], self.file)

    def _check_cut(self, wish: RuleTable | NestedTable, table: str) -> None:
        if wish.cut is not None and wish.clip not in (None, "sheet"):
            problem = Problem(table, "cut", 'only beside clip = "sheet"', f'clip = "{wish.clip}"', "keep one of them")
            raise InvalidSettingsError([problem], self.file)

    def _placed(self, error: SettingsError, where: str) -> SettingsError:
        if self.file is None or not where:
            return error
        about = f"{error.path}: " if error.path is not None else ""
        return SettingsError(f"{where}: {about}{error.cause}", error.remedy, self.file)


def plain(
    folder: Path,
    preset: Preset,
    ignore: tuple[str, ...],
    gather: Gather | None = None,
    cut: tuple[int, int] | None = None,
) -> Scope:
    """Return the scope of a folder in which every picture is converted by one preset.

    Raises:
        SettingsError: `cut` is for sheets only.
    """
    table = NestedTable(preset=preset.name, ignore=ignore, clip=gather, cut=cut)
    scope = Scope(folder, Path.cwd(), None, table)
    scope._check_cut(table, "")  # noqa: SLF001  # the only thing that can be wrong
    scope._made[(preset.name, id(None), None)] = preset  # noqa: SLF001  # it is loaded already
    return scope


def with_ignore(table: NestedTable, more: tuple[str, ...]) -> NestedTable:
    """Return the wishes with patterns added to `ignore`."""
    return replace(table, ignore=(*table.ignore, *more))
