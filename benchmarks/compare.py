"""pixforge beside other tools on the example drawings: speed, memory, contract and quality, in one run.

    python -m benchmarks.compare [--repeat 3] [--out build/bench] [--tools NAME,NAME] [--pictures NAME,NAME] [--write]

Every drawing is brought to 512x512 and asked for at 64x64 cells with 16 colours. The tools take turns on each drawing,
so that a busy machine is busy for all of them; compare within one run. `make bench` installs what this needs. With
--write the result becomes benchmarks/results/peers.json.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.metrics import score
from benchmarks.peer_tables import CELLS, COLORS, Run, contact, result_of
from benchmarks.pictures import load, sources, square
from benchmarks.record import ROOT, write

SIDE = 512
ADAPTERS = ROOT / "benchmarks" / "peers"
NOT_TOOLS = {"door", "torchvision_stand_in"}
NEW_PYTHON = {"img2pixelart"}  # needs Python 3.12
OURS = ("pixforge", "pixforge_cyclegan")


def main() -> None:
    """Measure; write every number to results.json, and the tables and pictures of the page."""
    options = _options()
    out: Path = options.out
    inputs = _inputs(ROOT / "examples", out / "inputs", options.pictures)
    results = [Run(tool, path.stem) for path in inputs for tool in options.tools]
    done: list[Run] = []
    for path in inputs:
        turn = [result for result in results if result.picture == path.stem]
        for turns in range(options.repeat):
            for result in turn:
                _cold(result, path, out, 0 if turns else options.warm)
        for result in turn:
            _warm(result, path, out, options.warm)
        print(f"{path.stem}: {', '.join(r.tool for r in turn if r.error) or 'none'} failed", file=sys.stderr)
        if options.write:  # after each drawing, so that a run that is cut short leaves something
            contact(inputs, out)
            write(result_of(done + turn, options.tools), "peers")
        done += turn
    (out / "results.json").write_text(json.dumps([asdict(result) for result in results], indent=1))
    found = result_of(results, options.tools)
    for table in found.tables:
        print(f"\n{table.title}\n| {' | '.join(table.columns)} |")
        for row in table.rows:
            print("|", " | ".join(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in row), "|")
    if options.write:
        contact(inputs, out)
        print(write(found, "peers"))
    print(f"every number: {out / 'results.json'}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--repeat", type=int, default=3, help="cold starts of each tool on each drawing")
    parser.add_argument("--warm", type=int, default=3, help="conversions inside a warm process")
    parser.add_argument("--tools", type=lambda text: text.split(","), default=_tools())
    parser.add_argument("--pictures", type=lambda text: text.split(","), default=None)
    parser.add_argument("--write", action="store_true", help="the result is that of the page")
    return parser.parse_args()


def _tools() -> list[str]:
    """Everybody whose environment is there, ourselves first."""
    adapters = (path.stem for path in ADAPTERS.glob("*.py") if path.stem not in NOT_TOOLS)
    return sorted((name for name in adapters if _python(name).exists()), key=lambda name: (name not in OURS, name))


def _inputs(folder: Path, out: Path, wanted: Sequence[str] | None) -> list[Path]:
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for path in sources(folder):
        if wanted is None or path.stem in wanted:
            paths.append(out / f"{path.stem}.png")
            square(load(path), SIDE).save(paths[-1])
    return paths


def _python(tool: str) -> Path:
    if tool in OURS:
        return ROOT / ".venv" / "bin" / "python"
    return ROOT / ".bench-venv" / ("new" if tool in NEW_PYTHON else "main") / "bin" / "python"


def _adapter(tool: str, source: Path, target: Path, warm: int) -> list[str]:
    asked = [str(number) for number in (CELLS, CELLS, COLORS, warm)]
    return [str(_python(tool)), "-m", f"benchmarks.peers.{tool}", str(source), str(target), *asked]


def _cold(result: Run, source: Path, out: Path, warm: int) -> None:
    """One process: pixforge by its command line; the others by the thinnest script, and so many times more inside it.

    Those are taken off its seconds, so that what remains is a conversion from process start.
    """
    if result.error:
        return
    target = _target(result, out)
    command = _adapter(result.tool, source, target, warm)
    if result.tool in OURS:
        command = [str(_python("pixforge").with_name("pixforge")), "convert", str(source), "-o", str(target)]
        command += ["--size", f"{CELLS}x{CELLS}", "--colors", str(COLORS), "--overwrite"]
        command += ["--method", "cyclegan"] if result.tool == "pixforge_cyclegan" else []
    report, text = _measure(result, command, target.with_suffix(".log"))
    if text is None:
        return
    if warm and result.tool not in OURS:
        _take_warm(result, text)
    result.wall.append(report["seconds"] - sum(result.warm))
    result.cpu.append(report["cpu"] - sum(result.warm_cpu))
    result.peak_mb = max(result.peak_mb, report["peak_mb"])
    made = _pixels(target)
    result.scores = score(_pixels(source), made, CELLS, CELLS, COLORS)
    result.digests.append(hashlib.sha256(made.tobytes()).hexdigest())


def _warm(result: Run, source: Path, out: Path, times: int) -> None:
    """Many conversions in one process, for pixforge, and where they were not made in a cold one's."""
    if result.error or (result.warm and result.tool not in OURS):
        return
    target = _target(result, out).with_suffix(".warm.png")
    _, text = _measure(result, _adapter(result.tool, source, target, times), target.with_suffix(".log"))
    if text is not None:
        _take_warm(result, text)
        result.digests.append(hashlib.sha256(_pixels(target).tobytes()).hexdigest())
    target.unlink(missing_ok=True)


def _take_warm(result: Run, text: str) -> None:
    result.warm, result.warm_cpu, digest = json.loads(
        next(line for line in reversed(text.splitlines()) if line.startswith("[["))
    )
    result.digests.append(digest)


def _pixels(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


def _target(result: Run, out: Path) -> Path:
    folder = out / result.tool
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{result.picture}.png"


def _measure(result: Run, command: list[str], log: Path) -> tuple[dict[str, float], str | None]:
    """The report of measure.py and what was printed; on failure None, and the last line printed becomes the error."""
    launcher = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "measure.py"), str(log)]
    done = subprocess.run([*launcher, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    text = log.read_text(errors="replace") if log.exists() else ""
    report: dict[str, float] = json.loads(done.stdout) if done.returncode == 0 else {"code": done.returncode}
    if report["code"]:
        lines = (text or done.stderr).strip().splitlines() or ["no output"]
        result.error = lines[-1][:200]
        return report, None
    return report, text


if __name__ == "__main__":
    main()
