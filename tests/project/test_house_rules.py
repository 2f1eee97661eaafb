"""Sizes, names and words that the house rules name."""

from __future__ import annotations

import ast
import re
from pathlib import Path

LONGEST_MODULE, LONGEST_FUNCTION = 400, 50
NO_ROOM_FOR = {"utils", "helpers", "common", "misc"}
TEXT = {".py", ".md", ".toml", ".txt", ".sh", ".lua", ".gd", ".yml", ".yaml", ".cfg", ".json", ".svg", ""}
# Written in pieces, so that this file does not find itself.
FOREIGN = re.compile(
    "|".join(
        (
            r"(?<![\w.])/" + "work/",
            r"(?<![\w.])/" + "root/",
            r"(?<![\w.])/" + r"home/\w",
            "py" + r"pi\.org",
            "python" + "hosted",
            r"deb\.deb" + "ian",
            r"registry\.npm" + "js",
        )
    )
)
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + "ME|XX" + "X|HA" + r"CK)\b")


def test_modules_and_functions_stay_short(root: Path, modules: list[Path]) -> None:
    long = []
    for path in modules:
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST_MODULE:
            long.append(f"{path.relative_to(root)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.end_lineno is not None:
                length = node.end_lineno - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    long.append(f"{path.relative_to(root)}:{node.lineno}: {node.name} has {length} lines")
    assert long == []


def test_a_module_is_named_after_what_it_does(root: Path, modules: list[Path]) -> None:
    assert [str(path.relative_to(root)) for path in modules if NO_ROOM_FOR & {path.stem, path.parent.name}] == []


def test_no_exception_is_swallowed(root: Path, modules: list[Path]) -> None:
    swallowed = [
        f"{path.relative_to(root)}:{node.lineno}"
        for path in modules
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
    ]
    assert swallowed == []


def test_no_file_names_a_path_of_one_machine_or_a_package_host(root: Path, own_files: list[Path]) -> None:
    assert _found(FOREIGN, root, own_files) == []


def test_nothing_is_marked_unfinished(root: Path, own_files: list[Path]) -> None:
    assert _found(UNFINISHED, root, own_files) == []


def _found(pattern: re.Pattern[str], root: Path, paths: list[Path]) -> list[str]:
    found = []
    for path in paths:
        if path.suffix in TEXT and path.name not in {"LICENSE", "package-lock.json"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            match = pattern.search(text)
            if match:
                line = text.count("\n", 0, match.start()) + 1
                found.append(f"{path.relative_to(root)}:{line}: {match.group()}")
    return found
