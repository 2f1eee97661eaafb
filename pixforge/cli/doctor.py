"""pixforge doctor: what is installed, what works, what to do about the rest.

JSON: python {version, executable}; platform; packages [{name, version, needed_by}] (version null: not installed;
needed_by "base" or an extra); methods [{name, directions, works, missing, install, needs_model, problem}]; presets
{shipped, user, project, broken}; palettes (how many are built in); folders [{path, use, writable}]; healthy (the base
install works).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import click

from pixforge import preset as presets
from pixforge.cli import options
from pixforge.cli.output import Output
from pixforge.errors import MissingDependencyError, PixforgeError, SettingsError
from pixforge.methods import registry

# Distribution names by what needs them; pyproject.toml is the source of the list, a test compares the two.
PACKAGES: Final[dict[str, tuple[str, ...]]] = {
    "base": ("click", "jinja2", "numpy", "onnxruntime", "pillow", "resvg-py", "rich", "tomlkit", "watchdog"),
    "style": ("safetensors", "tensorflow"),
    "diffusion": ("accelerate", "diffusers", "peft", "safetensors", "torch", "transformers"),
    "train": ("matplotlib", "onnx", "onnxscript", "safetensors", "tensorboardx", "torch"),
    "cluster": ("dask",),
    "studio": ("flask",),
}


@click.command(short_help="Say what is installed and which methods work.")
@options.manners
@click.pass_obj
def doctor(output: Output) -> int:
    """Say what is installed, which methods work, and what to install for the others."""
    output.command = "doctor"
    found: dict[str, Any] = {
        "python": {"version": sys.version.split()[0], "executable": sys.executable},
        "platform": _platform(),
        "packages": _packages(),
        "methods": [_method(name) for name in registry.names()],
        "presets": _presets(),
        "palettes": _palettes(),
        "folders": _folders(),
    }
    absent = [item["name"] for item in found["packages"] if item["version"] is None and item["needed_by"] == "base"]
    broken = [item["name"] for item in found["methods"] if item["problem"] and not item["needs_model"]]
    healthy = not absent and not broken
    _say(output, found)
    output.line("\nthe base install works" if healthy else f"\nnot in order: {', '.join(absent + broken)}")
    code = 0 if healthy else MissingDependencyError.exit_code
    output.document({**found, "healthy": healthy}, code)
    return code


def _platform() -> str:
    import platform

    return platform.platform(terse=True)


def _packages() -> list[dict[str, Any]]:
    from importlib.metadata import PackageNotFoundError, version

    rows = []
    for extra, names in PACKAGES.items():
        for name in names:
            try:
                number: str | None = version(name)
            except PackageNotFoundError:
                number = None
            rows.append({"name": name, "version": number, "needed_by": extra})
    return rows


def _method(name: str) -> dict[str, Any]:
    module = registry.load(name)
    missing = registry.missing(module)
    failure = None if missing or module.EXTRA else _trial(name)
    # Without a model the install is in order: a model is the user's to train or to add.
    needs_model = isinstance(failure, MissingDependencyError)
    problem = None if failure is None else _told(failure)
    return {
        "name": name,
        "directions": list(module.DIRECTIONS),
        "works": not missing and problem is None,
        "missing": list(missing),
        "install": registry.install_command(module) if missing else None,
        "needs_model": needs_model,
        "problem": problem,
    }


def _told(failure: Exception) -> str:
    return str(failure) if isinstance(failure, PixforgeError) else f"{type(failure).__name__}: {failure}"


def _trial(name: str) -> Exception | None:
    """Convert a tiny picture with a method of the base install; return what went wrong, or None."""
    import numpy as np

    from pixforge import convert

    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[8:24, 8:24] = (200, 60, 40, 255)
    direction = registry.load(name).DIRECTIONS[0]
    try:
        convert(pixels, settings={"direction": direction, "method.name": name, "grid.size": [8, 8]})
    except Exception as error:  # noqa: BLE001  # whatever a broken install does is what the doctor is here to tell
        return error
    return None


def _presets() -> dict[str, Any]:
    counts: dict[str, Any] = {"shipped": 0, "user": 0, "project": 0}
    broken = []
    for found in presets.search():
        counts[found.origin] += 1
        try:
            presets.load(found.path)
        except SettingsError:
            broken.append(str(found.path))
    return {**counts, "broken": broken}


def _palettes() -> int:
    from pixforge.palettes import registry as palettes

    return len(palettes.builtin_names())


def _folders() -> list[dict[str, Any]]:
    from pixforge.preset.store import user_folder

    places = {
        "working folder": Path.cwd(),
        "user presets": user_folder(),
        "temporary files": Path(tempfile.gettempdir()),
    }
    return [{"path": str(path), "use": use, "writable": _writable(path)} for use, path in places.items()]


def _writable(path: Path) -> bool:
    """Whether files can be made in a folder; of one that is not there, in the nearest folder above it."""
    existing = next(folder for folder in (path, *path.parents) if folder.exists())
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _say(output: Output, found: dict[str, Any]) -> None:
    output.line(f"python {found['python']['version']} ({found['python']['executable']}), {found['platform']}")
    output.line("\npackages")
    for row in found["packages"]:
        output.line(f"  {row['name']:14} {row['version'] or 'not installed':16} {row['needed_by']}")
    output.line("\nmethods")
    for row in found["methods"]:
        state = "works" if row["works"] else row["problem"] or f"needs {', '.join(row['missing'])}: {row['install']}"
        output.line(f"  {row['name']:14} {', '.join(row['directions']):24} {state}")
    counts = found["presets"]
    numbers = ", ".join(f"{counts[origin]} {origin}" for origin in ("shipped", "user", "project"))
    output.line(f"\npresets: {numbers}; palettes: {found['palettes']} built in")
    for path in counts["broken"]:
        output.line(f"  has mistakes: {path}")
    output.line("\nfolders")
    for row in found["folders"]:
        output.line(f"  {'writable' if row['writable'] else 'NOT WRITABLE':12} {row['use']:16} {row['path']}")
