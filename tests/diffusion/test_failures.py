"""Whatever is wrong with a model has a cause, a remedy, and names the file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from pixforge.errors import MissingDependencyError, PixforgeError, SettingsError
from pixforge.methods.diffusion import Options, open_session


def refused(model: Path | str, **options: object) -> PixforgeError:
    with pytest.raises(PixforgeError) as caught:
        open_session(Options(**options), str(model))
    assert caught.value.cause
    assert caught.value.remedy
    return caught.value


def copy(folder: Path, target: Path) -> Path:
    shutil.copytree(folder, target)
    return target


@pytest.mark.parametrize("ending", [".ckpt", ".bin", ".pt", ".CKPT"])
def test_a_pickle_is_refused_unread(ending: str, tmp_path: Path) -> None:
    """A pickle that would write a file when it is loaded: the file is never written."""
    trap = tmp_path / "trap"
    pickle = tmp_path / f"model{ending}"
    pickle.write_bytes(b"cpathlib\nPath.touch\n(cpathlib\nPath\n(S'" + str(trap).encode() + b"'\ntRtR.")
    error = refused(pickle)
    assert isinstance(error, SettingsError)
    assert "pickle" in error.cause
    assert ".safetensors" in error.remedy
    assert error.path == pickle
    assert not trap.exists()


def test_a_folder_whose_weights_are_a_pickle_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    folder = copy(models.stable, tmp_path / "model")
    weights = folder / "unet/diffusion_pytorch_model.safetensors"
    weights.rename(weights.with_suffix(".bin"))
    assert "only as a pickle" in refused(folder).cause


def test_a_lora_that_is_a_pickle_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    file = tmp_path / "style.pt"
    file.write_bytes(b"anything")
    assert refused(models.stable, lora=(str(file),)).path == file


@pytest.mark.parametrize(
    "broken", ["model_index.json", "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae", "tokenizer"]
)
def test_an_interrupted_download_names_what_is_missing(broken: str, models: SimpleNamespace, tmp_path: Path) -> None:
    folder = copy(models.stable, tmp_path / "model")
    part = folder / broken
    shutil.rmtree(part) if part.is_dir() else part.unlink()
    error = refused(folder)
    assert "again" in error.remedy or "interrupted" in error.remedy
    assert error.path is not None


def test_a_file_cut_off_at_any_point_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    data = models.lora.read_bytes()
    for length in (0, 4, 8, 30, len(data) // 2, len(data) - 1):
        file = tmp_path / "cut.safetensors"
        file.write_bytes(data[:length])
        error = refused(models.stable, lora=(str(file),))
        assert error.path == file
    weights = copy(models.stable, tmp_path / "model") / "unet/diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    assert "interrupted" in refused(tmp_path / "model").cause


def test_half_a_download_is_refused_although_every_name_is_there(models: SimpleNamespace, tmp_path: Path) -> None:
    folder = copy(models.stable, tmp_path / "model")
    (folder / ".cache").mkdir()
    (folder / ".cache/abc.incomplete").write_bytes(b"")
    assert "half a download" in refused(folder).cause


def test_shards_that_are_missing_are_noticed(models: SimpleNamespace, tmp_path: Path) -> None:
    folder = copy(models.stable, tmp_path / "model")
    index = {"weight_map": {"a": "diffusion_pytorch_model-00002-of-00002.safetensors"}}
    (folder / "unet/diffusion_pytorch_model.safetensors.index.json").write_text(json.dumps(index))
    assert "missing" in refused(folder).cause


def test_a_lora_for_another_base_is_refused_by_name(
    models: SimpleNamespace, checkpoints: ModuleType, tmp_path: Path
) -> None:
    wide = checkpoints.lora(tmp_path / "xl-style.safetensors", text=2048)
    error = refused(models.stable, lora=(str(wide),))
    assert "Stable Diffusion XL" in error.cause
    assert error.path == wide


def test_a_lora_of_the_right_text_but_other_layers_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    """Its text input fits, and its attention does not."""
    import torch
    from safetensors.torch import save_file

    place = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"
    file = tmp_path / "other.safetensors"
    save_file({f"{place}.lora_A.weight": torch.zeros(2, 99), f"{place}.lora_B.weight": torch.zeros(99, 2)}, file)
    assert "another base" in refused(models.stable, lora=(str(file),)).cause


def test_a_checkpoint_given_as_lora_and_the_other_way_round(models: SimpleNamespace) -> None:
    assert "is no LoRA" in refused(models.stable, lora=(str(models.file),)).cause
    assert "is no checkpoint" in refused(models.lora).cause


def test_without_a_network_a_name_on_the_hub_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    error = refused("someone/some-model")
    assert isinstance(error, MissingDependencyError)
    assert "hub cannot be reached" in error.cause
    assert "folder" in error.remedy


def test_a_single_file_without_network_asks_for_the_configurations(
    models: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    error = refused(models.file)
    assert "config" in error.remedy


def test_short_memory_says_which_options_need_less() -> None:
    import torch

    from pixforge.nn.diffusion.failures import explained

    for raised in (torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("not enough memory: you tried")):
        with pytest.raises(SettingsError, match="memory = ") as caught, explained("model"):
            raise raised
        assert "smaller side" in caught.value.remedy


def test_a_fault_of_pixforge_is_not_blamed_on_the_model() -> None:
    from pixforge.nn.diffusion.failures import explained

    with pytest.raises(ZeroDivisionError), explained("model"):
        _ = 1 / 0


def test_modes_that_a_checkpoint_cannot_run_are_refused(models: SimpleNamespace) -> None:
    assert "8 channels" in refused(models.stable, mode="instruct").cause
    assert "controlnet" in refused(models.stable, mode="controlnet").cause
    assert "4 channels" in refused(models.instruct, mode="img2img").cause
    assert "takes no ControlNet" in refused(models.joint, controlnet=str(models.controlnet)).cause


def test_a_small_model_refuses_what_is_no_lora_for_it(models: SimpleNamespace) -> None:
    error = refused(models.joint, lora=(str(models.lora),))
    assert "another model" in error.cause
    assert error.path == models.lora
    weights = models.joint / "unet/diffusion_pytorch_model.safetensors"
    assert "no LoRA" in refused(models.joint, lora=(str(weights),)).cause


def test_where_no_model_is_bundled_the_message_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pixforge.nn import store

    monkeypatch.setattr(store, "bundled_folder", lambda: tmp_path)
    error = refused("bundled")
    assert isinstance(error, MissingDependencyError)
    assert "--model" in error.remedy


def test_another_kind_of_pipeline_is_refused(models: SimpleNamespace, tmp_path: Path) -> None:
    folder = copy(models.stable, tmp_path / "model")
    table = json.loads((folder / "model_index.json").read_text())
    (folder / "model_index.json").write_text(json.dumps(table | {"_class_name": "FluxPipeline"}))
    assert "FluxPipeline" in refused(folder).cause


def test_a_device_that_is_not_there_is_refused(models: SimpleNamespace) -> None:
    import torch

    if torch.backends.mps.is_available():
        pytest.skip("this machine has it")
    assert "no device" in refused(models.stable, device="mps").cause
