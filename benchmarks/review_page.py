"""The review page with thousands of pictures in a real Chromium: how long it takes to open, and whether it stalls.

    python -m benchmarks.review_page [--pictures 5000] [--write]

Some drawings are converted and reviewed for good; their records and files are then repeated under names of their own
until there are enough, so that no cache helps. Opening is until the first screen of pictures is drawn. Scrolling is by
the wheel, a screen at a time, then by leaps to other places; each step lasts until the pictures in view are drawn.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.chromium import LONG, Tab, all_processes, chromium, traced
from benchmarks.record import Cell, Result, Table, conditions, write
from benchmarks.scaling import paint
from pixforge import preset
from pixforge.batch import Batch, Options
from pixforge.project.tree import plain_tree
from pixforge.report.build import DATA, Review, memory
from pixforge.report.ways import way_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DISTINCT: Final = 40
SCREEN: Final = 60  # pictures that are drawn on opening
FEW: Final = "few-data.js"
SCREENS: Final = 25
LEAPS: Final = 10
BUDGET: Final = 2.0  # seconds to open
TIMES: Final = 3  # that the page is opened
SETTLE: Final = 3000  # milliseconds for the browser to come up, before anything is counted
POLL: Final = 100  # milliseconds between two looks, which cost the page time as well
PATIENCE: Final = 300_000  # milliseconds; on a crowded machine the clock says little
_FRAMES: Final = """(count) => new Promise((done) => {
  const next = () => (count-- > 0 ? requestAnimationFrame(next) : done());
  next();
})"""
_DRAWN: Final = """() => { const all = [...document.querySelectorAll('.card img, .card canvas')];
  return all.length > 0 && all.every((one) => one.complete || one.dataset.state === "drawn"); }"""


@dataclass(frozen=True)
class Opened:
    """What it took until the first screen was drawn, in milliseconds.

    Attributes:
        clock: on the clock.
        thread: of the processor, the page's thread alone.
        whole: of processors, all processes of the browser.
    """

    clock: float
    thread: float
    whole: float


@dataclass(frozen=True)
class Found:
    """What was measured, in milliseconds of the processor.

    Attributes:
        few, many: opening the page with one screen of pictures, and with all; of several times the one that cost least,
            as a browser does other things beside, the more the longer it waits for a crowded machine.
        tasks: every task of the page's thread while it was scrolled.
        cards: most cards in the document at any time.
        search: to filter by a word and draw what is left.
        megabytes: of the page's data.
    """

    few: Opened
    many: Opened
    tasks: list[float]
    cards: int
    search: float
    megabytes: float


def make(folder: Path, pictures: int) -> Path:
    """Make the page and return it."""
    paint(folder / "art", DISTINCT)
    tree = plain_tree(folder / "art", folder / "out", preset.load("sprite-64"))
    list(Batch(tree, Options(workers=1)))
    review = Review(tree, folder / "page", (way_of("game-boy"),), workers=1)
    list(review)
    path = review.write()
    records = list(memory(folder / "page").values())
    many = [repeated(records[number % DISTINCT], number, folder / "page") for number in range(pictures)]
    for name, some in ((DATA, many), (FEW, many[-SCREEN:])):
        text = json.dumps({"format": 1, "title": "many", "subjects": some}, separators=(",", ":"))
        path.with_name(name).write_text(f"window.PIXFORGE_REVIEW = {text};", "utf-8")
    path.with_name("few.html").write_text(path.read_text("utf-8").replace(DATA, FEW), "utf-8")
    return path


def repeated(record: dict[str, Any], number: int, folder: Path) -> dict[str, Any]:
    """A record under another name, with files of its own."""
    copy: dict[str, Any] = json.loads(json.dumps(record))
    copy["name"] = f"sprites/{number // 100:03d}/{number:05d}.png"
    for film in [copy["film"], *(variant["film"] for variant in copy["variants"])]:
        own = Path(film["file"]).with_stem(f"{number:05d}-{Path(film['file']).stem}")
        if not (folder / own).exists():
            os.link(folder / film["file"], folder / own)
        film["file"] = own.as_posix()
    return copy


def opened(browser: Browser, tab: Tab, path: Path) -> Opened:
    """Open a page and wait until its first screen is drawn."""
    tab.page.goto("about:blank")
    tab.page.wait_for_timeout(SETTLE)
    whole, thread, clock = all_processes(browser), tab.spent(), time.perf_counter()
    tab.page.goto(path.as_uri(), wait_until="commit")
    tab.page.wait_for_selector("body[data-ready=yes]", state="attached")
    tab.page.wait_for_function(_DRAWN, polling=POLL)
    clock = 1000 * (time.perf_counter() - clock)
    return Opened(clock, tab.spent() - thread, 1000 * (all_processes(browser) - whole))


def scrolled(tab: Tab) -> int:
    """Scroll; return the most cards that were in the document."""
    counts = []

    def step(move: Callable[[], object]) -> None:
        move()
        tab.page.evaluate(_FRAMES, 8)  # cards are made over several frames
        tab.page.wait_for_function(_DRAWN, polling=POLL)
        counts.append(tab.page.locator(".card").count())

    tab.page.mouse.move(800, 500)
    for _ in range(SCREENS):
        step(lambda: tab.page.mouse.wheel(0, 800))
    for leap in range(LEAPS):
        share = (leap * 7 % LEAPS + 0.5) / LEAPS
        step(partial(tab.page.evaluate, "s => { list.scrollTop = s * list.scrollHeight; }", share))
    return max(counts)


def measure(browser: Browser, path: Path, pictures: int) -> Found:
    """Open, scroll and search."""
    tab = Tab(browser.new_page(viewport={"width": 1600, "height": 1000}))
    tab.page.set_default_timeout(PATIENCE)
    few, many = (
        min((opened(browser, tab, place) for _ in range(TIMES)), key=lambda one: one.whole)
        for place in (path.with_name("few.html"), path)
    )
    with traced(browser, tab.page) as tasks:
        cards = scrolled(tab)
    start = tab.spent()
    tab.page.fill("#search", f"{pictures - 1:05d}")
    tab.page.wait_for_function(_DRAWN, polling=POLL)
    return Found(few, many, tasks, cards, tab.spent() - start, (path.parent / DATA).stat().st_size / 1e6)


def result(found: Found, pictures: int, before: dict[str, Any]) -> Result:
    """Return what the page shows."""
    slow = [one for one in found.tasks if one > LONG]
    rows: list[list[Cell]] = [
        ["opening, the page's thread", found.few.thread, found.many.thread],
        ["opening, all processes of the browser together", found.few.whole, found.many.whole],
        ["opening, ms by the clock", found.few.clock, found.many.clock],
        ["the longest task while scrolling", None, max(found.tasks, default=0.0)],
        [f"tasks over {LONG:.0f} ms while scrolling", None, f"{len(slow)} of {len(found.tasks):,}"],
        ["searching", None, found.search],
        ["cards in the document, at most", None, found.cards],
        ["the page's data, MB", None, found.megabytes],
    ]
    return Result(
        title="The review page",
        command="python -m benchmarks.review_page --write",
        summary=f"{pictures:,} pictures with two ways each in Chromium, 1600 x 1000 pixels, beside the same page with "
        f"the {SCREEN} of one screen. The aim: open in under {BUDGET:.0f} s, and no task of the page's thread over "
        f"{LONG:.0f} ms while scrolling ({SCREENS} screens by the wheel, {LEAPS} leaps). Opened {TIMES} times, "
        "the cheapest counts.",
        values={
            "open thread ms": round(found.many.thread, 1), "open whole ms": round(found.many.whole, 1),
            "open clock ms": round(found.many.clock, 1), "longest task ms": round(max(found.tasks, default=0.0), 1),
            "cards": found.cards,
        },
        tables=(Table("", ["processor ms", f"{SCREEN} pictures", f"{pictures:,} pictures"], rows),),
        measured=before,
    )  # fmt: skip


def main() -> None:
    """Measure and print, or write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=5000)
    parser.add_argument("--write", action="store_true", help="the result is that of the page")
    given = parser.parse_args()
    before = conditions()
    with tempfile.TemporaryDirectory(prefix="pixforge-review-") as name, chromium() as browser:
        found = measure(browser, make(Path(name), given.pictures), given.pictures)
    made = result(found, given.pictures, before)
    for row in made.tables[0].rows:
        print(*row, sep="  ")
    if given.write:
        print(write(made, "review"))


if __name__ == "__main__":
    main()
