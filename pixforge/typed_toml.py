"""Tables of plain values into frozen dataclasses, or every mistake at once with a suggestion.

A field's type is its rule: int, float, bool, str, Path, Literal, tuple, dict[str, ...], Optional and other unions, a nested
dataclass, Annotated[..., Range(low, high)] for bounds and Annotated[str, Pattern(...)] for the form of a text.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pixforge.errors import SettingsError

T = TypeVar("T")
_FAILED: Final = object()
_LARGEST: Final = 1e300  # also keeps out inf, nan and integers that no float holds


@dataclass(frozen=True)
class Range:
    """Inclusive bounds of a number, for use inside Annotated."""

    low: float
    high: float


@dataclass(frozen=True)
class Pattern:
    """The form of a text, for use inside Annotated.

    Attributes:
        regex: a regular expression that the whole text must match.
        meaning: what such a text is, as it reads after "expected".
    """

    regex: str
    meaning: str


@dataclass(frozen=True)
class Problem:
    """One mistake in a table.

    Attributes:
        table: dotted name of the table, "" for the top of the file.
        key: the key concerned.
        expected: what would be right.
        found: what is there, as it would be written in TOML; "" when nothing is.
        hint: a suggestion, or "".
    """

    table: str
    key: str
    expected: str
    found: str = ""
    hint: str = ""

    @property
    def name(self) -> str:
        """Dotted name of the key, as the option --set takes it."""
        return f"{self.table}.{self.key}" if self.table else self.key

    def __str__(self) -> str:
        where = f"[{self.table}] {self.key}" if self.table else self.key
        found = f", found {self.found}" if self.found else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{where}: expected {self.expected}{found}{hint}"


class InvalidSettings(SettingsError):
    """One or more mistakes in a settings file, all of them in `problems`."""

    def __init__(self, problems: Iterable[Problem], path: Path | None = None, remedy: str = "") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        lines = [str(problem) for problem in self.problems]
        cause = lines[0] if count == 1 else f"{count} mistakes\n  " + "\n  ".join(lines)
        super().__init__(cause, remedy or ("correct this key" if count == 1 else "correct these keys"), path)

    def __reduce__(self) -> tuple[type[InvalidSettings], tuple[tuple[Problem, ...], Path | None, str]]:
        return type(self), (self.problems, self.path, self.remedy)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the plain values of a TOML file.

    Raises:
        SettingsError: the file cannot be read, is not UTF-8, or is not TOML; line and column are named.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", "check the name and the permissions", path) from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"is not UTF-8 text (byte {error.start})", "save it as UTF-8", path) from error
    try:
        return parse_toml(text)
    except ValueError as error:
        raise SettingsError(f"is not valid TOML: {error}", "correct the line named here", path) from error


def parse_toml(text: str) -> dict[str, Any]:
    """Return the plain values of TOML text.

    Raises:
        ValueError: the text is not TOML (tomllib.TOMLDecodeError).
    """
    try:
        import tomllib
    except ModuleNotFoundError:  # Python 3.10
        import tomli as tomllib
    return tomllib.loads(text.replace("\r\n", "\n"))


def read(cls: type[T], table: Mapping[str, object], path: Path | None = None) -> T:
    """Turn a table into the frozen dataclass `cls`.

    Raises:
        InvalidSettings: with every mistake of the table.
    """
    problems: list[Problem] = []
    result = read_table(cls, table, "", problems)
    if result is None:
        raise InvalidSettings(problems, path)
    return result


def read_table(cls: type[T], table: object, name: str, problems: list[Problem]) -> T | None:
    """Turn the table called `name` into `cls`, or add its mistakes to `problems` and return None."""
    if not isinstance(table, Mapping):
        parent, _, key = name.rpartition(".")
        problems.append(Problem(parent, key, "a table", show(table)))
        return None
    before = len(problems)
    hints = get_type_hints(cls, include_extras=True)
    fields = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # cls is a dataclass
    values: dict[str, object] = {}
    for key, value in table.items():
        if key not in fields:
            problems.append(Problem(name, key, "a known key", hint=unknown_hint(key, fields)))
        else:
            values[key] = _read_value(hints[key], value, name, key, problems)
    for key, field in fields.items():
        needed = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if needed and key not in table:
            problems.append(Problem(name, key, describe(hints[key]), "nothing"))
    return cls(**values) if len(problems) == before else None


def unknown_hint(word: str, known: Iterable[str]) -> str:
    """Return 'did you mean "x"?' for the closest of the known words, or the list of them when none is close."""
    names = [str(name) for name in known]
    match = closest(word, names)
    if match:
        return f'did you mean "{match}"?'
    return "known here: " + ", ".join(names) if names else "nothing can be set here"


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like `word`, ignoring case, or None when none is close."""
    import difflib

    folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def show(value: object) -> str:
    """Return a plain value as it would be written in TOML, cut to one short line."""
    if isinstance(value, Mapping):
        return "a table"
    text = toml_value(value)
    return text if len(text) <= 60 else text[:57] + "..."


def toml_value(value: object) -> str:
    """Return a plain value (bool, number, text, path, list) in TOML notation."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, Path)):
        import json

        return json.dumps(str(value), ensure_ascii=False)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {toml_value(item)}" for key, item in value.items()) + " }"
    return str(value)


def describe(hint: Any) -> str:
    """Return a type hint as it reads after "expected"."""
    origin, args = get_origin(hint), get_args(hint)
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
    if origin is dict or dataclasses.is_dataclass(hint):
        return "a table"
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "text", Path: "a path"}
    return words[hint]


def _describe_annotated(inner: Any, marks: Sequence[object]) -> str:
    for mark in marks:
        if isinstance(mark, Range):
            return f"{describe(inner)} from {mark.low:g} to {mark.high:g}"
        if isinstance(mark, Pattern):
            return mark.meaning
    return describe(inner)


def _read_value(hint: Any, value: object, table: str, key: str, problems: list[Problem]) -> object:
    """Return `value` as the type `hint` wants it; or add to `problems` and return the marker of a failure."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _read_union(hint, args, value, table, key, problems)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        result = read_table(hint, value, f"{table}.{key}" if table else key, problems)
        return _FAILED if result is None else result
    if origin is tuple and isinstance(value, (list, tuple)):
        return _read_tuple(hint, args, value, table, key, problems)
    if origin is dict and isinstance(value, Mapping):
        inside = f"{table}.{key}" if table else key
        return {name: _read_value(args[1], item, inside, str(name), problems) for name, item in value.items()}
    result = _read_scalar(hint, value)
    if result is _FAILED:
        problems.append(Problem(table, key, describe(hint), show(value), _literal_hint(hint, value)))
    return result


def _read_union(
    hint: Any, members: Sequence[Any], value: object, table: str, key: str, problems: list[Problem]
) -> object:
    tables = [member for member in members if dataclasses.is_dataclass(member)]
    if isinstance(value, Mapping) and len(tables) == 1:
        return _read_value(tables[0], value, table, key, problems)
    trials: list[list[Problem]] = []
    for member in members:
        if member is types.NoneType:
            if value is None:
                return None
            continue
        trial: list[Problem] = []
        result = _read_value(member, value, table, key, trial)
        if not trial:
            return result
        trials.append(trial)
    if len(trials) == 1:
        problems.extend(trials[0])
    else:
        hints = [problem.hint for trial in trials for problem in trial if problem.hint]
        problems.append(Problem(table, key, describe(hint), show(value), hints[0] if hints else ""))
    return _FAILED


def _read_tuple(
    hint: Any, args: Sequence[Any], value: Sequence[object], table: str, key: str, problems: list[Problem]
) -> object:
    members = [args[0]] * len(value) if len(args) == 2 and args[1] is Ellipsis else list(args)
    if len(members) != len(value):
        problems.append(Problem(table, key, describe(hint), show(value)))
        return _FAILED
    return tuple(
        _read_value(member, item, table, f"{key}[{index}]", problems)
        for index, (member, item) in enumerate(zip(members, value, strict=True))
    )


def _read_scalar(hint: Any, value: object) -> object:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        result = _read_scalar(args[0], value)
        return result if result is _FAILED or all(_allows(mark, result) for mark in args[1:]) else _FAILED
    if origin is Literal:
        return next((arg for arg in args if arg == value and type(arg) is type(value)), _FAILED)
    if hint is object or hint is Any:
        return value
    if hint is Path:
        return Path(value) if isinstance(value, (str, Path)) else _FAILED
    if isinstance(value, bool):
        return value if hint is bool else _FAILED
    if hint is float:
        return float(value) if isinstance(value, (int, float)) and abs(value) < _LARGEST else _FAILED
    return value if hint in (int, str) and isinstance(value, hint) else _FAILED


def _allows(mark: object, value: Any) -> bool:
    if isinstance(mark, Range):
        return bool(mark.low <= value <= mark.high)
    if isinstance(mark, Pattern):
        import re

        return re.fullmatch(mark.regex, value) is not None
    return True


def _literal_hint(hint: Any, value: object) -> str:
    if get_origin(hint) is not Literal or not isinstance(value, str):
        return ""
    match = closest(value, [arg for arg in get_args(hint) if isinstance(arg, str)])
    return f'did you mean "{match}"?' if match else ""
