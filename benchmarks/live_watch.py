"""Real files under a real watch, by real events: written slowly, copied, moved, overwritten, saved by rename, held.

    python -m benchmarks.live_watch --files 1000
    python -m benchmarks.live_watch --files 1000 --poll

Each must be converted for its final content, none from a half-written state, and once where it was written once.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.drawings import FLAGS, drawing, expected
from pixforge.engine.ledger import Ledger
from pixforge.watch.health import read_health

PATIENCE = 900.0


class Painter:
    """Whoever puts drawings into the folder."""

    def __init__(self, folder: Path) -> None:
        self.art, self.aside = folder / "art", folder / "aside"
        self.art.mkdir(parents=True)
        self.aside.mkdir()
        self.final: dict[str, bytes] = {}
        self.once: set[str] = set()

    def slowly(self, name: str, seed: int) -> None:
        """Write in pieces, the file open all the time."""
        data = self._finally(name, seed, once=True)
        with (self.art / name).open("wb", buffering=0) as file:
            step = max(1, len(data) // 6)
            for start in range(0, len(data), step):
                file.write(data[start : start + step])
                time.sleep(0.15)

    def held(self, name: str, seed: int) -> None:
        """Write half, and keep the file open for longer than any settling time before the rest comes."""
        data = self._finally(name, seed, once=True)
        with (self.art / name).open("wb", buffering=0) as file:
            file.write(data[: len(data) // 2])
            time.sleep(2.5)
            file.write(data[len(data) // 2 :])

    def copied(self, name: str, seed: int) -> None:
        """Copy a finished file."""
        data = self._finally(name, seed, once=True)
        (self.aside / name).write_bytes(data)
        shutil.copy2(self.aside / name, self.art / name)

    def moved(self, name: str, seed: int) -> None:
        """Move a finished file in."""
        (self.aside / name).write_bytes(self._finally(name, seed, once=True))
        (self.aside / name).rename(self.art / name)

    def overwritten(self, name: str, seed: int) -> None:
        """Write, and write something else while the first is perhaps being converted."""
        (self.art / name).write_bytes(drawing(seed + 500_000))
        time.sleep(0.5)
        (self.art / name).write_bytes(self._finally(name, seed, once=False))

    def saved(self, name: str, seed: int) -> None:
        """Save as editors do: a file beside it takes its name; twice."""
        for number in (seed + 700_000, seed):
            data = drawing(number)
            beside = self.art / f".{name}.swp"
            beside.write_bytes(data)
            beside.rename(self.art / name)
        self._finally(name, seed, once=False)

    def _finally(self, name: str, seed: int, once: bool) -> bytes:
        data = drawing(seed)
        self.final[name] = data
        if once:
            self.once.add(name)
        return data

    def paint(self, files: int) -> None:
        """Do all of it, several at a time."""
        ways: list[Callable[[str, int], None]] = [
            self.slowly, self.copied, self.moved, self.overwritten, self.saved, self.held
        ]  # fmt: skip
        tasks = [(ways[number % len(ways)], f"{number:05}.png", number) for number in range(files)]
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    if not tasks:
                        return
                    way, name, seed = tasks.pop(0)
                way(name, seed)

        threads = [threading.Thread(target=work) for _ in range(min(24, files))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main() -> None:
    """Run, check, and print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--poll", action="store_true")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="pixforge-live-"))
    painter = Painter(folder)
    out = folder / "out"
    events = ["--poll", "--interval", "0.5"] if given.poll else ["--native"]
    command = [sys.executable, "-m", "pixforge", "watch", "art", "out", *FLAGS, *events, "--settle", "0.4"]
    with (folder / "log").open("wb") as log:
        daemon = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
        try:
            _until(lambda: (read_health(out / ".pixforge") or {}).get("beat", 0) > 0, daemon)
            started = time.monotonic()
            painter.paint(given.files)
            painted = time.monotonic()
            wanted = {name: expected(data, folder) for name, data in painter.final.items()}
            _until(lambda: all((out / name).exists() for name in wanted), daemon)
            _until(lambda: all((out / name).read_bytes() == data for name, data in wanted.items()), daemon)
            finished = time.monotonic()
        finally:
            daemon.terminate()
            daemon.wait()
    assert daemon.returncode == 0, "the watch did not end well"
    _check(painter, wanted, out, (folder / "log").read_text(encoding="utf-8", errors="replace"))
    print(json.dumps({
        "files": given.files, "events": "polling" if given.poll else "native",
        "painting_s": round(painted - started, 1), "until_all_right_s": round(finished - started, 1),
    }))  # fmt: skip
    shutil.rmtree(folder)


def _check(painter: Painter, wanted: dict[str, bytes], out: Path, log: str) -> None:
    assert "failed" not in log, "something was taken half written"
    assert "trouble" not in log
    assert {path.name for path in out.glob("*.png") if path.name[0] != "."} == set(wanted)
    with Ledger(out / ".pixforge" / "ledger.db", out) as ledger:
        made = {path.name: row.made for path, row in ledger.rows()}
    often = {name: count for name, count in made.items() if count > (1 if name in painter.once else 2)}
    assert not often, f"converted too often: {often}"


def _until(what: Callable[[], bool], daemon: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert daemon.poll() is None, "the watch ended"
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


if __name__ == "__main__":
    main()
