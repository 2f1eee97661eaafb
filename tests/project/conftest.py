"""The project's own files, as the architecture tests read them."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("pixforge", "presets", "tests", "examples", "benchmarks", "integrations", ".ci")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def modules() -> list[Path]:
    """Every module of the package."""
    return sorted((ROOT / "pixforge").rglob("*.py"))


@pytest.fixture(scope="session")
def own_files() -> list[Path]:
    """Every file of the project, without environments, caches and outputs."""
    inner = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    return sorted(path for path in [*ROOT.iterdir(), *inner] if path.is_file())
