"""A small tree that was converted, and a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from pixforge.batch import Batch, Options
from pixforge.preset import load
from pixforge.project.tree import Tree, plain_tree
from pixforge.report.build import Review
from pixforge.report.ways import way_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 180_000  # milliseconds that a crowded machine may take; nothing waits longer than it must
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def drawing(path: Path, colour: tuple[int, int, int], side: int = 96) -> None:
    """Write a disc with an outline."""
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    radius = np.hypot(x, y)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[radius < side * 0.45] = (20, 20, 30, 255)
    pixels[radius < side * 0.38] = (*colour, 255)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def face(path: Path, side: int = 192) -> None:
    """Write a drawing on which every control of the live page shows: a ramp, inner lines, an outline, lone spots."""
    y, x = np.mgrid[:side, :side] - side / 2 + 0.5
    radius, rng = np.hypot(x, y), np.random.default_rng(1)
    pixels = np.zeros((side, side, 4), np.uint8)
    pixels[radius < side * 0.45] = (20, 20, 30, 255)
    skin = radius < side * 0.41
    pixels[skin, 0] = np.clip(200 + y / side * 110, 0, 255)[skin]
    pixels[skin, 1] = 120
    pixels[skin, 2] = np.clip(90 + x / side * 120, 0, 255)[skin]
    pixels[skin & (np.abs(y - side * 0.1) < 2) & (np.abs(x) < side * 0.2)] = (20, 20, 30, 255)
    for centre in (-0.15, 0.15):
        pixels[np.hypot(x - centre * side, y + 0.12 * side) < side * 0.03] = (250, 250, 250, 255)
    for _ in range(12):
        top, left = rng.integers(int(side * 0.3), int(side * 0.7), 2)
        pixels[top : top + 6, left : left + 6] = (*rng.integers(0, 256, 3), 255)
    Image.fromarray(pixels).save(path)


def plant(folder: Path) -> Tree:
    """Three drawings and a text file that calls itself a picture; not converted yet."""
    art = folder / "art"
    drawing(art / "red.png", (200, 40, 40))
    drawing(art / "sub folder" / 'a "green" [one].png', (40, 160, 60))
    drawing(art / "<b>blue&.png", (40, 60, 200))
    (art / "broken.png").write_text("no picture")
    return plain_tree(art, folder / "out", load("character-32", {"grid.size": (16, 16)}))


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A tree of one's own."""
    return plant(tmp_path)


@pytest.fixture
def converted(tree: Tree) -> Tree:
    """The same, converted."""
    list(Batch(tree, Options(workers=1)))
    return tree


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tree, Path]:
    """A converted tree that nobody changes, and its page with two more ways."""
    folder = tmp_path_factory.mktemp("reviewed")
    tree = plant(folder)
    list(Batch(tree, Options(workers=1)))
    ways = (way_of("game-boy"), way_of("character-32,palette.colors=2"))
    review = Review(tree, folder / "page", ways, workers=1)
    list(review)
    return tree, review.write()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium (Debian: apt install chromium)")
    sync_api.expect.set_options(timeout=PATIENCE)
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--allow-file-access-from-files"])
        yield found
        found.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab; a word in its console fails the test, but for the browser's own on an answer that is an error."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.set_default_timeout(PATIENCE)
    words: list[str] = []
    page.on("console", lambda message: words.append(message.text))
    page.on("pageerror", lambda error: words.append(str(error)))
    yield page
    page.close()
    assert [word for word in words if not word.startswith("Failed to load resource")] == []
