"""The page itself: one HTML file with its style and program inside; the records lie in a file beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pixforge import __version__
from pixforge.report.scores import MEANINGS

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER: Final = Path(__file__).parent / "page"


def page(title: str) -> str:
    """Return the HTML of a review page."""
    template = environment().get_template("review.html")
    return template.render(title=title, version=__version__, meanings=MEANINGS)


@cache
def environment() -> Environment:
    """Return the templates; what is put into them is escaped."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
