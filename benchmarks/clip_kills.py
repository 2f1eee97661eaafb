"""SIGKILL of a batch of clips, each of which writes five files; see `benchmarks.kills`, which calls this."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

from benchmarks.drawings import FLAGS, drawing
from pixforge.engine.content import hash_file
from pixforge.engine.ledger import Ledger

FRAMES = 3
TARGETS = ("-t", "godot", "-t", "aseprite")


class ClipStage:
    """Folders of frames, and the files that must come of them: those of a run that nobody disturbs."""

    def __init__(self, folder: Path, count: int) -> None:
        self.folder = folder
        self.out = folder / "out"
        self.count = count
        for number in range(count):
            place = folder / "art" / f"clip{number:03}"
            place.mkdir(parents=True)
            for frame in range(FRAMES):
                (place / f"{frame}.png").write_bytes(drawing(number * FRAMES + frame))
        assert self.start("reference").wait() == 0
        self.wanted = self._files("reference")

    def start(self, out: str = "out") -> subprocess.Popen[bytes]:
        """Start a batch."""
        words = ["batch", "art", out, *FLAGS, *TARGETS, "--clips", "folder", "-j", "2"]
        command = [sys.executable, "-m", "pixforge", *words]
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def visible(self) -> dict[str, bytes]:
        """Return the outputs that somebody else would see."""
        return self._files("out")

    def whole(self) -> set[str]:
        """The clips of which every file is visible."""
        there = self.visible()
        names = {name.partition(".")[0] for name in self.wanted}
        return {clip for clip in names if all(name in there for name in self.wanted if name.startswith(f"{clip}."))}

    def made(self) -> dict[str, int]:
        """Return how often each clip was converted; check that the ledger knows every visible file as it is."""
        database = self.out / ".pixforge" / "ledger.db"
        if not database.exists():
            return {}
        with Ledger(database, self.out) as ledger:
            rows = {path.stem: row for path, row in ledger.rows()}
        for name in self.visible():
            row = rows.get(name.partition(".")[0])
            assert row is not None, f"{name} is visible and the ledger does not know it"
            known = {output.path.name: output.content for output in row.outputs}
            assert known.get(name) == hash_file(self.out / name), f"{name} is not what the ledger says"
        return {name: row.made for name, row in rows.items()}

    def check_visible(self) -> None:
        """Every visible file is complete and right."""
        for name, data in self.visible().items():
            assert data == self.wanted.get(name), f"{name} is wrong"

    def check_complete(self) -> None:
        """Every file is there and right, and no other."""
        assert self.visible() == self.wanted, "outputs are missing or wrong"

    def check_once(self, whole: set[str], before: dict[str, int]) -> None:
        """No clip that was complete was converted again."""
        after = self.made()
        twice = [name for name in whole if after[name] != before[name]]
        assert not twice, f"converted twice: {twice}"

    def moment(self, chance: random.Random) -> int:
        """A number of files after which to strike."""
        return chance.randrange(len(self.wanted))

    def _files(self, out: str) -> dict[str, bytes]:
        places = (self.folder / out).glob("*")
        return {path.name: path.read_bytes() for path in places if path.is_file() and path.name[0] != "."}
