"""Names of frames and of animations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePath

from pixforge.sheet.clip import Tag

_NUMBERED = re.compile(r"\{(frame|tagframe)(\d*)\}")


def frame_name(
    pattern: str,
    file: str,
    frame: int,
    tags: Sequence[Tag] = (),
    *,
    layer: str = "",
    group: str = "",
    at: int | None = None,
) -> str:
    """A frame's name by a pattern of Aseprite's.

    Args:
        pattern: text with {fullname}, {path}, {name}, {title}, {extension}, {layer}, {group}, {slice}, {tag},
            {innertag}, {outertag}, {frame}, {tagframe}; a number after "frame", such as {frame001}, says where to
            start and how many digits to write.
        file: the file that the frames come from.
        frame: its number, as it is written.
        tags: the tags of the sprite.
        layer: name of the layer.
        group: name of the group.
        at: its number in the sprite, by which its tags are found; None: `frame`.
    """
    at = frame if at is None else at
    path = PurePath(file)
    around = [tag for tag in tags if tag.first <= at <= tag.last]
    inner = min(around, key=lambda tag: tag.last - tag.first, default=None)
    outer = max(around, key=lambda tag: tag.last - tag.first, default=None)
    numbers = {"frame": frame, "tagframe": at - inner.first if inner else frame}
    text = _NUMBERED.sub(lambda match: _digits(match, numbers[match[1]]), pattern)
    words = {
        "{fullname}": file,
        "{path}": str(path.parent),
        "{name}": path.name,
        "{title}": path.stem,
        "{extension}": path.suffix.removeprefix("."),
        "{layer}": layer,
        "{group}": group,
        "{slice}": "",
        "{tag}": inner.name if inner else "",
        "{innertag}": inner.name if inner else "",
        "{outertag}": outer.name if outer else "",
    }
    for word, value in words.items():
        text = text.replace(word, value)
    return text


def _digits(match: re.Match[str], number: int) -> str:
    start = match[2]
    return f"{number + int(start or 0):0{len(start)}d}" if start else str(number)


def distinct(names: Sequence[str], fallback: str) -> list[str]:
    """The same names, none empty and none twice: a second "walk" becomes "walk_2"."""
    found: dict[str, None] = {}
    for name in names:
        base = name.strip() or fallback
        wanted, number = base, 1
        while wanted in found:
            number += 1
            wanted = f"{base}_{number}"
        found[wanted] = None
    return list(found)
