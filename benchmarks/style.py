"""Style transfer: the student report's procedure against ours, on the same pair and machine, in one run.

    python -m benchmarks.style examples/adventurer.png dawnlike --student dawnlike --steps 3 [--write]

Each contender runs in a process of its own, on one thread, one after the other: the report's procedure, the
optimisation, and a student of the style. Times are seconds of the processor, which other programs on the machine
hardly change, and the ratios are of these. The report's 1000 steps are not run: the first step (which compiles) is
left out, the next `--steps` are timed and scaled to 1000; the start of its process is not counted, ours is. Without
`--vgg19 FILE` the network has VGG-19's shape and random weights: time and memory are the same, its picture means
nothing and is not judged. `--write` keeps the findings in benchmarks/results/style.json.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Figure, Point, Result, Table, write
from pixforge.nn.style.layout import VGG19, Layout

_STEPS: Final = 1000
_AGAIN: Final = 9  # runs of the student, of which the median counts
Arrays = dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]
Row = dict[str, Any]


def main() -> int:
    """Run every contender, print a line each, and write the result down if that is wanted."""
    arguments = _arguments()
    if arguments.only:
        print(json.dumps({"report": _report, "ours": _ours, "student": _student}[arguments.only](arguments)))
        return 0
    rows: dict[str, Row] = {}
    for kind in ("report", "ours", *(("student",) if arguments.student else ())):
        command = [sys.executable, "-m", "benchmarks.style", *sys.argv[1:], "--only", kind]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-2000:])
            return done.returncode
        rows[kind] = json.loads(done.stdout.splitlines()[-1])
        print(f"{kind:8}", "  ".join(f"{name} {value}" for name, value in rows[kind].items()), flush=True)
    for name, value in ratios(rows).items():
        print(f"{name}: {value:,.0f}")
    if arguments.write:
        print(write(result(rows, arguments), "style"))
    return 0


def ratios(rows: dict[str, Row]) -> dict[str, float]:
    """Return how much less processor time each of our pictures takes than the report's procedure."""
    report = rows["report"]["first"]
    found = {
        "first picture, times less": report / rows["ours"]["first"],
        "second picture, times less": report / rows["ours"]["second"],
    }
    if "student" in rows:
        found["first picture of a student, times less"] = report / rows["student"]["first"]
        found["second picture of a student, times less"] = report / rows["student"]["second"]
    return {name: round(value, 1) for name, value in found.items()}


def result(rows: dict[str, Row], arguments: argparse.Namespace) -> Result:
    """Return what the run found."""
    less, student = ratios(rows), "student" in rows
    trained = "; the student is the bundled one of this style" if arguments.student == arguments.style else ""
    options = f" --student {Path(arguments.student).name}" if student else ""
    return Result(
        title="Style transfer against the report's procedure",
        command=f"python -m benchmarks.style {arguments.content.as_posix()} {arguments.style}{options} "
        f"--steps {arguments.steps} --write",
        kind="long",
        recipe="the bundled encoder; the procedure of the report with weights of VGG-19's shape at random, which cost "
        "the same time and memory; one thread each, one after the other" + trained,
        summary="Each time is processor time of one run. The report's procedure knows neither cells nor a palette: its "
        "picture is pixelised afterwards, if at all. What method `style` is for, and what not: "
        "[style transfer](style.md).",
        values=less,
        points=(*_times(rows, less), *_properties(rows["report"], rows["ours"])),
        tables=(_table(rows),),
        pictures=(Figure("style.png", _CAPTION),),
    )


def _table(rows: dict[str, Row]) -> Table:
    steps = rows["report"]["measured steps"]
    return Table(
        "One pair, one run",
        ["", "the report's procedure", "pixforge, optimised", *(["pixforge, a student"] if "student" in rows else [])],
        [[name, *(row.get(key, "-") for row in rows.values())] for name, key in _ROWS],
        f"The report's figures are scaled from {steps} steps, without the start of its process. Its total variation is "
        "that after these steps; with random weights it tells nothing, and is not compared.",
    )


def _times(rows: dict[str, Row], less: dict[str, float]) -> tuple[Point, ...]:
    report, ours, student = rows["report"], rows["ours"], rows.get("student")
    measured = f"{report['step']:.2f} s a step ({report['measured steps']} measured) x {_STEPS:,}"
    second = f"{ours['second']:.1f} s with the optimisation: {less['second picture, times less']:,.0f} times less"
    if student:
        times = less["second picture of a student, times less"]
        second += f"; {1000 * student['second']:.0f} ms with a [student](style-student.md): {times:,.0f} times less"
    return (
        Point("style", "a new pair of drawing and style", "about 30 min on an M3",
              f"{report['first']:,.0f} s of the processor: {measured}",
              f"{ours['first']:.1f} s, start of the process included: "
              f"{less['first picture, times less']:,.0f} times less"),
        Point("style", "a second drawing in the same style", 'the same again: "peu scalable"', "the same again",
              second),
    )  # fmt: skip


def _properties(report: Row, ours: Row) -> tuple[Point, ...]:
    return (
        Point("style", "cells of one colour", '"one side gets pixelised background"',
              f"{report['uniform']:.0%}", "100%: the cells are what is optimised"),
        Point("style", "colours", "green tints of the style leak in", f"{report['colours']:,}",
              f"{ours['colours']}, of the drawing's own palette: no other can come in"),
        Point("style", "size and alpha", "", f"{report['size']}, {report['alpha']}",
              f"{ours['size']} as asked for, {ours['alpha']}"),
        Point("style", "memory", "", f"{report['memory']:,} MB", f"{ours['memory']:,} MB"),
        Point("style", "an encoder trained on pixel art in place of VGG-19", "what the authors would try", "",
              "bundled, 0.9 MB; `pixforge train encoder` makes another"),
        Point("style", "edges", '"too smooth"', "", "lines of method `classical`, held; areas alone change"),
    )  # fmt: skip


_ROWS: Final = (
    ("processor seconds to the first picture, start included", "first"),
    ("to the second picture", "second"),
    ("memory, MB", "memory"),
    ("size", "size"),
    ("colours", "colours"),
    ("cells of one colour", "uniform"),
    ("alpha", "alpha"),
    ("keeps the contract", "contract"),
    ("total variation as the report computes it", "variation"),
)
_CAPTION: Final = (
    "Twelve pairs. From left to right the drawing, method `classical`, method `style`; in the last row the sprite, the "
    "drawing made of it, and the sprite that `classical` makes of that drawing."
)


def _report(arguments: argparse.Namespace) -> Row:
    import tensorflow as tf

    one_thread()
    from pixforge.image.load import load
    from pixforge.methods._style.report import at_512
    from pixforge.nn.style import library, weights
    from pixforge.nn.style.encoder import build
    from pixforge.nn.style.full import ReportSettings, report_style

    loaded = (
        weights.load(str(arguments.vgg19)) if arguments.vgg19 else weights.of_arrays(VGG19, random(VGG19), "random")
    )
    content = at_512(load(arguments.content))
    style = at_512(load(library.find(arguments.style).files[0]))
    marks: list[float] = []
    encoder = build(loaded, half=False)
    for steps in (1, 1 + arguments.steps):
        started = time.process_time()
        made = report_style(encoder, content, style, ReportSettings(steps=steps))
        marks.append(time.process_time() - started)
    step = (marks[1] - marks[0]) / arguments.steps
    return {
        "first": round(marks[0] + step * (_STEPS - 1), 1),
        "second": round(step * _STEPS, 1),
        "step": round(step, 3),
        "measured steps": arguments.steps,
        "memory": _peak(),
        "size": f"{made.shape[1]} x {made.shape[0]}",
        "colours": len(np.unique(np.rint(made * 255).astype(np.uint8).reshape(-1, 3), axis=0)),
        "uniform": round(_uniform(made, arguments.size), 3),
        "alpha": "none: the ground is painted",
        "contract": "no",
        "variation": round(float(tf.image.total_variation(tf.constant(made))), 1),
    }


def _ours(arguments: argparse.Namespace) -> Row:
    one_thread()
    with tempfile.TemporaryDirectory() as folder:  # the first picture measures the style, the second has it kept
        os.environ["XDG_CACHE_HOME"] = os.environ["LOCALAPPDATA"] = folder
        return _converted(arguments, {"model": "bundled", "style": arguments.style}, 1)


def _student(arguments: argparse.Namespace) -> Row:
    return _converted(arguments, {"model": arguments.student}, _AGAIN)


def _converted(arguments: argparse.Namespace, options: Row, again: int) -> Row:
    """Convert a picture, and its mirror image so many times."""
    import pixforge
    from pixforge.evaluate.examine import keeps_contract
    from pixforge.image.load import load

    asked: Row = {"method": "style", "height": arguments.size, "colors": 16, **options}
    made = pixforge.convert(arguments.content, **asked)
    first = time.process_time()  # since the start of the process
    mirrored = np.ascontiguousarray(load(arguments.content).pixels[:, ::-1])
    seconds = []
    for _ in range(again):
        began = time.process_time()
        pixforge.convert(mirrored, **asked)
        seconds.append(time.process_time() - began)
    made.converted.encode()  # raises if the contract is broken
    cells = made.picture.pixels
    kept = keeps_contract(cells, cells.shape[1], arguments.size, 16)
    return {
        "first": round(first, 2),
        "second": round(statistics.median(seconds), 3),
        "memory": _peak(),
        "size": f"{cells.shape[1]} x {cells.shape[0]}",
        "colours": made.report.colors,
        "uniform": 1.0,
        "alpha": "hard" if np.isin(cells[..., 3], (0, 255)).all() else "soft",
        "contract": "yes" if kept else "no",
        "variation": _variation(made.picture),
    }


def _variation(picture: Any) -> float:  # noqa: ANN401  # a Picture, imported at use
    """Total variation of a sprite on white at 512 pixels, as tf.image.total_variation computes it."""
    from pixforge.image.resample import composite, resize

    shown = composite(picture, (255, 255, 255))
    share = 512 / max(shown.width, shown.height)
    large = resize(shown, round(shown.width * share), round(shown.height * share), "box").pixels[..., :3] / 255
    return round(float(sum(np.abs(np.diff(large, axis=axis)).sum() for axis in (0, 1))), 1)


def one_thread() -> None:
    """Have TensorFlow compute on one thread."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def random(layout: Layout) -> Arrays:
    """Return weights of a layout drawn as He et al. 2015 do, so that activations keep their size."""
    rng, inputs, arrays = np.random.default_rng(0), 3, {}
    for stage in layout.stages:
        for name in stage.names:
            spread = (2 / (9 * inputs)) ** 0.5
            kernel = (rng.standard_normal((3, 3, inputs, stage.channels)) * spread).astype(np.float32)
            arrays[name] = (kernel, np.zeros(stage.channels, np.float32))
            inputs = stage.channels
    return arrays


def _uniform(made: NDArray[np.float32], cells: int) -> float:
    """The share of the cells of which all pixels have one colour."""
    side = made.shape[0] // cells
    cut = np.rint(made[: cells * side, : made.shape[1] // side * side] * 255)
    blocks = cut.reshape(cells, side, -1, side, 3).transpose(0, 2, 1, 3, 4).reshape(-1, side * side, 3)
    return float((blocks == blocks[:, :1]).all(axis=(1, 2)).mean())


def _peak() -> int:
    """The largest resident size of this process in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("content", type=Path)
    parser.add_argument("style")
    parser.add_argument("--student", default="", help="a student of this style; without one it is left out")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--vgg19", type=Path)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--only", choices=["report", "ours", "student"], help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
