"""Tables become dataclasses, or every mistake at once."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixforge.errors import SettingsError
from pixforge.pixel.options import GridOptions, PaletteOptions
from pixforge.typed_toml import (
    InvalidSettingsError,
    Pattern,
    Problem,
    Range,
    parse_toml,
    read,
    read_table,
    read_toml,
    toml_value,
)


@dataclass(frozen=True)
class Inner:
    share: Annotated[float, Range(0, 1)] = 0.5
    mode: Literal["keep", "none"] = "keep"


@dataclass(frozen=True)
class Rule:
    match: str
    set: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Outer:
    name: str
    count: int = 1
    ratio: float = 1.0
    on: bool = False
    file: Path = Path()
    size: tuple[int, int] | None = None
    cell: Annotated[float, Range(1, 9)] | Literal["auto"] | None = None
    colors: tuple[Annotated[str, Pattern("#[0-9a-f]{6}", "a colour")], ...] = ()
    inner: Inner = Inner()
    rule: tuple[Rule, ...] = ()


def problems_of(table: dict[str, Any], cls: type[Any] = Outer) -> tuple[Problem, ...]:
    with pytest.raises(InvalidSettingsError) as caught:
        read(cls, table, Path("some.toml"))
    return caught.value.problems


def test_every_kind_of_value_arrives_in_its_field() -> None:
    table = parse_toml(
        'name = "x"\ncount = 3\nratio = 2\non = true\nfile = "a/b"\n'
        'size = [4, 5]\ncell = "auto"\ncolors = ["#00ff00"]\n'
        '[inner]\nshare = 1\nmode = "none"\n[[rule]]\nmatch = "*"\nset = { "a.b" = 1 }\n'
    )
    assert read(Outer, table) == Outer(
        "x", 3, 2.0, True, Path("a/b"), (4, 5), "auto", ("#00ff00",), Inner(1.0, "none"), (Rule("*", {"a.b": 1}),)
    )


def test_missing_keys_take_their_defaults() -> None:
    assert read(Outer, {"name": "x"}) == Outer("x")


def test_every_mistake_is_reported_at_once_with_table_and_key() -> None:
    table = {
        "nmae": "x",
        "count": 1.5,
        "on": 1,
        "size": [1],
        "cell": 12,
        "colors": ["#00ff00", "green"],
        "inner": {"share": 2, "mode": "nnoe"},
        "rule": [{"match": "*"}, {"mtach": "*"}],
    }
    names = {problem.name for problem in problems_of(table)}
    assert names == {
        "nmae", "name", "count", "on", "size", "cell", "colors[1]", "inner.share", "inner.mode", "rule[1].mtach",
        "rule[1].match",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("table", "expected", "found", "hint"),
    [
        ({"nmae": "x", "name": "x"}, "a known key", "", 'did you mean "name"?'),
        ({"name": "x", "inner": {"mode": "Non"}}, 'one of "keep", "none"', '"Non"', 'did you mean "none"?'),
        ({"name": "x", "inner": {"share": 1.5}}, "a number from 0 to 1", "1.5", ""),
        ({"name": "x", "cell": "atuo"}, 'a number from 1 to 9 or "auto"', '"atuo"', 'did you mean "auto"?'),
        ({"name": "x", "count": True}, "a whole number", "true", ""),
        ({"name": "x", "ratio": float("nan")}, "a number", "nan", ""),
        ({"name": "x", "inner": 3}, "a table", "3", ""),
        ({"name": "x", "colors": "#00ff00"}, "a list, each a colour", '"#00ff00"', ""),
    ],
)
def test_a_problem_says_what_was_expected_and_found(
    table: dict[str, Any], expected: str, found: str, hint: str
) -> None:
    (problem,) = problems_of(table)
    assert (problem.expected, problem.found, problem.hint) == (expected, found, hint)


def test_the_message_names_the_file_and_every_key() -> None:
    with pytest.raises(SettingsError) as caught:
        read(Outer, {"name": 1, "inner": {"share": "a"}}, Path("hero.toml"))
    assert "hero.toml" in str(caught.value)
    assert "name: expected text, found 1" in caught.value.cause
    assert "[inner] share: expected a number from 0 to 1" in caught.value.cause
    assert caught.value.exit_code == 5


def test_an_error_survives_the_way_from_a_worker_process() -> None:
    error = InvalidSettingsError([Problem("grid", "width", "a whole number", '"a"')], Path("a.toml"))
    again = pickle.loads(pickle.dumps(error))
    assert (again.problems, again.path, again.cause) == (error.problems, error.path, error.cause)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"a = = 1", "not valid TOML"),
        (b"\xff\xfe", "not UTF-8"),
        (b"a = 1\na = 2", "not valid TOML"),
    ],
)
def test_a_file_that_is_no_toml_is_refused_with_its_name(tmp_path: Path, content: bytes, cause: str) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=cause) as caught:
        read_toml(path)
    assert caught.value.path == path


def test_a_byte_order_mark_and_windows_line_ends_are_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "notepad.toml"
    path.write_bytes(b'\xef\xbb\xbfname = "x"\r\ncount = 2\r\n')
    assert read(Outer, read_toml(path)) == Outer("x", 2)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
KEYS = st.sampled_from(["size", "width", "height", "cell", "fit", "trim", "colors", "source", "reserve", "dither"])


@settings(max_examples=60, deadline=None)
@given(
    table=st.dictionaries(KEYS | st.text(max_size=5), PLAIN, max_size=6),
    cls=st.sampled_from([GridOptions, PaletteOptions]),
)
def test_whatever_stands_in_a_table_the_answer_is_options_or_named_problems(
    table: dict[str, Any], cls: type[Any]
) -> None:
    problems: list[Problem] = []
    assert (read_table(cls, table, "t", problems) is None) == bool(problems)
    assert all(problem.table == "t" for problem in problems)


@settings(max_examples=60, deadline=None)
@given(
    value=st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
def test_a_value_written_as_toml_reads_back_the_same(value: object) -> None:
    assert parse_toml(f"value = {toml_value(value)}")["value"] == value
