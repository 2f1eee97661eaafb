"""Which files of a folder belong together: the frames of a clip, the members of a cast."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pixforge.project.place import Place
from pixforge.project.scope import Recipe
from pixforge.sheet.numbered import natural_key, split_number

STAR: Final = "*"  # ends the name of several files; no file of a tree is called so


@dataclass(frozen=True)
class Group:
    """Files of one job.

    Attributes:
        key: name of the group in its folder: of a single file its own, of numbered frames "walk*", of a whole folder
            "*".
        names: the files, in the order of their frames.
        recipe: what is to be done with them.
    """

    key: str
    names: tuple[str, ...]
    recipe: Recipe

    @property
    def many(self) -> bool:
        """Whether it is a group at all; one that has a single file by chance is."""
        return self.key.endswith(STAR)


def key_of(name: str, recipe: Recipe) -> str:
    """Return the key of the group that a file belongs to."""
    if recipe.preset is None or recipe.gather in ("file", "sheet"):
        return name
    if recipe.gather in ("folder", "cast"):
        return STAR
    stem = os.path.splitext(name)[0]  # noqa: PTH122  # called for every file of a tree
    base, number = split_number(stem)
    if number is not None:
        return base + STAR
    return STAR if stem.isdigit() else name


def gathered(place: Place, names: Iterable[str]) -> Iterator[Group]:
    """Yield the groups of the files of a folder, in the order of their first files.

    Raises:
        SettingsError: a preset cannot be used.
    """
    found: dict[str, list[str]] = {}
    recipes: dict[str, Recipe] = {}
    for name in names:
        recipe = place.recipe(name)
        key = key_of(name, recipe)
        found.setdefault(key, []).append(name)
        recipes.setdefault(key, recipe)
    for key, members in found.items():
        yield Group(key, tuple(sorted(members, key=natural_key)), recipes[key])
