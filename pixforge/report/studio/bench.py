"""The workbench of the live page: pictures in memory, one conversion at a time, presets that are saved."""

from __future__ import annotations

import base64
import io
import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pixforge import preset as presets
from pixforge.errors import OutputError, PixforgeError, SettingsError
from pixforge.image.limits import Limits
from pixforge.image.load import load
from pixforge.image.picture import Picture
from pixforge.image.save import encode_png, write_atomic
from pixforge.preset import Preset
from pixforge.preset.dump import to_plain, to_toml
from pixforge.preset.store import find
from pixforge.report.films import in_place
from pixforge.report.scores import palette_use, score

MOST_PICTURES: Final = 12
_MOST_PAGES: Final = 64  # whose newest wish is remembered
_LIMITS: Final = Limits(max_pixels=1 << 25)
_SHOWN_SIDE: Final = 1024
# What the controls of the page set. Nothing else: options of methods (a style, a LoRA) may be paths.
_SETTABLE: Final = frozenset(
    {"grid.height", "grid.width", "grid.cell", "method.name", "palette.source", "palette.colors", "palette.dither"}
    | {"outline.mode", "outline.inner", "cleanup.orphans"}
)
_NAMED: Final = ("palette.source", "method.name")  # keys whose value is a plain name
_SIGNS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class SupersededError(PixforgeError):
    """A newer wish came while this one was waiting."""

    exit_code = 1
    kind = "superseded"


@dataclass(frozen=True, eq=False)
class Loaded:
    """A picture on the bench.

    Attributes:
        picture: it.
        name: of its file, to be shown.
    """

    picture: Picture
    name: str


class Bench:
    """What the page works on.

    Args:
        folder: where presets are searched from.
        saved: folder into which presets are saved.
    """

    def __init__(self, folder: Path, saved: Path) -> None:
        self.folder = folder
        self.saved = saved
        self._pictures: OrderedDict[str, Loaded] = OrderedDict()
        self._working = threading.Lock()
        self._counting = threading.Lock()
        self._newest: OrderedDict[str, int] = OrderedDict()  # wish of each page

    def add(self, data: bytes, name: str) -> dict[str, Any]:
        """Take a picture; the oldest goes when there are too many.

        Returns:
            id, name, width, height.

        Raises:
            PictureError: it is none.
            LimitError: it is too large.
        """
        with tempfile.TemporaryDirectory(prefix="pixforge-studio-") as folder:
            path = Path(folder) / "picture"
            path.write_bytes(data)
            try:
                picture = load(path, _LIMITS, first_frame=True)
            except PixforgeError as error:
                error.path = None  # a place that is gone says nothing
                raise
        return self.keep(picture, name)

    def keep(self, picture: Picture, name: str) -> dict[str, Any]:
        """Put a picture on the bench."""
        key = secrets.token_urlsafe(9)
        self._pictures[key] = Loaded(picture, name[:200])
        while len(self._pictures) > MOST_PICTURES:
            self._pictures.popitem(last=False)
        return {"id": key, "name": name[:200], "width": picture.width, "height": picture.height}

    def listed(self) -> list[dict[str, Any]]:
        """Return what lies on the bench, as `add` does."""
        return [
            {"id": key, "name": one.name, "width": one.picture.width, "height": one.picture.height}
            for key, one in self._pictures.items()
        ]

    def preset(self, name: str, values: Mapping[str, Any]) -> Preset:
        """Return a preset with keys replaced. The page chooses among names: it never names files.

        Raises:
            SettingsError: there is no such preset, or a key is not the page's to set, or a value is wrong.
        """
        for key in sorted(set(values) - _SETTABLE):
            raise SettingsError(f'"{str(key)[:80]}" is not for the page to set', "write it into a preset")
        for text in (name, *(str(values[key]) for key in _NAMED if key in values)):
            _check_name(text)
        return presets.load(find(name, self.folder), values)

    def values(self, name: str) -> dict[str, Any]:
        """Return every key of a preset."""
        return to_plain(self.preset(name, {}))

    def convert(self, key: str, preset: Preset, number: int, page: str = "") -> dict[str, Any]:
        """Convert a picture of the bench.

        Args:
            key: its id.
            preset: how.
            number: grows with each wish of a page; an older wish of the same page that still waits is dropped.
            page: which page wishes it.

        Returns:
            image and before (PNG, base64), width, height, palette, scores, seconds, facts.

        Raises:
            PixforgeError: it cannot be converted so; SupersededError: a newer wish came.
        """
        from pixforge.engine.pipeline import convert_picture

        source = self._get(key)
        self._remember(page, number)
        with self._working:
            if number < self._newest.get(page, number):
                raise SupersededError("a newer wish came", "none is needed")
            started = time.perf_counter()
            made = convert_picture(source.picture, preset)
            data = made.encode()
            seconds = time.perf_counter() - started
        before = next(iter(in_place([source.picture], preset)))
        pixel = preset.direction == "to-pixel"
        return {
            "image": _text(data),
            "before": _text(_shown(before)),
            "width": made.picture.width,
            "height": made.picture.height,
            "palette": palette_use([made.picture.pixels]) if pixel else [],
            "scores": score(before, made.picture) if pixel else {},
            "seconds": round(seconds, 4),
            "facts": made.facts.as_dict(),
        }

    def save(self, name: str, base: str, values: Mapping[str, Any], replace: bool) -> Path:
        """Save a preset with keys replaced as a file of the folder of presets.

        Raises:
            SettingsError: the name or a value is wrong.
            OutputError: there is such a file and it is not to be replaced; it cannot be written.
        """
        _check_name(name)
        path = self.saved / f"{name}.toml"
        preset = self.preset(base, values)
        if path.exists() and not replace:
            raise OutputError("is there already", "choose another name, or replace it", path)
        text = to_toml(preset)
        write_atomic(path, text.encode())
        return path

    def _remember(self, page: str, number: int) -> None:
        with self._counting:
            self._newest[page] = max(self._newest.pop(page, number), number)
            while len(self._newest) > _MOST_PAGES:
                self._newest.popitem(last=False)

    def _get(self, key: str) -> Loaded:
        try:
            return self._pictures[key]
        except KeyError:
            raise SettingsError("this picture is no longer on the bench", "drop it again") from None


def _check_name(text: str) -> None:
    """A name is never a path: only such names reach the disk.

    Raises:
        SettingsError: it is none.
    """
    if not text or len(text) > 64 or text[0] == "." or not set(text) <= _SIGNS or text.endswith((".toml", ".zip")):
        raise SettingsError(f'"{text[:80]}" is not a plain name', "use letters, digits, - and _")


def _shown(picture: Picture) -> bytes:
    """A source as the page shows it."""
    from pixforge.image.resample import resize

    scale = _SHOWN_SIDE / max(picture.width, picture.height)
    if scale < 1:
        picture = resize(picture, max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    if picture.opaque:
        return _fast_png(picture)
    return encode_png(picture, None, {})


def _fast_png(picture: Picture) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(picture.pixels, "RGBA").convert("RGB").save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
