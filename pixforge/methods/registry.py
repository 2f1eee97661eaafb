"""Which methods there are: every module of this folder that is not part of its machinery."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

from pixforge import methods
from pixforge.errors import MissingDependencyError, SettingsError, install_extra
from pixforge.pixel.options import Direction
from pixforge.typed_toml import unknown_hint

if TYPE_CHECKING:
    from pixforge.methods.contract import Session

_MACHINERY = frozenset({"contract", "registry"})


class MethodModule(Protocol):
    """What a method module declares (see `pixforge.methods`)."""

    DIRECTIONS: tuple[Direction, ...]
    EXTRA: str | None
    REQUIRES: tuple[str, ...]
    Options: type

    def open_session(self, options: object, model: str) -> Session:
        """Load the model and return a session."""
        ...


@cache
def names() -> tuple[str, ...]:
    """Return the names of all methods, installed or not, in alphabetical order."""
    found = (module.name for module in pkgutil.iter_modules(methods.__path__))
    return tuple(sorted(name for name in found if name not in _MACHINERY and not name.startswith("_")))


def load(name: str) -> MethodModule:
    """Return the module of a method; only its light head is imported.

    Raises:
        SettingsError: there is no such method.
    """
    if name not in names():
        raise SettingsError(f'there is no method "{name}"', unknown_hint(name, names()))
    return cast("MethodModule", importlib.import_module(f"pixforge.methods.{name}"))


def missing(module: MethodModule, model: str = "") -> tuple[str, ...]:
    """Return the packages that a method needs and that are not installed.

    A method module may have `requires(model) -> tuple[str, ...]`, where models differ in what they need.
    """
    asked = getattr(module, "requires", None)
    needed = asked(model) if model and asked is not None else module.REQUIRES
    return tuple(name for name in needed if importlib.util.find_spec(name) is None)


def directions(module: MethodModule, model: str = "") -> tuple[Direction, ...]:
    """Return the directions that a method converts in, with a model if one is named.

    A method module may have `directions(model)`, where models differ in what they convert.
    """
    asked = getattr(module, "directions", None)
    return cast("tuple[Direction, ...]", asked(model)) if model and asked is not None else module.DIRECTIONS


def install_command(module: MethodModule) -> str:
    """Return the command that installs what a method needs; the executable can only be left for the package."""
    if module.EXTRA or getattr(sys, "frozen", False):
        return install_extra(module.EXTRA or "all")
    return "pip install --force-reinstall pixforge"


def require(name: str, model: str = "") -> MethodModule:
    """Return the module of a method that can be used now; with a model, that this one can be.

    Raises:
        SettingsError: there is no such method.
        MissingDependencyError: a package that it needs is not installed; the remedy names the extra.
    """
    module = load(name)
    absent = missing(module, model)
    if absent:
        raise MissingDependencyError(f'method "{name}" needs {", ".join(absent)}', install_command(module))
    return module
