"""One folder of an asset tree: what holds for the pictures in it, worked out once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pixforge.engine.plan import Intake, Kind
from pixforge.preset import DEFAULT_PRESET
from pixforge.project.schema import LAYOUTS, Gather, NestedTable, RuleTable
from pixforge.project.scope import Recipe, Scope

KINDS: Final[dict[Gather, Kind]] = {
    "file": "file", "folder": "clip", "numbered": "clip", "cast": "cast", "sheet": "sheet"
}  # fmt: skip


class Place:
    """A folder with pictures.

    Args:
        folder: it.
        source: folder of all drawings.
        output: folder of all results.
        scopes: the wishes that hold here, the nearest first.

    Attributes:
        folder: it.
        name: the same, relative to `source`, with "/"; "." for `source` itself.
        output: where its results go if they keep their places.
        gathers: whether files here may belong together.
    """

    def __init__(self, folder: Path, source: Path, output: Path, scopes: tuple[Scope, ...]) -> None:
        relative = folder.relative_to(source) if folder.is_relative_to(source) else Path()
        self.folder = folder
        self.name = relative.as_posix()
        self.output = output / relative
        self._scopes = [(scope, _prefix(folder, scope.folder)) for scope in scopes]
        self._ignoring = [(scope, prefix) for scope, prefix in self._scopes if scope.table.ignore]
        self._ruled = any(scope.table.rule for scope in scopes)
        self._painted = any(scope.table.palettes for scope in scopes)
        self._default = next((scope.table.preset for scope in scopes if scope.table.preset), None)
        self._layout = next((scope.table.layout for scope in scopes if scope.table.layout), "tree")
        self._usual: Recipe | None = None
        wishes: list[RuleTable | NestedTable] = [scope.table for scope in scopes]
        wishes += [rule for scope in scopes for rule in scope.table.rule]
        self.gathers = any(wish.clip not in (None, "file") or wish.cut is not None for wish in wishes)

    def ignores(self, name: str) -> bool:
        """Whether a file or folder in this folder is to be left alone."""
        return any(scope.ignores(prefix + name) for scope, prefix in self._ignoring)

    def recipe(self, name: str) -> Recipe:
        """Return how a picture is to be converted: the nearest file's first fitting rule decides.

        Raises:
            SettingsError: a preset cannot be used.
        """
        if self._ruled or self._painted:
            return self._decide(name)
        if self._usual is None:
            self._usual = self._decide(name)
        return self._usual

    def _decide(self, name: str) -> Recipe:
        palette = self._palette(name)
        for scope, prefix in self._scopes:
            rule = scope.rule(prefix + name)
            if rule is not None:
                layout = rule.layout or self._layout
                if rule.skip:
                    return Recipe(None, layout)
                preset = scope.preset(rule.preset or self._default or DEFAULT_PRESET, rule, palette)
                return Recipe(preset, LAYOUTS.get(layout, layout), *self._intake(rule))
        if self._default is None and self._ruled:
            return Recipe(None, self._layout)  # there are rules, and none wants it
        preset = self._scopes[0][0].preset(self._default or DEFAULT_PRESET, None, palette)
        return Recipe(preset, LAYOUTS.get(self._layout, self._layout), *self._intake(None))

    def _intake(self, rule: RuleTable | None) -> tuple[Gather, Intake]:
        """Which files are one clip, and how they are read: as the rule says, else as the nearest file does."""
        wish: RuleTable | NestedTable | None = rule
        if wish is None or (wish.clip is None and wish.cut is None):
            tables = (scope.table for scope, _ in self._scopes)
            wish = next((table for table in tables if table.clip is not None or table.cut is not None), None)
        gather = "file" if wish is None else wish.clip or ("sheet" if wish.cut is not None else "file")
        pad, duration = (None, None) if rule is None else (rule.pad, rule.duration)
        return gather, Intake(KINDS[gather], None if wish is None else wish.cut, pad, duration)

    def _palette(self, name: str) -> str | None:
        found = (scope.palette(prefix + name) for scope, prefix in self._scopes)
        return next((palette for palette in found if palette is not None), None)


def _prefix(folder: Path, above: Path) -> str:
    """Return what stands before a name in `folder` in patterns relative to `above`."""
    relative = folder.relative_to(above).as_posix() if folder.is_relative_to(above) else ""
    return f"{relative}/" if relative not in ("", ".") else ""
