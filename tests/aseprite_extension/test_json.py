"""The extension's own JSON, held against Python's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

lua = pytest.importorskip("lupa.lua54")

Lua: TypeAlias = Any
EXTENSION = Path(__file__).parents[2] / "integrations" / "aseprite"
RUNTIME = lua.LuaRuntime(encoding="latin-1")
RUNTIME.globals()["package"]["path"] = f"{EXTENSION}/?.lua"
MODULE = RUNTIME.eval('(require("lib/json"))')
AGAIN = RUNTIME.eval('function(text) local j = require("lib/json"); return j.encode(j.decode(text)) end')

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False, width=32)
VALUES = st.recursive(
    st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, min_size=1, max_size=4),
    max_leaves=12,
)


def again(text: str) -> str:
    """JSON text through the decoder and the encoder of the extension."""
    found: str = AGAIN(text.encode().decode("latin-1"))
    return found.encode("latin-1").decode()


@given(VALUES, st.booleans())
def test_every_value_survives(value: Lua, ascii_only: bool) -> None:
    assert json.loads(again(json.dumps([value], ensure_ascii=ascii_only))) == [value]


@given(VALUES)
def test_white_space_does_not_matter(value: Lua) -> None:
    assert json.loads(again(json.dumps([value], indent=3))) == [value]


@pytest.mark.parametrize("text", [
    "", "{", "[", "[1,]", '{"a"}', '{"a":}', "nul", "[1 2]", '"', '"\\x"', '"\\u12"', "1 2", "{1:2}", "[" * 500, "-",
    "tru",
])  # fmt: skip
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(lua.LuaError):
        MODULE["decode"](text)


def test_empty_lists_and_null_and_whole_numbers_are_what_a_job_needs() -> None:
    made = RUNTIME.eval(
        '(function() local j = require("lib/json"); '
        "return j.encode { list = j.array {}, nothing = j.null, set = {}, height = 48, half = 0.5 } end)()"
    )
    assert made == '{"half":0.5,"height":48,"list":[],"nothing":null,"set":{}}'


@pytest.mark.parametrize("value", ["0/0", "math.huge", "print", "{ [true] = 1 }"])
def test_what_json_cannot_hold_is_refused(value: str) -> None:
    with pytest.raises(lua.LuaError):
        RUNTIME.eval(f'require("lib/json").encode({value})')
