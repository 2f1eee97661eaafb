"""Commands of the user round a job or a run. They get JSON on standard input and run without a shell."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from pixforge.errors import PixforgeError
from pixforge.project.schema import HooksTable

Event = Literal["before-run", "after-run", "before-job", "after-job"]
EVENTS: Final[tuple[Event, ...]] = ("before-run", "after-run", "before-job", "after-job")
_SAID: Final = 300


class HookError(PixforgeError):
    """A hook failed, and the user asked that this be fatal."""

    exit_code: ClassVar[int] = 3
    kind: ClassVar[str] = "hook"


@dataclass
class Hooks:
    """The hooks of a run.

    Attributes:
        table: the commands.
        folder: where they run.
        troubles: errors of hooks that failed, as plain values, when that is not fatal.
    """

    table: HooksTable
    folder: Path
    troubles: list[dict[str, Any]] = field(default_factory=list)

    def call(self, event: Event, content: Mapping[str, Any]) -> None:
        """Run the commands of an event, in their order, one after the other.

        Args:
            event: which.
            content: what they get as one JSON object, beside the key "event".

        Raises:
            HookError: one failed, and `strict` is set.
        """
        commands: tuple[str, ...] = getattr(self.table, event.replace("-", "_"))
        if not commands:
            return
        text = json.dumps({"event": event, **content})
        for command in commands:
            problem = self._run(command, text)
            if problem is None:
                continue
            error = HookError(f"the {event} hook `{command}` {problem}", "run it by hand, or correct it in [hooks]")
            if self.table.strict:
                raise error
            self.troubles.append(error.as_dict())

    def _run(self, command: str, text: str) -> str | None:
        """Return what went wrong, or None."""
        try:
            words = shlex.split(command, posix=os.name != "nt")
            done = subprocess.run(
                words, input=text, capture_output=True, text=True, check=False, cwd=self.folder,
                timeout=self.table.timeout, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"took longer than {self.table.timeout:g} s"
        except (OSError, ValueError) as error:
            return f"cannot be run ({error})"
        if done.returncode == 0:
            return None
        said = (done.stderr or done.stdout).strip()[-_SAID:]
        return f"ended with {done.returncode}" + (f": {said}" if said else "")


def with_commands(table: HooksTable, commands: Mapping[str, tuple[str, ...]], strict: bool | None) -> HooksTable:
    """Return the table with more commands (by event), and whether they are fatal if that was said."""
    names = [event.replace("-", "_") for event in EVENTS]
    merged = {name: (*getattr(table, name), *commands.get(name.replace("_", "-"), ())) for name in names}
    return HooksTable(**merged, strict=table.strict if strict is None else strict, timeout=table.timeout)
