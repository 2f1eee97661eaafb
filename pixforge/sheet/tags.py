"""In which order a tag plays its frames, for engines that know only "from first to last"."""

from __future__ import annotations

from pixforge.sheet.clip import Clip, Tag


def play_order(tag: Tag) -> tuple[int, ...]:
    """The frame numbers that a tag shows, one after the other.

    An endless tag gives one period of its loop: a ping-pong of frames 0 to 3 is 0 1 2 3 2 1. A tag with a repeat count
    gives everything it plays: each time of a ping-pong is one way, and a turning frame is not shown twice.
    """
    way = list(range(tag.first, tag.last + 1))
    if tag.direction in {"reverse", "pingpong_reverse"}:
        way.reverse()
    if tag.direction in {"forward", "reverse"}:
        return tuple(way * max(tag.repeat, 1))
    if len(way) == 1:
        return tuple(way)
    if tag.repeat == 0:
        return tuple(way + way[-2:0:-1])
    order = list(way)
    for turn in range(1, tag.repeat):
        order += way[-2::-1] if turn % 2 else way[1:]
    return tuple(order)


def is_loop(tag: Tag) -> bool:
    """Whether the tag plays for ever."""
    return tag.repeat == 0


def shown_order(clip: Clip) -> tuple[tuple[int, ...], int]:
    """The frames of an animated picture in their order, and how often it plays (0: for ever).

    One tag over all frames gives its direction and repeat count; otherwise every frame is shown once, for ever.
    """
    last = len(clip.frames) - 1
    if len(clip.tags) == 1 and (clip.tags[0].first, clip.tags[0].last) == (0, last):
        return play_order(clip.tags[0]), min(clip.tags[0].repeat, 1)
    return tuple(range(last + 1)), 0
