"""A file that `pixforge-aseprite` was given: its layers, tags and frames, as the options choose them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from pixforge.cli.aseprite_compat import Filters, UsageError
from pixforge.errors import PixforgeError
from pixforge.exporters import aseprite as aseprite_file
from pixforge.image import aseprite
from pixforge.sheet.sources import is_aseprite, read


@dataclass(frozen=True, eq=False)
class Opened:
    """A file and what is taken of it.

    Attributes:
        path: where it is.
        name: as it was given.
        document: its content.
        filters: what is taken.
    """

    path: Path
    name: str
    document: aseprite.Document
    filters: Filters

    @classmethod
    def read(cls, path: Path, name: str, filters: Filters) -> Opened:
        """Read an Aseprite file, or any picture or animation as one.

        Raises:
            PictureError: missing or damaged.
        """
        try:
            known = is_aseprite(path)
            document = aseprite.decode(path.read_bytes()) if known else aseprite_file.document(read([path]))
        except PixforgeError as error:
            error.path = error.path or path
            raise
        return cls(path, name, document, filters)

    def layer_path(self, index: int) -> str:
        """A layer's name with those of its groups before it: "body/arm"."""
        parents, names = self.document.parents(), [self.document.layers[index].name]
        parent = parents[index]
        while parent is not None:
            names.insert(0, self.document.layers[parent].name)
            parent = parents[parent]
        return "/".join(names)

    def chosen(self) -> list[int]:
        """The layers (groups too) that the filters leave, in the file's order."""
        document, filters = self.document, self.filters
        seen = set(self._visible())
        return [
            index
            for index, layer in enumerate(document.layers)
            if (self._matches(index, filters.layers) if filters.layers else index in seen)
            and not layer.reference
            and not self._matches(index, filters.ignored)
        ]

    def drawn(self) -> list[int]:
        """The layers, without groups, that are drawn."""
        return [n for n in self.chosen() if self.document.layers[n].kind is not aseprite.LayerKind.GROUP]

    def _visible(self) -> Iterator[int]:
        parents = self.document.parents()
        shown_now: list[bool] = []
        for index, layer in enumerate(self.document.layers):
            parent = parents[index]
            visible = self.filters.all_layers or layer.visible
            shown_now.append(visible and (parent is None or shown_now[parent]))
            if shown_now[-1]:
                yield index

    def _matches(self, index: int, wanted: Sequence[str]) -> bool:
        """Whether a layer is one of those wanted, or lies in one: by name, or by a path in which * is any letters."""
        path = self.layer_path(index)
        for each in wanted:
            same = [n for n, layer in enumerate(self.document.layers) if layer.name == each]
            full = self.layer_path(same[0]) if len(same) == 1 else each
            if index in same or fnmatchcase(path, full) or path.startswith(f"{full}/"):
                return True
        return False

    def tags(self) -> list[aseprite.Tag | None]:
        """The tags that are taken one by one, or one None for the whole sprite.

        Raises:
            UsageError: --tag names none of the file's tags.
        """
        if self.filters.tag is not None:
            found = [tag for tag in self.document.tags if tag.name == self.filters.tag]
            if not found:
                known = ", ".join(tag.name for tag in self.document.tags) or "it has none"
                raise UsageError(f'{self.name} has no tag "{self.filters.tag}"', f"its tags: {known}")
            return [found[0]]
        return list(self.document.tags) if self.filters.split_tags and self.document.tags else [None]

    def frames(self, tag: aseprite.Tag | None) -> list[int]:
        """The frames that are taken."""
        last = len(self.document.frames) - 1
        low, high = self.filters.frames or (0, last)
        if tag is not None:
            low, high = max(low, tag.first), min(high, tag.last)
        return list(range(low, min(high, last) + 1))


def listed(opened: Opened, flags: Collection[str]) -> Iterator[str]:
    """The lines that --list-layers, --list-tags and --list-slices print for a file; groups follow what they hold."""
    layers, document = opened.chosen(), opened.document
    if "list-layer-hierarchy" in flags:
        for index in layers:
            group = "/" if document.layers[index].kind is aseprite.LayerKind.GROUP else ""
            yield opened.layer_path(index) + group
    elif "list-layers" in flags:
        yield from (document.layers[index].name for index in _children_first(document, layers))
    if "list-tags" in flags:
        yield from (tag.name for tag in document.tags)
    if "list-slices" in flags:
        yield from (each.name for each in document.slices)


def _children_first(document: aseprite.Document, layers: Sequence[int]) -> list[int]:
    ordered: list[int] = []
    waiting: list[int] = []
    for index in layers:
        while waiting and document.layers[waiting[-1]].level >= document.layers[index].level:
            ordered.append(waiting.pop())
        if document.layers[index].kind is aseprite.LayerKind.GROUP:
            waiting.append(index)
        else:
            ordered.append(index)
    return ordered + waiting[::-1]
