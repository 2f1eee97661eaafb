"""The rooms of the package: who may import whom, and where the heavy packages may stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

FRAMEWORKS = {
    "accelerate", "dask", "diffusers", "distributed", "keras", "onnx", "onnxruntime", "onnxscript", "peft",
    "safetensors", "tensorflow", "torch", "transformers",
}  # fmt: skip
FREE_ROOMS = {"nn", "train"}


def test_a_room_imports_only_rooms_below_its_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert lint_imports(config_filename=str(root / "pyproject.toml"), cache_dir=None) == 0


def test_frameworks_are_imported_at_the_moment_of_use_outside_nn_and_train(root: Path, modules: list[Path]) -> None:
    early = [
        f"{path.relative_to(root)}: {name}"
        for path in modules
        if path.relative_to(root).parts[1] not in FREE_ROOMS
        for name in _imported_at_the_top(ast.parse(path.read_text(encoding="utf-8")).body)
        if name.split(".")[0] in FRAMEWORKS
    ]
    assert early == []


def _imported_at_the_top(body: list[ast.stmt]) -> Iterator[str]:
    """Names of the modules that importing this body imports; `if TYPE_CHECKING:` does not count."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
        elif isinstance(node, ast.If):
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                yield from _imported_at_the_top(node.body)
            yield from _imported_at_the_top(node.orelse)
        elif isinstance(node, ast.Try):
            for part in (node.body, node.orelse, node.finalbody, *(handler.body for handler in node.handlers)):
                yield from _imported_at_the_top(part)
        elif isinstance(node, (ast.With, ast.ClassDef)):
            yield from _imported_at_the_top(node.body)
