"""pixforge doctor: what is installed, what works, what to do about the rest."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pixforge.cli.doctor import PACKAGES
from pixforge.errors import MissingDependencyError
from pixforge.methods import classical, identity, registry

Runner = Callable[..., Any]


def test_a_whole_install_is_healthy(pixforge: Runner) -> None:
    document = pixforge("doctor", "--json").json
    assert document["healthy"] is True
    assert document["python"]["version"] == sys.version.split()[0]
    methods = {row["name"]: row for row in document["methods"]}
    assert set(methods) == set(registry.names())
    assert methods["classical"]["works"] is True
    assert document["presets"]["shipped"] >= 12
    assert document["palettes"] >= 12
    assert all(folder["writable"] for folder in document["folders"])


def test_a_method_without_its_packages_says_what_to_install(pixforge: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "REQUIRES", ("a_package_that_is_not_there",))
    monkeypatch.setattr(identity, "EXTRA", "style")
    ran = pixforge("doctor")
    assert ran.code == 0
    assert 'needs a_package_that_is_not_there: pip install "pixforge[style]"' in ran.out


def test_a_broken_method_is_told_and_ends_with_6(pixforge: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise OSError("a library cannot be loaded")

    monkeypatch.setattr(classical, "open_session", broken)
    monkeypatch.setattr("pixforge.engine.sessions._open", lambda name, *_rest: registry.load(name).open_session(*_rest))
    ran = pixforge("doctor")
    assert ran.code == 6
    assert "a library cannot be loaded" in ran.out
    assert "not in order: classical" in ran.out


def test_a_method_without_its_model_is_told_but_the_install_is_in_order(
    pixforge: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*_arguments: object) -> None:
        raise MissingDependencyError("there is no model", "train one")

    monkeypatch.setattr("pixforge.engine.sessions._open", lambda *_arguments: without())
    ran = pixforge("doctor")
    assert ran.code == 0
    assert "there is no model (train one)" in ran.out


def test_the_packages_are_those_of_the_project() -> None:
    """doctor's list and pyproject.toml name the same packages."""
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")

    def names(key: str) -> set[str]:
        found = re.search(rf"^{key} = \[(.*?)\]$", text, re.DOTALL | re.MULTILINE)
        assert found is not None
        return {name.lower() for name in re.findall(r'"([A-Za-z0-9_-]+)', found[1])}

    assert set(PACKAGES["base"]) == names("dependencies") - {"tomli"}
    for extra in ("style", "diffusion", "train", "cluster", "studio"):
        assert set(PACKAGES[extra]) == names(extra)
