"""Whose a file is: a clip has several, some of whose names are known only once it is converted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pixforge.engine.ledger_rows import Output, Row, is_there, written_down
from pixforge.engine.ledger_schema import Database, Names
from pixforge.engine.plan import Job, collide


class Owners:
    """The files of all jobs.

    Args:
        database, names: of the ledger.
        fetch: gives the row of a destination, as the ledger names it.
    """

    def __init__(self, database: Database, names: Names, fetch: Callable[[str], Row | None]) -> None:
        self._database = database
        self._names = names
        self._fetch = fetch

    def take_over(self, job: Job, outputs: Sequence[Output]) -> None:
        """Make the outputs this job's: refuse those of another source, take them from what is no longer wanted.

        Raises:
            OutputError: another job, whose source is still there, writes one of them.
        """
        key = self._names.write(job.destination)
        self._database.run("DELETE FROM files WHERE destination = ?", (key,))
        for output in outputs:
            name = self._names.write(output.path)
            owner = self._owner(name)
            if owner is not None and owner != key:
                self._release(job, owner, output)
            if name != key:
                self._database.run("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, key))

    def _owner(self, name: str) -> str | None:
        """The destination of the job that writes a file."""
        found = self._database.one("SELECT destination FROM files WHERE path = ?", (name,))
        if found is None:
            found = self._database.one("SELECT destination FROM jobs WHERE destination = ?", (name,))
        return None if found is None else str(found[0])

    def _release(self, job: Job, owner: str, output: Output) -> None:
        """Take a file from the job that made it before; one whose source is still there keeps its own."""
        row = self._fetch(owner)
        if row is None:
            return
        held = {each.path: each.role for each in row.outputs}.get(output.path.absolute())
        if held == "made" and output.role != "stale" and row.source != job.source.absolute() and is_there(row.source):
            raise collide(row.source, job.source, output.path)
        if held is not None:
            self.set_outputs(owner, [each for each in row.outputs if each.path != output.path.absolute()])

    def set_outputs(self, key: str, outputs: Sequence[Output]) -> None:
        """Write down what the job of a destination (as the ledger names it) has made."""
        self._database.run(
            "UPDATE jobs SET outputs = ? WHERE destination = ?", (written_down(outputs, self._names), key)
        )
