"""From a file to a Preset, or to every mistake of the file at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pixforge.errors import SettingsError
from pixforge.exporters import registry as targets
from pixforge.methods import registry as methods
from pixforge.pixel.options import Direction, GridOptions, PaletteOptions
from pixforge.preset import overrides as over
from pixforge.preset.model import DEFAULT_PRESET, FIT_COLORS, SECTIONS, MethodChoice, MethodHead, Preset
from pixforge.preset.store import find
from pixforge.typed_toml import InvalidSettingsError, Problem, read_table, read_toml, show, unknown_hint

if TYPE_CHECKING:
    from pixforge.palettes.palette import Palette


@dataclass(frozen=True)
class _Top:
    """The keys outside any table."""

    direction: Direction
    description: str = ""


def load(name: str | Path = DEFAULT_PRESET, overrides: Mapping[str, object] | None = None) -> Preset:
    """Read a preset.

    Args:
        name: a name that is searched (see `pixforge.preset.store`), or a path.
        overrides: dotted keys (or nested tables) that replace those of the file; None removes a key.

    Raises:
        SettingsError: there is no such preset, it is not TOML, or (InvalidSettingsError) it has mistakes.
    """
    path = find(name)
    return parse(read_toml(path), path.stem, path, overrides)


def parse(
    table: Mapping[str, Any], name: str, path: Path | None = None, overrides: Mapping[str, object] | None = None
) -> Preset:
    """Turn the plain values of a preset file into a Preset.

    Args:
        table: as TOML gives them.
        name: what to call the preset.
        path: its file; palette files and styles are relative to its folder (without one: to the working folder).
        overrides: as for `load`.

    Raises:
        InvalidSettingsError: with every mistake; those of overrides are marked as such.
    """
    changed = over.apply(table, overrides or {})
    problems: list[Problem] = []
    preset = _assemble(changed, name, path, problems)
    if preset is None or problems:
        given = over.flatten(overrides or {})
        raise InvalidSettingsError([_mark(problem, given) for problem in problems], path)
    return preset


def _assemble(table: Mapping[str, Any], name: str, path: Path | None, problems: list[Problem]) -> Preset | None:
    known = ("direction", "description", "method", *SECTIONS)
    problems += [Problem("", key, "a known key", hint=unknown_hint(key, known)) for key in table if key not in known]
    top = read_table(_Top, {key: table[key] for key in ("direction", "description") if key in table}, "", problems)
    sections: dict[str, Any] = {
        key: read_table(cls, table.get(key, {}), key, problems) for key, cls in SECTIONS.items()
    }
    method = _read_method(table.get("method", {}), problems)
    if sections["grid"] is not None:
        problems += _check_grid(sections["grid"])
    problems += _check_targets(table.get("export"))
    if top is not None and method is not None:
        problems += _check_direction(top.direction, method)
    colors = None
    if sections["palette"] is not None:
        colors = _load_palette(sections["palette"], path, problems)
        problems += _check_reserve(sections["palette"], colors)
    if problems or top is None or method is None:
        return None
    method = _beside(method, path)
    return Preset(name, path, top.direction, top.description, method, **sections, colors=colors)


def _beside(method: MethodChoice, path: Path | None) -> MethodChoice:
    """What a method's options name by a path is relative to the preset's folder, like its palette file.

    A value that is nothing there stays as it is: the name of a style, a path that is absolute already.
    """
    if path is None:
        return method
    places = {name: path.parent / Path(getattr(method.options, name)).expanduser() for name in method.paths}
    found = {name: str(place.absolute()) for name, place in places.items() if _given(method, name) and place.exists()}
    return dataclasses.replace(method, options=dataclasses.replace(method.options, **found)) if found else method


def _given(method: MethodChoice, name: str) -> bool:
    return bool(getattr(method.options, name))


def _read_method(table: object, problems: list[Problem]) -> MethodChoice | None:
    """Read [method] and the tables of methods in it: all are checked, that of the chosen method is used."""
    if not isinstance(table, Mapping):
        problems.append(Problem("", "method", "a table", show(table)))
        return None
    own = {field.name for field in dataclasses.fields(MethodHead)}
    names = methods.names()
    known = sorted(own) + list(names)
    head = read_table(MethodHead, {key: value for key, value in table.items() if key in own}, "method", problems)
    options: dict[str, Any] = {}
    for key, value in table.items():
        if key in names:
            options[key] = read_table(methods.load(key).Options, value, f"method.{key}", problems)
        elif key not in own:
            problems.append(Problem("method", key, "a known key", hint=unknown_hint(key, known)))
    if head is None:
        return None
    if head.name not in names:
        problems.append(Problem("method", "name", "a method", show(head.name), unknown_hint(head.name, names)))
        return None
    chosen = options[head.name] if head.name in options else methods.load(head.name).Options()
    paths = getattr(methods.load(head.name), "PATHS", ())
    return None if chosen is None else MethodChoice(head.name, head.model, head.seed, chosen, tuple(paths))


def _check_grid(grid: GridOptions) -> Iterator[Problem]:
    wishes = {
        "size": grid.size is not None,
        "width/height": grid.width is not None or grid.height is not None,
        "cell": grid.cell is not None,
    }
    given = [name for name, wished in wishes.items() if wished]
    if len(given) > 1:
        keys = [key for key in ("size", "width", "height", "cell") if getattr(grid, key) is not None]
        yield Problem("grid", keys[-1], f"only one of {', '.join(wishes)}", " and ".join(given), "keep one of them")


def _check_targets(table: object) -> Iterator[Problem]:
    """Check the names as they stand in the file, whatever else in their table is wrong."""
    wanted = table.get("targets") if isinstance(table, Mapping) else None
    known = targets.names() if wanted else ()
    for number, target in enumerate(wanted if isinstance(wanted, (list, tuple)) else ()):
        if isinstance(target, str) and target not in known:
            yield Problem("export", f"targets[{number}]", "a target", show(target), unknown_hint(target, known))


def _check_direction(direction: Direction, method: MethodChoice) -> Iterator[Problem]:
    offered = methods.load(method.name).DIRECTIONS
    if direction not in offered:
        others = [name for name in methods.names() if direction in methods.load(name).DIRECTIONS]
        hint = f"methods for it: {', '.join(others)}" if others else "no method offers it yet"
        yield Problem(
            "", "direction", f'a direction of method "{method.name}": {", ".join(offered)}', show(direction), hint
        )


def _load_palette(options: PaletteOptions, path: Path | None, problems: list[Problem]) -> Palette | None:
    if options.source == "fit":
        return None
    from pixforge.palettes import registry as palettes

    try:
        return palettes.load(options.source, Path.cwd() if path is None else path.parent)
    except SettingsError as error:
        expected = '"fit", a built-in palette or a palette file'
        found = f"{show(options.source)}: {error.cause}"
        problems.append(Problem("palette", "source", expected, found, error.remedy))
        return None


def _check_reserve(options: PaletteOptions, colors: Palette | None) -> Iterator[Problem]:
    reserved = len({color.lower() for color in options.reserve})
    limit = options.colors or (FIT_COLORS if colors is None else reserved + 1)
    if reserved >= limit:
        yield Problem("palette", "reserve", f"fewer than {limit} colours (palette.colors)", f"{reserved}")


def _mark(problem: Problem, given: Mapping[str, object]) -> Problem:
    name = problem.name.partition("[")[0]
    if any(name == key or key.startswith(f"{name}.") or name.startswith(f"{key}.") for key in given):
        return dataclasses.replace(problem, hint="; ".join(filter(None, [problem.hint, "given as an option"])))
    return problem
