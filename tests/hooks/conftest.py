from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

HOOKS = Path(__file__).resolve().parents[2] / "integrations" / "hooks"
LIMIT = 120


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Repository:
    """A git repository with a pixforge project in it, and commands that run there."""

    folder: Path
    variables: dict[str, str]

    def __call__(self, *command: object, code: int | None = 0) -> Ran:
        """Run a command and check its exit code (None: any)."""
        done = subprocess.run(
            list(map(str, command)), cwd=self.folder, env=self.variables, capture_output=True, text=True,
            timeout=LIMIT, check=False,
        )  # fmt: skip
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def draw(self, name: str, seed: int = 1) -> Path:
        """Write a small drawing into art/."""
        pixels = np.zeros((32, 32, 4), np.uint8)
        pixels[4:28, 6:26] = (*np.random.default_rng(seed).integers(0, 256, 3), 255)
        path = self.folder / "art" / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(path)
        return path

    def committed(self) -> set[str]:
        """The files of the last commit."""
        return set(self("git", "ls-tree", "-r", "--name-only", "HEAD").out.split())


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """One drawing with its sprite, committed; `pixforge` is on the PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    shim = programs / "pixforge"
    shim.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pixforge "$@"\n')
    shim.chmod(0o755)
    folder = tmp_path / "a game"
    folder.mkdir()
    nobody = {
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@b",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@b",
    }
    variables = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **nobody, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path),
        "GIT_CONFIG_NOSYSTEM": "1",
    }  # fmt: skip
    made = Repository(folder, variables)
    (folder / "pixforge.toml").write_text(
        'source = "art"\noutput = "sprites"\n[[rule]]\nmatch = "**"\npreset = "item-16"\n'
    )
    made.draw("hero.png")
    made("git", "init", "-q", "-b", "main")
    made("pixforge", "batch")
    made("git", "add", "--all")
    made("git", "commit", "-q", "-m", "first")
    assert made.committed() == {"art/hero.png", "pixforge.toml", "sprites/hero.png"}, "the ledger keeps itself out"
    return made


@pytest.fixture(scope="session")
def hooks() -> Path:
    """The folder of the recipes."""
    return HOOKS


@pytest.fixture
def hooked(repository: Repository, hooks: Path) -> Callable[[str], Repository]:
    """The repository with the git hook in a mode."""

    def made(mode: str) -> Repository:
        target = repository.folder / ".git" / "hooks" / "pre-commit"
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((hooks / "pre-commit").read_bytes())
        target.chmod(0o755)
        repository("git", "config", "pixforge.hook", mode)
        return repository

    return made
