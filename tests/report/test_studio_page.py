"""The live page in a real Chromium, served by the real command."""

from __future__ import annotations

import base64
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.report.conftest import drawing, face

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("flask")
expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.xdist_group("chromium")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a folder for presets and a drawing."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "presets").mkdir()
    (folder / "pixforge.toml").write_text("")
    drawing(folder / "disc.png", (200, 40, 40))
    face(folder / "face.png")
    drawing(folder / "<img src=x onerror=alert(1)>.png", (40, 160, 60))
    return folder


@pytest.fixture(scope="module")
def address(project: Path) -> Iterator[str]:
    """The page's address; the command must end well on Ctrl-C."""
    command = [sys.executable, "-m", "pixforge", "studio", "--no-browser", "--json"]
    environment = os.environ | {"XDG_CONFIG_HOME": str(project / "config"), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command,
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        text = ""
        for line in process.stdout:
            text += line
            if line.rstrip() == "}":
                break
        yield str(json.loads(text)["address"])
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.fixture
def studio(address: str, tab: Page) -> Page:
    """The page, open."""
    tab.goto(address)
    tab.wait_for_selector("body[data-ready=yes]")
    return tab


def drop(page: Page, path: Path) -> None:
    """Give a file to the page and wait for its conversion."""
    done = conversion(page)
    page.set_input_files("#file", path)
    wait_for_next(page, done)


def conversion(page: Page) -> str:
    """The number of the conversion on the stage; empty before the first."""
    return str(page.evaluate("document.body.dataset.done ?? ''"))


def wait_for_next(page: Page, done: str) -> None:
    """Wait until another conversion than `done` is on the stage; an error that the page shows instead is told."""
    changed = "(document.body.dataset.done ?? '') !== done"
    page.wait_for_function(f"done => {changed} || document.getElementById('error').textContent", arg=done)
    assert page.text_content("#error") == ""


def after(page: Page) -> bytes:
    """The pixels of the output on the stage: its file alone also differs by the preset that is written into it."""
    data = str(page.locator("#stage img.cells").first.get_attribute("src")).partition(",")[2]
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        return bytes(str(image.size), "ascii") + image.convert("RGBA").tobytes()


def test_every_control_changes_the_picture(studio: Page, project: Path) -> None:
    """Drop a file, move each control that there is, see other pixels each time; save; the command line then uses it."""
    assert "token" not in studio.url
    drop(studio, project / "face.png")
    moves = {
        "size": "40",
        "colors": "12",
        "inner": False,
        "orphans": False,
        "outline": "none",
        "dither": "bayer4",
        "source": "pico-8",
        "method": "cyclegan",
        "by": "cell",
        "preset": "character-32",
    }
    saving = {"name", "replace"}
    there = studio.locator("#controls").locator("input, select").evaluate_all("all => all.map(one => one.id)")
    assert set(there) == set(moves) | saving
    seen = [after(studio)]
    for control, value in moves.items():
        done = conversion(studio)
        moved(studio, control, value)
        wait_for_next(studio, done)
        seen.append(after(studio))
        assert seen[-1] != seen[-2], control
    studio.locator("#size").fill("24")
    studio.fill("#name", "from-the-page")
    studio.click("text=Save preset")
    expect(studio.locator("#saved")).to_contain_text("saved: ")
    made = subprocess.run(
        [sys.executable, "-m", "pixforge", "convert", "disc.png", "-o", "out.png", "-p", "from-the-page", "--json"],
        cwd=project, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(made.stdout)["outcomes"][0]["facts"]["height"] == 24


def moved(page: Page, control: str, value: str | bool) -> None:
    """Move a control as a user does."""
    node = page.locator(f"#{control}")
    if isinstance(value, bool):
        node.set_checked(value)
    elif node.evaluate("one => one.tagName") == "SELECT":
        node.select_option(value)
    else:
        node.fill(value)


def test_controls_of_the_view_change_what_is_seen(studio: Page, project: Path) -> None:
    """Zoom, ground, view and the divider move the stage, and the palette stands below it; no conversion is needed."""
    drop(studio, project / "face.png")
    done = conversion(studio)
    there = studio.locator(".controls").locator("input, select, button").evaluate_all("all => all.map(one => one.id)")
    assert set(there) == {"view", "divide", "zoom", "ground"}
    studio.select_option("#zoom", "3")
    expect(studio.locator("#stage img.cells").first).to_have_css("width", f"{3 * 64}px")
    studio.click("#ground")
    assert studio.evaluate("document.body.dataset.ground") == "light"
    studio.select_option("#view", "slider")
    studio.locator("#divide").fill("30")
    assert "70%" in (studio.locator(".over").get_attribute("style") or "")
    assert studio.locator("#palette span").count() > 1
    assert conversion(studio) == done


def test_views_and_names(studio: Page, project: Path) -> None:
    """A file name with tags is text; slider and all methods show; every control has a name, also on a narrow window."""
    name = "<img src=x onerror=alert(1)>.png"
    drop(studio, project / name)
    expect(studio.locator("#picture option:checked")).to_contain_text(name)
    studio.select_option("#view", "slider")
    studio.locator("#divide").fill("20")
    assert "80%" in (studio.locator(".over").get_attribute("style") or "")
    studio.select_option("#view", "methods")
    expect(studio.locator("#stage figcaption").nth(1)).to_be_visible()
    for width in (1280, 420):
        studio.set_viewport_size({"width": width, "height": 800})
        nameless = studio.evaluate(
            """() => [...document.querySelectorAll('button, input, select, img')]
            .filter(n => !(n.labels && n.labels.length) && !n.alt && !n.textContent.trim() && !n.hidden)
            .map(n => n.outerHTML)"""
        )
        assert nameless == []
        assert studio.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_file_that_is_no_picture_is_told(studio: Page, project: Path) -> None:
    """The error stands on the page with its remedy, and the page goes on."""
    (project / "words.png").write_text("words")
    studio.set_input_files("#file", project / "words.png")
    expect(studio.locator("#error")).to_contain_text("picture")
    studio.set_input_files("#file", project / "disc.png")
    studio.wait_for_selector("#stage img.cells")
    expect(studio.locator("#error")).to_have_text("")
