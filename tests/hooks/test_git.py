"""The git hook and the hooks of the pre-commit framework, in real commits."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="runs /bin/sh")]
Hooked = Callable[[str], Any]


def test_a_commit_whose_sprites_are_stale_is_refused_and_nothing_is_touched(hooked: Hooked) -> None:
    game = hooked("check")
    game.draw("new.png", seed=2)
    game("git", "add", "art")
    before = game("git", "status", "--porcelain").out
    ran = game("git", "commit", "-m", "new", code=1)
    assert "new.png: is missing" in ran.err
    assert "disagree" in ran.err
    assert game("git", "status", "--porcelain").out == before
    game("pixforge", "batch")
    game("git", "add", "sprites")
    game("git", "commit", "-m", "new")
    assert "sprites/new.png" in game.committed()


def test_it_looks_at_what_is_committed_not_at_the_folder(hooked: Hooked) -> None:
    """The drawing was changed again after `git add`; the commit itself is in order."""
    game = hooked("check")
    game.draw("hero.png", seed=3)
    game("pixforge", "batch")
    game("git", "add", "--all")
    game.draw("hero.png", seed=4)
    game("git", "commit", "-m", "repainted")
    game("git", "add", "--all")
    assert "is out of date" in game("git", "commit", "-m", "again", code=1).err


def test_a_sprite_without_its_drawing_is_refused(hooked: Hooked) -> None:
    game = hooked("check")
    game("git", "rm", "-q", "art/hero.png")
    assert "would be removed" in game("git", "commit", "-m", "gone", code=1).err


def test_a_clone_without_a_ledger_is_checked_as_well(hooked: Hooked) -> None:
    game = hooked("check")
    shutil.rmtree(game.folder / ".pixforge")
    (game.folder / "notes.txt").write_text("words")
    game("git", "add", "notes.txt")
    game("git", "commit", "-m", "words")
    game.draw("hero.png", seed=5)
    game("git", "commit", "-a", "-m", "stale", code=1)


def test_a_project_in_a_folder_of_the_repository(hooked: Hooked) -> None:
    game = hooked("check")
    (game.folder / "part").mkdir()
    for name in ("art", "sprites", "pixforge.toml"):
        game("git", "mv", name, "part/")
    game("git", "config", "pixforge.project", "part")
    game("git", "commit", "-m", "moved")
    (game.folder / "part" / "art" / "hero.png").unlink()
    (game.folder / "other.txt").write_text("x")
    game("git", "add", "other.txt")
    game("git", "commit", "-m", "nothing of the project")
    game("git", "commit", "-a", "-m", "the drawing is gone", code=1)


def test_convert_adds_the_sprites_to_the_commit(hooked: Hooked) -> None:
    game = hooked("convert")
    game.draw("new.png", seed=2)
    game("git", "rm", "-q", "art/hero.png")
    game("git", "add", "art")
    game("git", "commit", "-m", "other hero")
    assert game.committed() == {"art/new.png", "pixforge.toml", "sprites/new.png"}
    assert game("git", "status", "--porcelain").out == ""


def test_convert_makes_no_sprite_of_a_drawing_that_is_not_committed(hooked: Hooked) -> None:
    game = hooked("convert")
    game.draw("half-done.png", seed=2)
    game.draw("hero.png", seed=7)
    game("git", "add", "art/hero.png")
    ran = game("git", "commit", "-m", "hero", code=1)
    assert "art/half-done.png" in ran.err
    assert not (game.folder / "sprites" / "half-done.png").exists()


def test_a_missing_program_and_a_wrong_mode_are_told(hooked: Hooked) -> None:
    game = hooked("chekc")
    game.draw("new.png", seed=2)
    game("git", "add", "art")
    assert "check or convert" in game("git", "commit", "-m", "x", code=1).err
    game("git", "config", "pixforge.program", "/nowhere/pixforge")
    assert "/nowhere/pixforge" in game("git", "commit", "-m", "x", code=1).err


def _framework(game: Any, hook: dict[str, Any]) -> None:  # noqa: ANN401  # a Repository of conftest.py
    """Use a hook with the program that is here: the framework would install pixforge from the network."""
    local = {"repo": "local", "hooks": [{**hook, "language": "system"}]}
    (game.folder / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [local]}))
    game("git", "add", ".pre-commit-config.yaml")
    game("pre-commit", "install")


@pytest.fixture
def manifest(repository: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401
    """The framework's hooks by their names; the framework itself finds the file right."""
    pytest.importorskip("pre_commit")
    bin_folder = Path(sys.executable).parent
    repository.variables["PATH"] += f":{bin_folder}"
    repository.variables["PRE_COMMIT_HOME"] = str(repository.folder.parent / "cache")
    path = Path(__file__).resolve().parents[2] / ".pre-commit-hooks.yaml"
    repository("pre-commit", "validate-manifest", path)
    return {hook["id"]: hook for hook in yaml.safe_load(path.read_text(encoding="utf-8"))}


def test_the_framework_refuses_stale_sprites(repository: Any, manifest: dict[str, dict[str, Any]]) -> None:  # noqa: ANN401
    _framework(repository, manifest["pixforge-check"])
    repository("git", "commit", "-m", "in order")
    repository.draw("hero.png", seed=6)
    repository("git", "add", "art")
    ran = repository("git", "commit", "-m", "stale", code=1)
    assert "is out of date" in ran.err + ran.out


def test_the_framework_converts_and_stops_the_commit_once(
    repository: Any,  # noqa: ANN401
    manifest: dict[str, dict[str, Any]],
) -> None:
    _framework(repository, manifest["pixforge-convert"])
    repository.draw("new.png", seed=6)
    repository("git", "add", "art")
    repository("git", "commit", "-m", "new", code=1)
    assert (repository.folder / "sprites" / "new.png").is_file()
    repository("git", "add", "sprites")
    repository("git", "commit", "-m", "new")


def test_the_entries_are_commands_that_a_shell_reads(manifest: dict[str, dict[str, Any]]) -> None:
    assert {next(iter(shlex.split(hook["entry"]))) for hook in manifest.values()} == {"pixforge", "sh"}
