"""The live page in a real Chromium: from a control that is moved to the result on the screen.

    python -m benchmarks.live_page [--moves 12] [--side 512] [--write]

`pixforge studio` serves a drawing; for each method that answers at once a slider is moved time and again, and every
result is waited for. Beside the clock stands processor time, of server and page together: what it takes on a machine
that does nothing else. Processor time of the server is read from /proc, so that this runs on Linux alone.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.chromium import Tab, chromium
from benchmarks.pictures import load, square
from benchmarks.record import ROOT, Cell, Result, Table, conditions, write

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BUDGET: Final = 0.3  # seconds
PATIENCE: Final = 300_000  # milliseconds
METHODS: Final = ("classical", "cyclegan")
_MOVE: Final = """([id, value]) => new Promise((done, failed) => {
  const began = performance.now(), old = document.body.dataset.done, control = document.getElementById(id);
  const look = () => {
    const said = document.getElementById("error").textContent;
    const shown = [...document.querySelectorAll("#stage img")].every((one) => one.complete && one.naturalWidth > 0);
    if (said) failed(new Error(said));
    else if (document.body.dataset.done !== old && shown) done(performance.now() - began);
    else setTimeout(look, 5);
  };
  control.value = value;
  if (control.value !== value) failed(new Error(`${id} cannot be ${value}`));
  control.dispatchEvent(new Event("input", { bubbles: true }));
  look();
})"""


@dataclass
class Moves:
    """What each move took, in milliseconds.

    Attributes:
        clock: until the result was on the screen.
        server, page: processor time of the two.
    """

    clock: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)

    @property
    def whole(self) -> list[float]:
        """Processor time of server and page."""
        return [one + other for one, other in zip(self.server, self.page, strict=True)]


@contextmanager
def studio(folder: Path, drawing: Path) -> Iterator[tuple[str, int]]:
    """Serve the page; give its address and the server's process."""
    command = [sys.executable, "-m", "pixforge", "studio", str(drawing), "--no-browser", "--json"]
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder), "PYTHONUNBUFFERED": "1"}
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    with subprocess.Popen(command, cwd=folder, env=environment, **streams) as process:
        text = ""
        for line in process.stdout or ():
            text += line
            if line.rstrip() == "}":
                break
        yield str(json.loads(text)["address"]), process.pid
        process.terminate()


def spent(pid: int) -> float:
    """Return the processor milliseconds of a process so far."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def measure(browser: Browser, address: str, pid: int, moves: int) -> dict[str, Moves]:
    """Move the size, for each method; the first result of a method, for which its model is loaded, is left out."""
    tab = Tab(browser.new_page(viewport={"width": 1400, "height": 900}))
    tab.page.set_default_timeout(PATIENCE)
    tab.page.goto(address, wait_until="commit")
    tab.page.wait_for_selector("body[data-ready=yes][data-done]", state="attached")
    found = {}
    for method in METHODS:
        tab.page.evaluate(_MOVE, ["method", method]) if method != METHODS[0] else None
        tab.page.evaluate(_MOVE, ["size", "63"])
        mine = found[method] = Moves()
        for number in range(moves):
            server, page = spent(pid), tab.spent()
            mine.clock.append(float(tab.page.evaluate(_MOVE, ["size", str(48 + 3 * number)])))
            mine.server.append(spent(pid) - server)
            mine.page.append(tab.spent() - page)
            print(f"{method} {number + 1} of {moves}: {mine.whole[-1]:.0f} ms", file=sys.stderr)
    return found


def result(found: dict[str, Moves], side: int, before: dict[str, Any]) -> Result:
    """Return what the page shows."""
    rows: list[list[Cell]] = []
    for method, mine in found.items():
        within = sum(one < 1000 * BUDGET for one in mine.whole)
        numbers = (median(mine.server), median(mine.page), median(mine.whole), max(mine.whole), median(mine.clock))
        rows.append([method, *(round(one, 1) for one in numbers), f"{within} of {len(mine.whole)}"])
    heads = ["method", "server", "page", "both", "both, the worst", "by the clock", f"both under {1000 * BUDGET:.0f}"]
    return Result(
        title="The live page",
        command="python -m benchmarks.live_page --write",
        summary=f"`pixforge studio` with a drawing of {side} x {side} pixels in Chromium; the size goes up. "
        f"Milliseconds from a control that is moved to the result on the screen; of processors, medians, if not said "
        f"otherwise. The aim: {BUDGET} s.",
        values={f"{method} both ms": round(median(mine.whole), 1) for method, mine in found.items()},
        tables=(Table("", heads, rows, "The clock also counts the wait for other programs; see the load above."),),
        measured=before,
    )


def main() -> None:
    """Measure and print, or write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=12)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--write", action="store_true", help="the result is that of the page")
    given = parser.parse_args()
    before = conditions()
    with tempfile.TemporaryDirectory(prefix="pixforge-studio-") as name, chromium() as browser:
        drawing = Path(name) / "adventurer.png"
        square(load(ROOT / "examples" / "adventurer.png"), given.side).save(drawing)
        with studio(Path(name), drawing) as (address, pid):
            found = measure(browser, address, pid, given.moves)
    made = result(found, given.side, before)
    print(*made.tables[0].columns, sep="  ")
    for row in made.tables[0].rows:
        print(*row, sep="  ")
    if given.write:
        print(write(made, "live"))


if __name__ == "__main__":
    main()
