"""A real Chromium without a window, and what a page costs in it, in processor time."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LONG: Final = 50.0  # milliseconds from which a browser calls a task of the page's thread long
_TRACED: Final = ("toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline")


@dataclass
class Tab:
    """A page under watch.

    Attributes:
        page: it.
    """

    page: Page

    def __post_init__(self) -> None:
        self._session: CDPSession = self.page.context.new_cdp_session(self.page)
        self._session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def spent(self) -> float:
        """Return the processor milliseconds of the page's thread so far, in scripts, layout and painting."""
        metrics = self._session.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))


@contextmanager
def traced(browser: Browser, page: Page) -> Iterator[list[float]]:
    """Fill a list with the processor milliseconds of every task of the page's thread, when the block is left."""
    tasks: list[float] = []
    browser.start_tracing(page=page, categories=list(_TRACED))
    yield tasks
    events: list[dict[str, Any]] = json.loads(browser.stop_tracing())["traceEvents"]
    mains = {(one["pid"], one["tid"]) for one in events if one.get("args", {}).get("name") == "CrRendererMain"}
    own = [one for one in events if one.get("name") == "RunTask" and (one["pid"], one["tid"]) in mains]
    tasks += [one.get("tdur", 0) / 1000 for one in own]


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
