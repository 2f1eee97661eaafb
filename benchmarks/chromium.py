"""A real Chromium without a window, and what a page costs in it: processor time, and long tasks by the clock."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONG: Final = 50.0  # milliseconds from which a browser calls a task of the page's thread long
_WATCH: Final = """
window.longTasks = [];
new PerformanceObserver((list) => { for (const one of list.getEntries()) window.longTasks.push(one.duration); })
  .observe({ type: "longtask", buffered: true });
"""


@dataclass
class Tab:
    """A page under watch.

    Attributes:
        page: it.
    """

    page: Page

    def __post_init__(self) -> None:
        self.page.add_init_script(_WATCH)
        self._session: CDPSession = self.page.context.new_cdp_session(self.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent(self) -> float:
        """Return the processor milliseconds of the page's thread so far, in scripts, layout and painting."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    def long_tasks(self) -> list[float]:
        """Return the milliseconds of every long task by the clock: on a busy machine, waiting counts."""
        return [float(one) for one in self.page.evaluate("window.longTasks")]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open the browser.

    Raises:
        SystemExit: there is none, or no driver.
    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise SystemExit("no Chromium (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--allow-file-access-from-files"])
        yield browser
        browser.close()


def all_processes(browser: Browser) -> float:
    """Return the processor seconds of every process of the browser so far."""
    session = browser.new_browser_cdp_session()
    found: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return sum(float(one["cpuTime"]) for one in found)
