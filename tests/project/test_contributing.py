"""The files that CONTRIBUTING.md shows work as they stand there: dropped into their folders, nothing else touched."""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

import pixforge
from pixforge import exporters, methods
from pixforge.cli.boundary import run
from pixforge.methods import registry as methods_registry
from pixforge.palettes import formats, registry
from pixforge.palettes.palette import Palette


@pytest.fixture
def _shown(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each `pixforge/FOLDER/NAME.py` of CONTRIBUTING.md, in a folder that its package searches too."""
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    shown = re.findall(r"^`pixforge/([a-z/]+)/(\w+)\.py`.*?^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    packages: dict[str, ModuleType] = {"methods": methods, "palettes/formats": formats, "exporters": exporters}
    added = []
    for folder, name, code in shown:
        place = tmp_path / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.py").write_text(code, encoding="utf-8")
        package = packages[folder]
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(place)])
        added.append(f"{package.__name__}.{name}")
    assert len(added) == len(packages)
    importlib.invalidate_caches()
    _forget_what_the_folders_hold()
    yield
    _forget_what_the_folders_hold()
    for name in added:
        sys.modules.pop(name, None)


def _forget_what_the_folders_hold() -> None:
    """The registries list their folders once a process."""
    registry.format_names.cache_clear()
    methods_registry.names.cache_clear()


@pytest.mark.usefixtures("_shown")
def test_the_method_of_the_guide_converts_under_the_contract() -> None:
    ramp = np.zeros((64, 64, 4), np.uint8)
    ramp[..., 0] = np.arange(64)[None, :] * 4
    ramp[..., 3] = 255
    settings = {"method.posterise.levels": 3}
    result = pixforge.convert(ramp, settings=settings, method="posterise", size=(16, 16), colors=8)
    assert result.picture.pixels.shape == (16, 16, 4)
    assert len(np.unique(result.picture.pixels.reshape(-1, 4), axis=0)) <= 3
    assert result.report.method == "posterise"


@pytest.mark.usefixtures("_shown")
def test_the_palette_format_of_the_guide_is_read_back_as_written(tmp_path: Path) -> None:
    palette = Palette("three", ((0, 0, 0), (255, 128, 0), (1, 2, 3)))
    registry.save(palette, tmp_path / "three.csv")
    assert registry.load(str(tmp_path / "three.csv")).colors == palette.colors


@pytest.mark.usefixtures("_shown")
def test_the_exporter_of_the_guide_is_a_target_of_the_command_line(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 6), "red").save(tmp_path / "hero.png")
    assert run(["sheet", str(tmp_path / "hero.png"), "-o", f"{tmp_path}/out/hero", "--target", "css-sprites"]) == 0
    rule = (tmp_path / "out" / "hero.css").read_text(encoding="utf-8")
    assert rule.startswith(".hero-0 { width: 4px; height: 6px; background: url(hero.png) -")
