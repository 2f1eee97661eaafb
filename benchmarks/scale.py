"""Memory and time of a batch and of a watch over very many files, of which none changed.

python -m benchmarks.scale --files 50000
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.drawings import FLAGS, drawing
from pixforge.watch.health import read_health

KINDS = 50  # drawings that differ; the others have their bytes, so that making the tree takes minutes, not hours


def paint(folder: Path, files: int) -> None:
    """Make the tree, long ago."""
    shared = [drawing(seed) for seed in range(KINDS)]
    for number in range(files):
        path = folder / "art" / f"{number // 500:04}" / f"{number:06}.png"
        if number % 500 == 0:
            path.parent.mkdir(parents=True)
        path.write_bytes(shared[number % KINDS])
        os.utime(path, ns=(10**18 + number, 10**18 + number))


def command(name: str, *more: str) -> list[str]:
    """Return a command line of pixforge."""
    return [sys.executable, "-m", "pixforge", name, "art", "out", *FLAGS, *more]


def batch(folder: Path) -> dict[str, float]:
    """Run a batch and return its seconds, processor seconds and most memory."""
    started = time.perf_counter()
    process = subprocess.Popen(command("batch"), cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    seconds = round(time.perf_counter() - started, 2)
    return {"s": seconds, "cpu_s": round(usage.ru_utime + usage.ru_stime, 2), "mb": round(usage.ru_maxrss / 1024, 1)}


def watch(folder: Path, *more: str) -> dict[str, float]:
    """Start a watch, wait until it has gone through everything, and return its seconds and memory then and later."""
    started = time.perf_counter()
    process = subprocess.Popen(command("watch", *more), cwd=folder, stderr=subprocess.DEVNULL)
    state = folder / "out" / ".pixforge"
    while not (read_health(state) or {}).get("ready"):
        assert process.poll() is None
        time.sleep(0.2)
    ready = time.perf_counter() - started
    first = _memory(process.pid)
    time.sleep(15)
    later = _memory(process.pid)
    process.terminate()
    assert process.wait() == 0
    return {"ready_s": round(ready, 2), "mb": first, "mb_after_15_s": later}


def _memory(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return round(int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024, 1)


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=50_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pixforge-scale-") as name:
        folder = Path(name)
        paint(folder, given.files)
        said: dict[str, object] = {"files": given.files, "load": os.getloadavg()[0]}
        said["first"] = batch(folder)
        said["unchanged"] = [batch(folder), batch(folder)]
        said["watch_native"] = watch(folder, "--native")
        said["watch_polling"] = watch(folder, "--poll")
        print(json.dumps(said, indent=2))


if __name__ == "__main__":
    main()
