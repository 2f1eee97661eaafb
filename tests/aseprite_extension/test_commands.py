"""The extension's commands, from the menu to the changed sprite, with the real pixforge program."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pixforge.image import aseprite

App = Callable[..., Any]


def choose(**values: Any) -> Callable[[Any], None]:
    """A user who sets widgets and presses Convert."""

    def act(window: Any) -> None:
        for name, value in {"method": "identity", **values}.items():
            window.data[name] = value
        window.click("confirm")

    return act


def cancel(window: Any) -> None:
    window.click("cancel")


def rendered(document: aseprite.Document) -> list[np.ndarray[Any, Any]]:
    return [aseprite.render(document, number).pixels for number in range(len(document.frames))]


def same(one: aseprite.Document, other: aseprite.Document) -> bool:
    return aseprite.encode(one) == aseprite.encode(other)


def test_a_new_sprite_has_the_frames_times_tags_and_palette(aseprite_app: App, walk: Path) -> None:
    app = aseprite_app()
    app.open(walk)
    before = app.document()
    app.users = [choose(height=16, way="New sprite")]
    app.command("PixforgeConvertSprite")
    assert app.alerts == []
    assert app.sprites == 2
    made = app.document()
    assert (made.width, made.height) == (24, 16)
    assert [moment.duration for moment in made.frames] == [80, 120, 160]
    tag = made.tags[0]
    assert (tag.name, tag.first, tag.last, tag.direction, tag.repeat, tag.color) == (
        "walk",
        0,
        2,
        "pingpong",
        2,
        (1, 2, 3),
    )
    used = {tuple(color) for picture in rendered(made) for color in picture.reshape(-1, 4).tolist() if color[3]}
    assert used
    assert used <= {tuple(color) for color in made.frames[0].palette.tolist()}
    assert app.undo_labels() == ["Pixforge: new sprite"]
    assert app.stub["document"]()["filename"] == ""
    assert same(app.document(app.stub["documents"][1]), before)
