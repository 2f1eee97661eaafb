"""Weights load from Keras' format and from our own, give an independent network's numbers, and fail with a reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from torch.nn import functional

from pixforge.errors import MissingDependencyError, SettingsError
from pixforge.nn.style import weights
from pixforge.nn.style.encoder import build
from pixforge.nn.style.layout import OWN, VGG19, Layout


def by_torch(layout: Layout, arrays: dict, picture: np.ndarray) -> dict[str, np.ndarray]:
    """The same network once more, in another framework."""
    x = picture[..., ::-1].copy() if layout.reverse else picture
    x = torch.from_numpy(x).permute(0, 3, 1, 2) * layout.scale - torch.tensor(layout.mean).view(1, 3, 1, 1)
    found = {}
    for number, stage in enumerate(layout.stages):
        if number:
            x = functional.max_pool2d(x, 2) if layout.pool == "max" else functional.avg_pool2d(x, 2)
        for name in stage.names:
            kernel, bias = (torch.from_numpy(part) for part in arrays[name])
            x = functional.relu(functional.conv2d(x, kernel.permute(3, 2, 0, 1), bias, padding=1))
            found[name] = x.permute(0, 2, 3, 1).numpy()
    return found


def write_keras(path: Path, arrays: dict) -> Path:
    """As the files that keras.applications downloads."""
    with h5py.File(path, "w") as file:
        for name, (kernel, bias) in arrays.items():
            group = file.create_group(name)
            group[f"{name}_W_1:0"], group[f"{name}_b_1:0"] = kernel, bias
    return path


@pytest.fixture(scope="module")
def vgg19(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that Keras itself saved: its VGG-19 with random weights."""
    import keras

    keras.utils.set_random_seed(4)
    network = keras.applications.VGG19(weights=None, include_top=False)
    path = tmp_path_factory.mktemp("vgg") / "random.h5"
    network.save(path)
    return path


@pytest.mark.filterwarnings("ignore")
def test_vgg19_of_a_file_that_keras_saved_gives_the_numbers_of_another_framework(vgg19: Path) -> None:
    loaded = weights.load(str(vgg19))
    assert loaded.layout is VGG19
    picture = np.random.default_rng(0).random((1, 32, 32, 3), np.float32)
    ours = build(loaded, half=False).features(picture, VGG19.names)
    for name, wanted in by_torch(VGG19, loaded.arrays, picture).items():
        assert np.abs(np.asarray(ours[name]) - wanted).max() <= 1e-4 * np.abs(wanted).max(), name


def test_our_own_layout_gives_the_numbers_of_another_framework(random_weights: Callable) -> None:
    arrays = random_weights(OWN)
    picture = np.random.default_rng(1).random((1, 24, 20, 3), np.float32)
    ours = build(weights.of_arrays(OWN, arrays, "random"), half=False).features(picture, OWN.names)
    for name, wanted in by_torch(OWN, arrays, picture).items():
        np.testing.assert_allclose(ours[name], wanted, rtol=1e-4, atol=1e-4 * wanted.max())


def test_half_precision_is_near_full_precision(random_weights: Callable) -> None:
    loaded = weights.of_arrays(OWN, random_weights(OWN), "random")
    picture = np.random.default_rng(1).random((1, 24, 20, 3), np.float32)
    full, half = (build(loaded, half=half).features(picture, ["conv3_2"])["conv3_2"].numpy() for half in (False, True))
    assert np.abs(full - half).mean() < 0.03 * np.abs(full).mean()


def test_nothing_behind_the_last_wanted_layer_is_computed(random_weights: Callable) -> None:
    arrays = random_weights(OWN)
    encoder = build(weights.of_arrays(OWN, arrays, "random"), half=False)
    del encoder.kernels["conv3_1"]  # type: ignore[attr-defined]
    assert set(encoder.features(np.zeros((1, 16, 16, 3), np.float32), ["conv2_1"])) == {"conv2_1"}


def test_a_file_in_the_store_that_is_not_imagenets_is_refused(
    vgg19: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_DATA_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    from pixforge.nn.store import user_folder

    user_folder().mkdir(parents=True)
    (user_folder() / "vgg19.h5").write_bytes(vgg19.read_bytes()[:5000])
    with pytest.raises(SettingsError, match="not the VGG-19 that Keras publishes"):
        weights.load("vgg19")


def test_without_a_connection_the_message_says_where_to_put_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keras

    def fails(**_: object) -> None:
        raise Exception("URL fetch failure: name resolution")  # what Keras raises

    monkeypatch.setattr(keras.applications, "VGG19", fails)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="cannot be downloaded") as caught:
        weights.load("vgg19")
    assert "notop.h5" in caught.value.remedy
    assert "bundled" in caught.value.remedy


def test_broken_weights_are_refused_with_a_reason(random_weights: Callable, tmp_path: Path) -> None:
    arrays = random_weights(OWN)
    kernel, bias = arrays["conv2_1"]
    with pytest.raises(SettingsError, match=r"conv2_1.*not finite"):
        weights.of_arrays(OWN, arrays | {"conv2_1": (kernel * np.nan, bias)}, "x")
    with pytest.raises(SettingsError, match=r"conv2_1 has the shape"):
        weights.of_arrays(OWN, arrays | {"conv2_1": (kernel[..., :5], bias)}, "x")
    (tmp_path / "text.h5").write_text("no weights")
    with pytest.raises(SettingsError, match="no HDF5 file"):
        weights.load(str(tmp_path / "text.h5"))
    with pytest.raises(SettingsError, match="lacks the layer block1_conv1"):
        weights.load(str(write_keras(tmp_path / "other.h5", {"dense": arrays["conv1_1"]})))
    with pytest.raises(MissingDependencyError, match="no such weights"):
        weights.load(str(tmp_path / "absent.h5"))
    with pytest.raises(SettingsError, match="no encoder"):
        weights.read_own(b"nothing", "", tmp_path)


def test_an_encoder_comes_back_from_its_file_in_half_precision(random_weights: Callable, tmp_path: Path) -> None:
    arrays = random_weights(OWN)
    data = weights.write_own(arrays)
    assert data == weights.write_own(arrays)
    assert len(data) < 8_000_000
    for name, parts in weights.read_own(data, "d", tmp_path).arrays.items():
        for found, wanted in zip(parts, arrays[name], strict=True):
            np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3)
