"""Picks of the review page into a project file: rules at its top, comments and order of the rest kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pixforge.errors import SettingsError
from pixforge.image.save import write_atomic
from pixforge.project.schema import FILE, RuleTable
from pixforge.typed_toml import read, read_toml

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import AoT


@dataclass(frozen=True)
class PickTable:
    """The file that the page saves.

    Attributes:
        rule: one a picked picture.
    """

    rule: tuple[RuleTable, ...] = ()


def apply_picks(picks: Path, project: Path, dry: bool = False) -> list[str]:
    """Put picks in front of a project's rules; a rule with the same pattern is replaced.

    Args:
        picks: the file that the page saved.
        project: a project file.
        dry: only say what would be done.

    Returns:
        The patterns of the rules that are new or different.

    Raises:
        SettingsError: one of the files has mistakes.
        OutputError: the project file cannot be written.
    """
    import tomlkit

    table = read_toml(picks)
    read(PickTable, table, picks)
    wanted = cast("list[dict[str, Any]]", table.get("rule", []))
    if not wanted:
        raise SettingsError("holds no picks", "pick a way on the page and save the picks again", picks)
    document = tomlkit.parse(project.read_text("utf-8"))
    old = [dict(rule) for rule in document.get("rule", [])]
    changed = [str(rule["match"]) for rule in wanted if rule not in old]
    if changed and not dry:
        _put_first(document, wanted)
        _checked(tomlkit.dumps(document), project)
        write_atomic(project, tomlkit.dumps(document).encode())
    return changed


def _put_first(document: TOMLDocument, wanted: list[dict[str, Any]]) -> None:
    import tomlkit

    replaced = {str(rule["match"]) for rule in wanted}
    kept = [rule for rule in document.get("rule", []) if str(rule.get("match")) not in replaced]
    rules: AoT = tomlkit.aot()
    for rule in wanted:
        rules.append(_table(rule))
    for rule in kept:
        rules.append(rule)
    document["rule"] = rules


def _table(rule: dict[str, Any]) -> Any:  # noqa: ANN401  # tomlkit's own class
    import tomlkit

    table = tomlkit.table()
    for key, value in rule.items():
        if isinstance(value, dict):
            inline = tomlkit.inline_table()
            inline.update(value)
            table.add(key, inline)
        else:
            table.add(key, value)
    return table


def _checked(text: str, project: Path) -> None:
    """A project file that cannot be read again is not written."""
    import tomlkit

    values = tomlkit.parse(text).unwrap()
    if not isinstance(values.get("rule"), list):
        raise SettingsError(f"the picks do not fit into this {FILE}", "copy the rules into it by hand", project)
