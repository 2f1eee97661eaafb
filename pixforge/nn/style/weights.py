"""Weights of encoders: our own (safetensors), and VGG-19 in Keras' format, from a file or from Keras' own download."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pixforge.errors import MissingDependencyError, SettingsError
from pixforge.nn import store
from pixforge.nn.style.layout import OWN, VGG16, VGG19, Layout

VGG19_NAME: Final = "vgg19"
# MD5 of the two ImageNet files that keras.applications downloads (it checks them the same way).
IMAGENET: Final = {
    "253f8cb515780f3b799900260a226db6": "VGG-19, ImageNet, without its classifier",
    "cbe5617147190e668d6c5d5026f83318": "VGG-19, ImageNet",
}
_KERAS_FILES: Final = (
    "vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5",
    "vgg19_weights_tf_dim_ordering_tf_kernels.h5",
)
_ENDINGS: Final = (".h5", ".hdf5", ".keras")
Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Weights:
    """What an encoder is made of.

    Attributes:
        layout: its layers.
        arrays: by layer the kernel (3, 3, in, out) and the bias (out,), float32.
        digest: SHA-256 (hex) of the file.
        title: for people.
    """

    layout: Layout
    arrays: Mapping[str, tuple[Array, Array]]
    digest: str
    title: str


def find(model: str) -> Path | None:
    """Return the file or folder that a model's name means; None: VGG-19 that Keras would have to download.

    Args:
        model: "bundled", "vgg19" (the file in the model store, or in Keras' cache), a model of the store, or a path to
            a folder with a card or to weights in Keras' format.

    Raises:
        MissingDependencyError: there is none.
    """
    if model == VGG19_NAME:
        places = [store.user_folder() / name for name in ("vgg19.h5", *_KERAS_FILES)]
        keras_home = Path(os.environ["KERAS_HOME"]) if os.environ.get("KERAS_HOME") else Path("~/.keras").expanduser()
        places += [keras_home / "models" / name for name in _KERAS_FILES]
        return next((path for path in places if path.is_file()), None)
    path = Path(model)
    if path.suffix in _ENDINGS:
        if not path.is_file():
            raise MissingDependencyError("there are no such weights", "check the path of --model", path)
        return path
    return store.find(model, "style")


def digest_of(model: str) -> str:
    """Return the digest that `load` would give, without reading arrays; "" where Keras would have to download.

    Raises:
        MissingDependencyError: there is no such model.
    """
    path = find(model)
    if path is None:
        return ""
    if path.suffix in _ENDINGS:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    return store.open_model(path).card.digest


def joined(*digests: str) -> str:
    """Return one digest of several."""
    return hashlib.sha256(" ".join(digests).encode()).hexdigest()


def load(model: str) -> Weights:
    """Load weights.

    Raises:
        MissingDependencyError: there are none, or they cannot be downloaded.
        SettingsError: the file is not what its name or its card says.
    """
    path = find(model)
    if path is None:
        path = _downloaded()
    if path.suffix in _ENDINGS:
        return _keras(path, imagenet=model == VGG19_NAME)
    opened = store.open_model(path)
    return read_own(opened.network("to-pixel"), opened.card.digest, path)


def read_own(data: bytes, digest: str, path: Path) -> Weights:
    """Read an encoder of our own layout out of the bytes of a safetensors file.

    Raises:
        SettingsError: arrays are missing, of another shape, or not finite.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as read_tensors

    try:
        stored = read_tensors(data)
        arrays = {
            name: (stored[f"{name}.kernel"].astype(np.float32), stored[f"{name}.bias"].astype(np.float32))
            for name in OWN.names
        }
    except (SafetensorError, KeyError) as error:
        raise SettingsError(f"is no encoder of method style: {error}", "add the model again", path) from error
    _check(OWN, arrays, path)
    return Weights(OWN, arrays, digest, "own encoder")


def write_own(arrays: Mapping[str, tuple[Array, Array]]) -> bytes:
    """Return the bytes of a safetensors file in half precision; the same arrays give the same bytes."""
    from safetensors.numpy import save

    flat: dict[str, Any] = {}
    for name, (kernel, bias) in arrays.items():
        flat[f"{name}.kernel"], flat[f"{name}.bias"] = kernel.astype(np.float16), bias.astype(np.float16)
    return bytes(save(flat))


def of_arrays(layout: Layout, arrays: Mapping[str, tuple[Array, Array]], title: str) -> Weights:
    """Return weights that are in memory already, checked.

    Raises:
        SettingsError: an array has another shape than the layout's, or is not finite.
    """
    _check(layout, arrays, Path(title))
    whole = hashlib.sha256()
    for name in layout.names:
        for array in arrays[name]:
            whole.update(np.ascontiguousarray(array, np.float32).tobytes())
    return Weights(layout, arrays, whole.hexdigest(), title)


def _keras(path: Path, imagenet: bool) -> Weights:
    """VGG-19 (or VGG-16) out of a file of Keras, with or without its classifier, by the names of its layers."""
    data = path.read_bytes()
    known = IMAGENET.get(hashlib.md5(data, usedforsecurity=False).hexdigest())
    if imagenet and known is None:
        remedy = "download it again, or give it by its path (--model FILE.h5) if you mean other weights than ImageNet's"
        raise SettingsError("is damaged, or not the VGG-19 that Keras publishes", remedy, path)
    arrays, layout = _named_arrays(path)
    _check(layout, arrays, path)
    return Weights(layout, arrays, hashlib.sha256(data).hexdigest(), known or f"VGG of {path.name}")


def _named_arrays(path: Path) -> tuple[dict[str, tuple[Array, Array]], Layout]:
    import h5py  # comes with TensorFlow

    try:
        with h5py.File(path, "r") as file:
            found: dict[str, dict[str, Array]] = {}

            def visit(name: str, item: object) -> None:
                if isinstance(item, h5py.Dataset):
                    layer = next((part for part in name.split("/") if part.startswith("block")), "")
                    kind = "kernel" if item.ndim == 4 else "bias"
                    found.setdefault(layer.removesuffix("_W_1:0").removesuffix("_b_1:0"), {})[kind] = np.asarray(
                        item, np.float32
                    )

            file.visititems(visit)
    except OSError as error:
        raise SettingsError(f"is no HDF5 file: {error}", "give weights in Keras' .h5 format", path) from error
    layout = VGG19 if "block5_conv4" in found else VGG16
    missing = [name for name in layout.names if set(found.get(name, {})) != {"kernel", "bias"}]
    if missing:
        raise SettingsError(f"lacks the layer {missing[0]}", "give weights of keras.applications.VGG19", path)
    return {name: (found[name]["kernel"], found[name]["bias"]) for name in layout.names}, layout


def _downloaded() -> Path:
    import keras

    try:
        keras.applications.VGG19(weights="imagenet", include_top=False)
    except Exception as error:  # Keras wraps the failures of its download in plain Exception
        remedy = (
            f"connect once, or put {_KERAS_FILES[0]} into {store.user_folder()}, or use the bundled encoder "
            "(--model bundled)"
        )
        raise MissingDependencyError(f"VGG-19's weights cannot be downloaded: {error}", remedy) from error
    path = find(VGG19_NAME)
    if path is None:
        raise MissingDependencyError("Keras keeps its weights elsewhere", f"copy them to {store.user_folder()}")
    return path


def _check(layout: Layout, arrays: Mapping[str, tuple[Array, Array]], path: Path) -> None:
    inputs = 3
    for stage in layout.stages:
        for name in stage.names:
            kernel, bias = arrays[name]
            if kernel.shape != (3, 3, inputs, stage.channels) or bias.shape != (stage.channels,):
                raise SettingsError(f"layer {name} has the shape {kernel.shape}", "give other weights", path)
            if not (np.isfinite(kernel).all() and np.isfinite(bias).all()):
                raise SettingsError(f"layer {name} holds numbers that are not finite", "give other weights", path)
            inputs = stage.channels
