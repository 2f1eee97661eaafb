"""Conversion methods, one module each: the folder is the registry.

A method module declares, with nothing heavier than the standard library imported at its head:

    DIRECTIONS: tuple[Direction, ...]      the directions it offers
    EXTRA: str | None                      the extra that installs what it needs (None: the base install)
    REQUIRES: tuple[str, ...]              importable packages it needs at the moment of use
    class Options                          a frozen dataclass: the preset table [method.<name>]
    def open_session(options: Options, model: str) -> Session

A session holds a loaded model and turns one prepared picture at a time into a draft (see `pixforge.methods.contract`).
Methods do not know each other.
"""
