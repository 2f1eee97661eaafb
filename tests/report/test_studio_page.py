"""The live page in a real Chromium, served by the real command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.report.conftest import drawing

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


def after(page: Page) -> str:
    """The output on the stage."""
    return str(page.locator("#stage img.cells").first.get_attribute("src"))


def test_every_control_changes_the_picture(studio: Page, project: Path) -> None:
    """Drop a file, move each control, see other pixels each time; save; the command line then uses it."""
    assert "token" not in studio.url
    studio.set_input_files("#file", project / "disc.png")
    studio.wait_for_selector("#stage img.cells")
    seen = [after(studio)]
    moves = (
        lambda: studio.locator("#size").fill("40"),
        lambda: studio.locator("#colors").fill("2"),
        lambda: studio.select_option("#source", "pico-8"),
        lambda: studio.select_option("#dither", "bayer4"),
        lambda: studio.select_option("#outline", "none"),
        lambda: studio.select_option("#by", "cell"),
        lambda: studio.select_option("#preset", "character-32"),
    )
    for move in moves:
        move()
        expect(studio.locator("#stage img.cells").first).not_to_have_attribute("src", seen[-1])
        seen.append(after(studio))
    studio.locator("#size").fill("24")
    studio.fill("#name", "from-the-page")
    studio.click("text=Save preset")
    expect(studio.locator("#status")).to_contain_text("saved: ")
    made = subprocess.run(
        [sys.executable, "-m", "pixforge", "convert", "disc.png", "-o", "out.png", "-p", "from-the-page", "--json"],
        cwd=project, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(made.stdout)["outcomes"][0]["facts"]["height"] == 24


def test_views_and_names(studio: Page, project: Path) -> None:
    """A file name with tags is text; slider and all methods show; every control has a name, also on a narrow window."""
    name = "<img src=x onerror=alert(1)>.png"
    studio.set_input_files("#file", project / name)
    expect(studio.locator("#picture option:checked")).to_contain_text(name)
    studio.wait_for_selector("#stage img.cells")
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
