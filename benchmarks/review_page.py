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
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.chromium import LONG, Tab, all_processes, chromium
from benchmarks.record import Result, Table, conditions, write
from benchmarks.scaling import paint
from pixforge import preset
from pixforge.batch import Batch, Options
from pixforge.project.tree import plain_tree
from pixforge.report.build import DATA, Review, memory
from pixforge.report.ways import way_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DISTINCT: Final = 40
SCREENS: Final = 25
LEAPS: Final = 10
BUDGET: Final = 2.0  # seconds to open
PATIENCE: Final = 300_000  # milliseconds; on a crowded machine the clock says little
_DRAWN: Final = """() => { const all = [...document.querySelectorAll('.card canvas')];
  return all.length > 0 && all.every((one) => one.dataset.state !== 'drawing' && one.dataset.state !== undefined); }"""


@dataclass(frozen=True)
class Found:
    """What was measured; milliseconds if not said otherwise.

    Attributes:
        open_clock, open_thread: until the first screen is drawn; the page's thread alone.
        open_all: processor milliseconds of all processes of the browser.
        steps: processor milliseconds of the page's thread for each step of scrolling.
        stalls: long tasks by the clock during it.
        cards: most cards in the document at any time.
        search_thread: to filter by a word and draw what is left.
        bytes: size of the page's data.
    """

    open_clock: float
    open_thread: float
    open_all: float
    steps: list[float]
    stalls: list[float]
    cards: int
    search_thread: float
    bytes: int


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
    text = json.dumps({"format": 1, "title": "many", "subjects": many}, separators=(",", ":"))
    (folder / "page" / DATA).write_text(f"window.PIXFORGE_REVIEW = {text};", "utf-8")
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


def measure(browser: Browser, path: Path, pictures: int) -> Found:
    """Open, scroll and search."""
    tab = Tab(browser.new_page(viewport={"width": 1600, "height": 1000}))
    page, before, started = tab.page, all_processes(browser), time.perf_counter()
    page.set_default_timeout(PATIENCE)
    page.goto(path.as_uri(), wait_until="commit")
    page.wait_for_selector("body[data-ready=yes]", state="attached")
    page.wait_for_function(_DRAWN)
    clock, thread = 1000 * (time.perf_counter() - started), tab.spent()
    whole = 1000 * (all_processes(browser) - before)
    page.evaluate("window.longTasks.length = 0")
    counts, steps = [], []

    def step(move: Callable[[], object]) -> None:
        start = tab.spent()
        move()
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.wait_for_function(_DRAWN)
        steps.append(tab.spent() - start)
        counts.append(page.locator(".card").count())

    page.mouse.move(800, 500)
    for _ in range(SCREENS):
        step(lambda: page.mouse.wheel(0, 800))
    for leap in range(LEAPS):
        share = (leap * 7 % LEAPS + 0.5) / LEAPS
        step(lambda to=share: page.evaluate("s => { list.scrollTop = s * list.scrollHeight; }", to))  # type: ignore[misc]
    stalls = tab.long_tasks()
    start = tab.spent()
    page.fill("#search", f"{pictures - 1:05d}")
    page.wait_for_function(_DRAWN)
    found = tab.spent() - start
    return Found(clock, thread, whole, steps, stalls, max(counts), found, (path.parent / DATA).stat().st_size)


def result(found: Found, pictures: int, before: dict[str, Any]) -> Result:
    """Return what the page shows."""
    slow = [one for one in found.steps if one > LONG]
    rows: list[list[str | int | float | None]] = [
        ["opening, processor ms of the page's thread", found.open_thread],
        ["opening, processor ms of the whole browser", found.open_all],
        ["opening, ms by the clock", found.open_clock],
        ["a step of scrolling, processor ms of the page's thread, median", median(found.steps)],
        ["the same, the worst of all", max(found.steps)],
        [f"steps over {LONG:.0f} ms of processor", f"{len(slow)} of {len(found.steps)}"],
        [f"tasks over {LONG:.0f} ms by the clock while scrolling", len(found.stalls)],
        ["the longest of them, ms by the clock", max(found.stalls, default=0.0)],
        ["searching, processor ms of the page's thread", found.search_thread],
        ["cards in the document, at most", found.cards],
        ["the page's data, MB", found.bytes / 1e6],
    ]
    return Result(
        title="The review page",
        command="python -m benchmarks.review_page --write",
        summary=f"{pictures:,} pictures with two ways each, in Chromium, 1600 x 1000 pixels. The aim: open in "
        f"under {BUDGET:.0f} s, and no task over {LONG:.0f} ms while scrolling.",
        values={
            "open thread ms": round(found.open_thread, 1), "open clock ms": round(found.open_clock, 1),
            "worst step ms": round(max(found.steps), 1), "cards": found.cards,
        },
        tables=(Table("", ["what", "figure"], rows),),
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
