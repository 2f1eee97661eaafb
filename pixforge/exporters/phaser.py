"""The JSON that Phaser's `load.aseprite` and `anims.createFromAseprite` read.

Phaser looks frames up by their numbers, so their names are "0", "1", ... It plays "pingpong_reverse" as forward; such a
tag gets entries of its own at the end of the list, in the order in which it plays.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pixforge.exporters.aseprite_json import Entry, frames, head, one_page, slice_entry, tag_entry, to_bytes
from pixforge.exporters.naming import distinct
from pixforge.exporters.pages import page_files
from pixforge.exporters.target import Asset, File
from pixforge.sheet.tags import play_order

TITLE: Final = "Phaser"
ENDINGS: Final = (".phaser.json", ".png")


def export(asset: Asset) -> tuple[File, ...]:
    """NAME.phaser.json and NAME.png.

    Raises:
        SettingsError: the sheet has several pages.
    """
    pages = page_files(asset)
    image = one_page(asset, pages, "phaser")
    order = list(range(len(asset.clip.frames)))
    tags = []
    for tag in asset.clip.animations(asset.name):
        if tag.direction == "pingpong_reverse":
            played = play_order(tag)
            tags.append(
                replace(tag, first=len(order), last=len(order) + len(played) - 1, direction="forward", repeat=0)
            )
            order += played
        else:
            tags.append(tag)
    cells, durations = asset.sheet.cells, asset.clip.durations
    entries = [Entry(str(place), cells[number], durations[number]) for place, number in enumerate(order)]
    page = asset.sheet.pages[0]
    meta = head(image, (page.width, page.height), indexed=False)
    names = distinct([tag.name for tag in tags], asset.name)
    meta["frameTags"] = [tag_entry(tag, name) for tag, name in zip(tags, names, strict=True)]
    meta["slices"] = [slice_entry(each) for each in asset.clip.slices]
    table = {"frames": frames(entries, "array"), "meta": meta}
    return *pages, File(f"{asset.name}.phaser.json", to_bytes(table))
