"""The review page in a real Chromium: what an artist clicks."""

from __future__ import annotations

import base64
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from pixforge.batch import Batch, Options
from pixforge.project.tree import Tree
from pixforge.report.build import DATA, Review, memory

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture
def page(reviewed: tuple[Tree, Path], tab: Page) -> Page:
    """The page of the small tree with two more ways, open."""
    visit(tab, reviewed[1])
    return tab


def visit(tab: Page, path: Path) -> None:
    """Open a page and wait for it."""
    tab.goto(path.as_uri())
    tab.wait_for_selector("body[data-ready=yes]")


def names(tab: Page) -> list[str]:
    """The pictures in the list, in order."""
    found = tab.locator(".card").evaluate_all(
        "nodes => nodes.map(n => [n.parentNode.offsetTop, n.parentNode.offsetLeft, n.dataset.name])"
    )
    return [str(name) for _, _, name in sorted(found)]


def cells(tab: Page, label: str) -> NDArray[np.uint8]:
    """The pixels of a canvas of the dialog, (H, W, 4)."""
    canvas = tab.locator(f"#stage canvas[aria-label='{label}'][data-state=drawn]").first
    canvas.wait_for(state="attached")
    data = str(canvas.evaluate("c => c.toDataURL('image/png')")).partition(",")[2]
    with Image.open(io.BytesIO(base64.b64decode(data))) as shown:
        return np.array(shown.convert("RGBA"))


def test_all_pictures_are_listed_and_found(page: Page) -> None:
    """Search, outcome and sort narrow and order the list; the count says so."""
    assert len(names(page)) == 4
    page.fill("#search", "green")
    assert names(page) == ['sub folder/a "green" [one].png']
    assert "1 of 4" in page.inner_text("#counts")
    page.fill("#search", "")
    page.select_option("#outcome", "failed")
    assert names(page) == ["broken.png"]
    page.select_option("#outcome", "")
    page.select_option("#sort", "colors")
    assert len(names(page)) == 4


def test_the_dialog_shows_the_output_to_the_pixel(page: Page, reviewed: tuple[Tree, Path]) -> None:
    """The canvas holds the output's pixels, the palette its colours; the slider uncovers the source."""
    page.click(".card[data-name='red.png']")
    with Image.open(reviewed[0].output / "red.png") as image:
        right = np.array(image.convert("RGBA"))
    assert (cells(page, "after") == right).all()
    page.locator("#divide").fill("25")
    assert "75%" in (page.locator(".over").get_attribute("style") or "")
    colours = page.locator("#palette .use").count()
    assert colours == len(np.unique(right[right[..., 3] > 0][:, :3], axis=0))


def test_keys_walk_through_pictures_and_ways(page: Page) -> None:
    """Arrows change the picture, digits the way, Escape closes and gives the focus back."""
    page.click(".card[data-name='red.png']")
    page.locator("#close").focus()
    page.keyboard.press("2")
    assert page.locator("#ways [aria-checked=true]").inner_text() == "2 game-boy"
    page.keyboard.press("ArrowLeft")
    assert page.inner_text("#name") == "broken.png"
    assert page.locator("#error").inner_text().strip()
    page.keyboard.press("Escape")
    assert not page.locator("#detail").is_visible()
    assert page.evaluate("document.activeElement.dataset.name") == "broken.png"


def test_a_pick_is_kept_and_exported_as_a_rule(page: Page, reviewed: tuple[Tree, Path]) -> None:
    """The rule names exactly this picture, also with signs that patterns know, and survives a reload."""
    name = 'sub folder/a "green" [one].png'
    page.click(f".card[data-name='{name}']")
    page.locator("#close").focus()
    page.keyboard.press("3")
    page.click("#pick")
    page.reload()
    page.wait_for_selector("body[data-ready=yes]")
    page.click("#export")
    text = page.locator("#rules").input_value()
    project = reviewed[0].source.parent / "pixforge.toml"
    project.write_text('source = "art"\noutput = "out"\n' + text, "utf-8")
    from pixforge.project.tree import load_project

    tree = load_project(project)
    picked = tree.job(tree.source / name)
    assert picked is not None
    assert (picked.preset.name, picked.preset.palette.colors) == ("character-32", 2)
    assert tree.job(tree.source / "red.png") is None


def test_ways_lie_side_by_side_each_with_its_pick(page: Page) -> None:
    """Every way is shown beside the source to the pixel; the button under one picks it, a second time takes it back."""
    page.click(".card[data-name='red.png']")
    page.select_option("#view", "every")
    labels = ("character-32", "game-boy", "character-32,palette.colors=2")
    assert len({cells(page, label).tobytes() for label in labels}) == len(labels)
    page.click("#stage button:has-text('Pick game-boy')")
    assert page.locator("#stage button[aria-pressed=true]").inner_text() == "★ picked: game-boy"
    assert page.locator("#ways [aria-checked=true]").inner_text() == "2 game-boy"
    assert "1 picked" in page.inner_text("#counts")
    page.click("#stage button[aria-pressed=true]")
    assert "0 picked" in page.inner_text("#counts")


def test_a_clip_plays_with_onion_skin(tree: Tree, tmp_path: Path, tab: Page) -> None:
    """The frame slider changes the picture; onion skin adds the neighbours, before, while and after it plays."""
    frames = []
    for step in range(3):
        pixels = np.zeros((64, 64, 4), np.uint8)
        pixels[8 + 16 * step : 20 + 16 * step, 20:44] = (200, 60, 60, 255)
        frames.append(Image.fromarray(pixels))
    frames[0].save(tree.source / "move.png", save_all=True, append_images=frames[1:], duration=40, loop=0)
    list(Batch(tree, Options(workers=1)))
    review = Review(tree, tmp_path / "page", workers=1)
    list(review)
    visit(tab, review.write())
    subject = memory(tmp_path / "page")["move.png"]
    assert len(subject["film"]["durations"]) == 3
    tab.click(".card[data-name='move.png']")
    tab.select_option("#view", "beside")
    first = cells(tab, "before")
    tab.locator("#frame").fill("2")
    tab.wait_for_function("document.getElementById('at').textContent === '3/3'")
    third = cells(tab, "before")
    assert (first != third).any()
    tab.check("#onion")
    assert (cells(tab, "before")[..., 3] > 0).sum() > (third[..., 3] > 0).sum()
    tab.click("#play")
    tab.wait_for_function("document.getElementById('at').textContent === '2/3'")
    tab.click("#play")
    tab.locator("#frame").fill("1")
    with_ghosts = cells(tab, "before")
    tab.uncheck("#onion")
    second = cells(tab, "before")
    assert (with_ghosts[..., 3] > 0).sum() > (second[..., 3] > 0).sum()


def test_five_thousand_pictures_stay_light(reviewed: tuple[Tree, Path], tmp_path: Path, tab: Page) -> None:
    """Only the rows in view are in the document, at the top, in the middle and at the end; cards in view are kept.

    How long it takes to open and to scroll is measured by `python -m benchmarks.review_page`.
    """
    path = shutil.copytree(reviewed[1].parent, tmp_path / "page") / reviewed[1].name
    record = next(iter(memory(tmp_path / "page").values()))
    many = [record | {"name": f"sprites/{number:05d}.png"} for number in range(5000)]
    content = {"format": 1, "title": "many", "subjects": many}
    (tmp_path / "page" / DATA).write_text(f"window.PIXFORGE_REVIEW = {json.dumps(content)};", "utf-8")
    visit(tab, path)
    assert "5000 of 5000" in tab.inner_text("#counts")
    for share in (0.0, 0.5, 1.0):
        tab.evaluate("s => { const l = document.getElementById('list'); l.scrollTop = s * l.scrollHeight; }", share)
        tab.wait_for_function(
            "s => s < 1 || document.querySelector('[data-name=\"sprites/04999.png\"]') !== null", arg=share
        )
        assert 0 < tab.locator(".card").count() < 200
    first = tab.locator(".card").first
    first.evaluate("node => { node.dataset.kept = 'yes'; }")
    tab.evaluate("() => { document.getElementById('list').scrollTop -= 1; }")
    tab.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert tab.locator(".card[data-kept=yes]").count() == 1
    tab.fill("#search", "04321")
    assert names(tab) == ["sprites/04321.png"]


def test_everything_has_a_name_for_screen_readers(page: Page) -> None:
    """Every control, picture and dialog can be told apart without eyes, on a wide and on a narrow window."""
    page.click(".card[data-name='red.png']")
    for width in (1280, 420):
        page.set_viewport_size({"width": width, "height": 800})
        nameless = page.evaluate(
            """() => [...document.querySelectorAll('button, input, select, textarea, canvas, dialog, [role=radio]')]
            .filter(n => !(n.labels && n.labels.length) && !n.getAttribute('aria-label') && !n.textContent.trim()
              && !n.getAttribute('aria-labelledby') && !n.hidden && !n.closest('[hidden]'))
            .map(n => n.outerHTML)"""
        )
        assert nameless == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
