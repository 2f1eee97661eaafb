"""A watch from start to stop: lock, ledger, source of changes, log and health round the core."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from pixforge.engine.ledger import Ledger
from pixforge.engine.lock import Lock
from pixforge.engine.machine import cores, worker_count, worker_memory
from pixforge.engine.prune import sweep
from pixforge.engine.workers import Executor, Processes, Setup
from pixforge.errors import OutputError, PictureError, SettingsError
from pixforge.project.hooks import Hooks
from pixforge.project.tree import Tree
from pixforge.watch.changes import Changes, Source
from pixforge.watch.core import Note, Watcher
from pixforge.watch.health import Health
from pixforge.watch.polling import PollingSource, on_network
from pixforge.watch.settling import is_being_written

LOG: Final = "watch.log"
_LOG_BYTES, _LOG_FILES = 1 << 20, 4
_BEAT: Final = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """How a watch is kept.

    Attributes:
        workers: processes; None: as many as cores and memory bear.
        stop: asked often; once it says True what was begun is finished and the watch ends.
        say: gets each line of the log, for the terminal.
    """

    workers: int | None
    stop: Callable[[], bool]
    say: Say


def keep_watch(load: Callable[[], Tree], options: Options) -> Health:
    """Watch until told to stop.

    Args:
        load: reads the tree; called again when its files change.
        options: how.

    Raises:
        PixforgeError: the tree cannot be watched (see `check`), another run works here, or workers cannot start.
    """
    tree = load()
    check(tree)
    with ExitStack() as stack:
        stack.enter_context(Lock(tree.state, "watch"))
        log = stack.enter_context(_Log(tree.state / LOG, options.say))
        ledger = stack.enter_context(Ledger(tree.ledger, tree.root))
        source = open_source(tree, log.line)
        stack.callback(source.close)
        hooks = Hooks(tree.hooks, tree.root)
        watcher = Watcher(tree, load, ledger, _opener(options.workers), hooks, options.stop, is_being_written)
        health = Health(str(tree.source), str(tree.output), source.name)
        if ledger.meta("running"):
            sweep(tree.output)
        ledger.remember("running", "yes")
        log.line(f"watching {tree.source} for {tree.output} ({source.name} events, process {health.pid})")
        hooks.call("before-run", {"source": str(tree.source), "output": str(tree.output)})
        for note in watcher.run(_live(watcher, source, health, log)):
            if note.kind in ("ready", "trouble", "recovered", "reloaded"):
                _beat(watcher, health, log)  # before it is told: who reads the log finds the health file
            _tell(note, health, log)
        with suppress(OutputError):  # a full disk: the next watch looks for half-written files, that is all
            ledger.remember("running", "")
        hooks.call("after-run", {"source": str(tree.source), "output": str(tree.output), "made": health.made})
        _beat(watcher, health, log, stopping=True)
        log.line(f"stopped; {health.made} made, {len(health.failing)} failing")
        return health


def check(tree: Tree) -> None:
    """Refuse what cannot be watched.

    Raises:
        PictureError: the source is no folder.
        SettingsError: the output lies inside the source and is not ignored there, or the other way round.
    """
    if not tree.source.is_dir():
        raise PictureError("is not a folder", "make it, or name another", tree.source)
    source, output = tree.source.resolve(), tree.output.resolve()
    if output == source:
        raise SettingsError("source and output are the same folder", "choose another output", tree.output)
    if output.is_relative_to(source):
        inside = tree.source / output.relative_to(source)
        above = [inside, *inside.parents]
        folders = above[: len(output.relative_to(source).parts)]
        if not any(tree.ignores(folder) for folder in folders):
            pattern = output.relative_to(source).as_posix()
            raise SettingsError(
                "the output lies inside the watched folder",
                f'choose another, or leave it out of the source: --ignore "{pattern}", or ignore = ["{pattern}"]',
                tree.output,
            )


def open_source(tree: Tree, line: Say) -> Source:
    """Return the source of changes that the tree asks for; polling where the system cannot report them."""
    watch = tree.watch
    if watch.events == "native" or (watch.events == "auto" and not on_network(tree.source)):
        from pixforge.watch.native import NativeSource

        try:
            return NativeSource(tree.source)
        except OSError as error:
            if watch.events == "native":
                raise SettingsError(
                    f"the system does not watch this folder ({error})", "use --poll", tree.source
                ) from error
            line(f"the system does not watch this folder ({error}); polling it")
    return PollingSource(lambda: tree.watched(onerror=lambda _: None), watch.interval)


def _opener(workers: int | None) -> Callable[[Tree, int], Executor]:
    def opened(tree: Tree, _waiting: int) -> Executor:
        count = worker_count(1 << 30, workers, worker_memory(tree.presets()))
        return Processes(count, Setup(tree.ledger, tree.root, max(1, cores() // count)))

    return opened


def _live(watcher: Watcher, source: Source, health: Health, log: _Log) -> Iterator[Changes]:
    beaten = 0.0
    yield Changes(time.monotonic(), everything=True)
    while True:
        if time.monotonic() - beaten > _BEAT:
            beaten = time.monotonic()
            _beat(watcher, health, log)
        yield source.take(watcher.patience)


def _beat(watcher: Watcher, health: Health, log: _Log, stopping: bool = False) -> None:
    health.waiting = 0 if stopping else watcher.waiting
    health.failing = {str(path): str(error["cause"]) for path, error in watcher.failing.items()}
    if watcher.hooks.troubles:
        for trouble in watcher.hooks.troubles:
            log.line(f"trouble: {trouble['cause']}")
        watcher.hooks.troubles.clear()
    try:
        health.write(watcher.tree.state)
    except OSError as error:
        log.line(f"trouble: the health file cannot be written ({error})")


def _tell(note: Note, health: Health, log: _Log) -> None:
    outcome = note.outcome
    if note.kind == "made" and outcome is not None:
        health.made += 1
        log.line(f"{outcome.status} {outcome.destination} from {outcome.source} in {outcome.seconds:.2f} s")
    elif note.kind == "failed" and note.error is not None:
        log.line(f"failed {note.path}: {note.error['cause']} ({note.error['remedy']})")
    elif note.kind == "removed":
        health.removed += 1
        log.line(f"removed {note.path}, its source is gone")
    elif note.kind == "reloaded":
        health.trouble = ""
        log.line(f"reloaded: {note.path} has changed")
    elif note.kind == "trouble" and note.error is not None:
        health.trouble = str(note.error["cause"])
        log.line(f"trouble: {note.error['path']}: {note.error['cause']} ({note.error['remedy']})")
    elif note.kind == "recovered":
        health.trouble = ""
        log.line("that trouble is over")
    elif note.kind == "ready":
        health.ready = True
        log.line("the whole folder has been gone through")


class _Rotating(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # the name is logging's
        """Lose the line: a full disk is no reason to end, and the line is said on the terminal as well."""


class _Log:
    """A file that is rotated before it grows large, and the terminal."""

    def __init__(self, path: Path, say: Say) -> None:
        self._say = say
        self._handler = _Rotating(
            path, maxBytes=_LOG_BYTES, backupCount=_LOG_FILES, encoding="utf-8", errors="backslashreplace", delay=True
        )
        self._handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))

    def __enter__(self) -> _Log:
        return self

    def __exit__(self, *_error: object) -> None:
        self._handler.close()

    def line(self, text: str) -> None:
        """Write a line."""
        self._handler.handle(logging.LogRecord("pixforge", logging.INFO, "", 0, text, (), None))
        self._say(text)
