"""Plain values to dataclasses by the types of their fields."""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from pixforge.typed_toml.marks import Pattern, Range
from pixforge.typed_toml.problems import InvalidSettingsError, Problem, closest, unknown_hint
from pixforge.typed_toml.text import show, toml_value

T = TypeVar("T")
TypeHint: TypeAlias = Any  # what stands behind the colon of a field; the language has no name for it
_FAILED: Final = object()
_HINTS: Final[dict[type, dict[str, TypeHint]]] = {}
_LARGEST: Final = 1e300  # also keeps out inf, nan and integers that no float holds


@dataclass(frozen=True)
class _Place:
    """Where a value stands, and where its mistakes go."""

    table: str
    key: str
    problems: list[Problem]

    @property
    def name(self) -> str:
        return f"{self.table}.{self.key}" if self.table else self.key

    def refuse(self, expected: str, value: object, hint: str = "") -> object:
        """Note a mistake and return the marker of a failure."""
        self.problems.append(Problem(self.table, self.key, expected, show(value), hint))
        return _FAILED


def hints_of(cls: type) -> dict[str, TypeHint]:
    """Return the type of every field of a dataclass; found once, as that costs more than reading a table."""
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls, include_extras=True)
    return _HINTS[cls]


def read(cls: type[T], table: Mapping[str, object], path: Path | None = None) -> T:
    """Turn a table into the frozen dataclass `cls`.

    Raises:
        InvalidSettingsError: with every mistake of the table.
    """
    problems: list[Problem] = []
    result = read_table(cls, table, "", problems)
    if result is None:
        raise InvalidSettingsError(problems, path)
    return result


def read_table(cls: type[T], table: object, name: str, problems: list[Problem]) -> T | None:
    """Turn the table called `name` into `cls`, or add its mistakes to `problems` and return None."""
    if not isinstance(table, Mapping):
        parent, _, key = name.rpartition(".")
        problems.append(Problem(parent, key, "a table", show(table)))
        return None
    before = len(problems)
    hints = hints_of(cls)
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # cls is a dataclass
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in fields:
            problems.append(Problem(name, key, "a known key", hint=unknown_hint(key, fields)))
        else:
            values[key] = _read_value(hints[key], value, _Place(name, key, problems))
    for key, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and key not in table:
            problems.append(Problem(name, key, describe(hints[key]), "nothing"))
    return cls(**values) if len(problems) == before else None


def describe(hint: TypeHint) -> str:
    """Return a type hint as it reads after "expected"."""
    origin, args = _origin(hint), get_args(hint)
    if origin is Annotated:
        return _describe_annotated(args[0], args[1:])
    if origin is Literal:
        return ("one of " if len(args) > 1 else "") + ", ".join(toml_value(arg) for arg in args)
    if origin in (Union, types.UnionType):
        return " or ".join(describe(arg) for arg in args if arg is not types.NoneType)
    if origin is tuple:
        inner = describe(args[0])
        if len(args) == 2 and args[1] is Ellipsis:
            return f"a list, each {inner}"
        same = all(arg == args[0] for arg in args)
        return f"a list of {len(args)}" + (f", each {inner}" if same else f": {', '.join(map(describe, args))}")
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}
    return words.get(hint, "a table")


def _origin(hint: TypeHint) -> object:
    """`get_origin` without the type checker's guess at what comes out."""
    return get_origin(hint)


def _describe_annotated(inner: TypeHint, marks: Sequence[object]) -> str:
    for mark in marks:
        if isinstance(mark, Range):
            return f"{describe(inner)} from {mark.low:g} to {mark.high:g}"
        if isinstance(mark, Pattern):
            return mark.meaning
    return describe(inner)


def _read_value(hint: TypeHint, value: object, place: _Place) -> object:
    """Return `value` as the type `hint` wants it; or note its mistakes and return the marker of a failure."""
    origin, args = _origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_union(hint, value, place)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        table: object = read_table(hint, value, place.name, place.problems)
        return _FAILED if table is None else table
    if origin is tuple and isinstance(value, (list, tuple)):
        return _read_tuple(hint, value, place)
    if origin is dict and isinstance(value, Mapping):
        inside = [(str(key), item) for key, item in value.items()]
        return {key: _read_value(args[1], item, _Place(place.name, key, place.problems)) for key, item in inside}
    result = _read_scalar(hint, value)
    return place.refuse(describe(hint), value, _literal_hint(hint, value)) if result is _FAILED else result


def _read_union(hint: TypeHint, value: object, place: _Place) -> object:
    """Return the value as the first member that takes it; a table goes to the only dataclass, if there is one."""
    members = [member for member in get_args(hint) if member is not types.NoneType]
    if value is None and len(members) < len(get_args(hint)):
        return None
    tables = [member for member in members if dataclasses.is_dataclass(member)]
    if len(members) == 1 or (isinstance(value, Mapping) and len(tables) == 1):
        return _read_value((tables or members)[0], value, place)
    hints: list[str] = []
    for member in members:
        trial: list[Problem] = []
        result = _read_value(member, value, _Place(place.table, place.key, trial))
        if not trial:
            return result
        hints += [problem.hint for problem in trial if problem.hint]
    return place.refuse(describe(hint), value, hints[0] if hints else "")


def _read_tuple(hint: TypeHint, value: Sequence[object], place: _Place) -> object:
    args = get_args(hint)
    members = [args[0]] * len(value) if len(args) == 2 and args[1] is Ellipsis else list(args)
    if len(members) != len(value):
        return place.refuse(describe(hint), value)
    pairs = enumerate(zip(members, value, strict=True))
    return tuple(
        _read_value(member, item, _Place(place.table, f"{place.key}[{index}]", place.problems))
        for index, (member, item) in pairs
    )


def _read_scalar(hint: TypeHint, value: object) -> object:
    if _origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        result = _read_scalar(inner, value)
        return result if result is _FAILED or all(_allows(mark, result) for mark in marks) else _FAILED
    if _origin(hint) is Literal:
        return next((arg for arg in get_args(hint) if arg == value and type(arg) is type(value)), _FAILED)
    if hint in (object, Any):
        return value
    if hint is Path:
        return Path(value) if isinstance(value, (str, Path)) else _FAILED
    if hint is float and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value) if abs(value) < _LARGEST else _FAILED
    return value if type(value) is hint else _FAILED


def _allows(mark: object, value: object) -> bool:
    if isinstance(mark, Range) and isinstance(value, (int, float)):
        return mark.low <= value <= mark.high
    if isinstance(mark, Pattern) and isinstance(value, str):
        return re.fullmatch(mark.regex, value) is not None
    return True


def _literal_hint(hint: TypeHint, value: object) -> str:
    if _origin(hint) is not Literal or not isinstance(value, str):
        return ""
    match = closest(value, [arg for arg in get_args(hint) if isinstance(arg, str)])
    return f'did you mean "{match}"?' if match else ""
