"""A run of the optimisation tells how far it is, ends when nothing changes any more, and goes by its seed."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pixforge.cli.progress import frames_bar
from pixforge.image.picture import Picture
from pixforge.methods import style as method
from pixforge.methods._style.session import StyleSession
from pixforge.methods.contract import Request, listening, tell_steps
from pixforge.pixel.options import AlphaOptions, CleanupOptions, OutlineOptions

Draw = Callable[..., np.ndarray]
PALETTE = np.array([[30, 10, 20], [150, 30, 60], [200, 60, 40], [250, 240, 230]], np.uint8)


def _request(pixels: np.ndarray, seed: int = 0, palette: np.ndarray = PALETTE) -> Request:
    options = AlphaOptions(), OutlineOptions(), CleanupOptions()
    return Request(Picture(pixels), 12, 14, palette, "to-pixel", *options, seed=seed, series=object())


def test_who_listens_hears_of_every_look_and_of_the_end(model: str, style_art: Path, draw: Draw) -> None:
    session = StyleSession(method.Options(style=str(style_art), steps=23), model)
    heard: list[tuple[int, int]] = []
    with listening(lambda done, total: heard.append((done, total))):
        session.convert(_request(draw()))
    assert heard[:2] == [(10, 23), (20, 23)]
    assert heard[-1] == (23, 23)
    session.convert(_request(draw()))  # nobody listens any more
    assert heard[-1] == (23, 23)


def test_a_run_ends_when_the_picture_no_longer_changes(model: str, style_art: Path, draw: Draw) -> None:
    session = StyleSession(method.Options(style=str(style_art), steps=2000, strength=0.0, rate=1e-4), model)
    heard: list[tuple[int, int]] = []
    with listening(lambda done, total: heard.append((done, total))):
        session.convert(_request(draw()))
    assert session._last is not None
    assert session._last.solved.steps == 30  # three looks without a change
    assert heard[-1] == (2000, 2000)  # the bar goes all the same


def test_another_seed_is_another_run_and_the_same_seed_the_same(model: str, style_art: Path, draw: Draw) -> None:
    session = StyleSession(method.Options(style=str(style_art), steps=6, strength=5.0), model)
    reds = [[30, 10, 20], [120, 30, 25], [160, 45, 35], [200, 60, 40], [230, 90, 65], [245, 120, 90]]
    ramp = np.array(reds, np.uint8)  # shades of one hue, so that cells have a choice
    found = []
    for seed in (1, 2, 1):
        session.convert(_request(draw(), seed, ramp))
        assert session._last is not None
        found.append(session._last.solved.logits)
    np.testing.assert_array_equal(found[0], found[2])
    assert np.abs(found[0] - found[1]).max() > 1e-3


def test_on_a_terminal_bars_of_frames_and_steps_appear_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with frames_bar() as bar:
        assert bar is not None
        bar(1, 3)
        tell_steps(10, 120)
        bar._shown.refresh()
        tell_steps(120, 120)
        tell_steps(5, 120)  # of the next frame
        tell_steps(120, 120)
        bar(3, 3)
        assert bar._shown is None
    written = terminal.getvalue()
    assert "frames" in written
    assert "10/120" in written
    tell_steps(1, 2)  # outside nobody listens
    assert terminal.getvalue() == written


def test_a_picture_that_fails_takes_its_bar_away(model: str, style_art: Path, draw: Draw) -> None:
    session = StyleSession(method.Options(style=str(style_art), steps=20), model)
    heard: list[tuple[int, int]] = []

    def tell(done: int, total: int) -> None:
        heard.append((done, total))
        if done == 10:
            raise KeyboardInterrupt

    with listening(tell), pytest.raises(KeyboardInterrupt):
        session.convert(replace(_request(draw()), series=None))
    assert heard == [(10, 20), (20, 20)]
