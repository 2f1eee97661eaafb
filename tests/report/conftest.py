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
    with sync_api.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--allow-file-access-from-files"])
        yield found
        found.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """A tab; a word in its console fails the test, but for the browser's own on an answer that is an error."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    words: list[str] = []
    page.on("console", lambda message: words.append(message.text))
    page.on("pageerror", lambda error: words.append(str(error)))
    yield page
    page.close()
    assert [word for word in words if not word.startswith("Failed to load resource")] == []
