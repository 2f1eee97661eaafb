"""Pipelines of diffusers: which class runs which model in which mode, loaded without a pickle and without noise."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import diffusers
import torch
import transformers

from pixforge.errors import MissingDependencyError, SettingsError
from pixforge.nn.diffusion.checkpoint import Family, Mode, Source, family_of, mode_of
from pixforge.nn.diffusion.failures import explained
from pixforge.nn.diffusion.folder import check_part
from pixforge.nn.diffusion.joint import JointPipeline, change_weights
from pixforge.nn.diffusion.joint_card import read_joint_card
from pixforge.nn.diffusion.lora import add_loras, instruct_lora, widen_input
from pixforge.nn.diffusion.onnx_flow import WEIGHTS
from pixforge.nn.diffusion.small_lora import changed_weights

Device = Literal["auto", "cpu", "cuda", "mps"]
Dtype = Literal["auto", "float32", "float16", "bfloat16"]
Memory = Literal["full", "low", "offload"]
Scheduler = Literal["own", "ddim", "pndm", "euler", "euler-a", "heun", "dpm++", "unipc", "lcm"]

_CLASSES: Final[dict[tuple[Family, Mode], str]] = {
    ("sd", "img2img"): "StableDiffusionImg2ImgPipeline",
    ("sd", "instruct"): "StableDiffusionInstructPix2PixPipeline",
    ("sd", "controlnet"): "StableDiffusionControlNetImg2ImgPipeline",
    ("sdxl", "img2img"): "StableDiffusionXLImg2ImgPipeline",
    ("sdxl", "instruct"): "StableDiffusionXLInstructPix2PixPipeline",
    ("sdxl", "controlnet"): "StableDiffusionXLControlNetImg2ImgPipeline",
}
_SCHEDULERS: Final[dict[str, str]] = {
    "ddim": "DDIMScheduler",
    "pndm": "PNDMScheduler",
    "euler": "EulerDiscreteScheduler",
    "euler-a": "EulerAncestralDiscreteScheduler",
    "heun": "HeunDiscreteScheduler",
    "dpm++": "DPMSolverMultistepScheduler",
    "unipc": "UniPCMultistepScheduler",
    "lcm": "LCMScheduler",
}


@dataclass(frozen=True)
class Loading:
    """How a model is loaded.

    Attributes:
        mode: auto takes what the checkpoint can.
        config: a folder with the configurations and the tokenizer of a .safetensors file's base; None: from the hub.
        controlnet: the folder of a ControlNet, or None.
        lora: LoRA files.
        lora_scale: their share.
        scheduler: own is the checkpoint's.
        device, dtype: where and in what numbers; auto is a GPU if there is one, in half precision.
        memory: low slices attention and tiles the VAE; offload also keeps only the working part on the GPU.
    """

    mode: Literal["auto"] | Mode = "auto"
    config: Path | None = None
    controlnet: Path | None = None
    lora: tuple[Path, ...] = ()
    lora_scale: float = 1.0
    scheduler: Scheduler = "own"
    device: Device = "auto"
    dtype: Dtype = "auto"
    memory: Memory = "full"


@dataclass(frozen=True)
class Opened:
    """A loaded model.

    Attributes:
        pipeline: of diffusers, or a JointPipeline.
        family: of the model.
        mode: which it runs in; a joint model has none.
    """

    pipeline: Any
    family: Family
    mode: Mode | None


def open_pipeline(source: Source, loading: Loading) -> Opened:
    """Load a fetched model; nothing is downloaded but the configurations of a single file that names none.

    Raises:
        SettingsError: it does not fit the wishes, its parts do not fit together, or memory is short.
        MissingDependencyError: what must be downloaded cannot be.
    """
    _quiet()
    device = chosen_device(loading.device)
    dtype = chosen_dtype(loading.dtype, device)
    family = family_of(source)
    with explained(source.name, source.path), _old_names():
        if family == "joint":
            _refuse_extras(source, loading)
            read_joint_card(source.path)
            kind: Any = JointPipeline
            pipeline = kind.from_pretrained(source.path, use_safetensors=True, torch_dtype=torch.float32)
            if loading.lora:
                change_weights(pipeline.unet, changed_weights(source.path / WEIGHTS, loading.lora, loading.lora_scale))
            return Opened(pipeline.to(device), family, None)
        mode = _mode(source, loading)
        pipeline = _loaded(source, loading, family, mode, dtype)
    for file in loading.lora:
        add_loras(pipeline, file, loading.lora_scale)
    if loading.scheduler != "own":
        kind = getattr(diffusers, _SCHEDULERS[loading.scheduler])
        # Runge-Kutta steps, which only "pndm" knows, need more steps than there may be.
        more = {"skip_prk_steps": True} if loading.scheduler == "pndm" else {}
        pipeline.scheduler = kind.from_config(pipeline.scheduler.config, **more)
    with explained(source.name, source.path):
        _place(pipeline, device, loading.memory)
    return Opened(pipeline, family, mode)


def chosen_device(device: Device) -> torch.device:
    """Return where to compute.

    Raises:
        SettingsError: the device that was asked for is not there.
    """
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return torch.device(next(name for name in ("cuda", "mps", "cpu") if there[name]))
    if not there[device]:
        remedy = 'set device = "cpu", or install a torch build for it'
        raise SettingsError(f'there is no device "{device}" here', remedy)
    return torch.device(device)


def chosen_dtype(dtype: Dtype, device: torch.device) -> torch.dtype:
    """Return in what numbers to compute: half precision on GPUs unless told otherwise."""
    if dtype == "auto":
        return torch.float32 if device.type == "cpu" else torch.float16
    found: torch.dtype = getattr(torch, dtype)
    return found


def _mode(source: Source, loading: Loading) -> Mode:
    """A LoRA of pixforge's instruct training widens a plain checkpoint's input to eight channels."""
    if any(instruct_lora(file) for file in loading.lora) and loading.mode in ("auto", "instruct"):
        return "instruct"
    return mode_of(source, loading.config, loading.controlnet is not None, loading.mode)


def _loaded(source: Source, loading: Loading, family: Family, mode: Mode, dtype: torch.dtype) -> Any:  # noqa: ANN401  # a pipeline
    kind = getattr(diffusers, _CLASSES[family, mode])
    extra: dict[str, Any] = {"torch_dtype": dtype}
    if family == "sd":
        extra |= {"safety_checker": None}
    if mode == "controlnet" and loading.controlnet is not None:
        check_part(loading.controlnet)
        network: Any = diffusers.ControlNetModel
        extra["controlnet"] = network.from_pretrained(loading.controlnet, use_safetensors=True, torch_dtype=dtype)
    if source.kind == "file":
        pipeline = _from_file(kind, source, loading, extra)
    else:
        pipeline = kind.from_pretrained(source.path, use_safetensors=True, local_files_only=True, **extra)
    if mode == "instruct":
        widen_input(pipeline.unet)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _from_file(kind: Any, source: Source, loading: Loading, extra: dict[str, Any]) -> Any:  # noqa: ANN401  # classes of diffusers
    """A single file has the weights alone; how to put them together, and the tokenizer, come from elsewhere."""
    config = {"config": str(loading.config), "local_files_only": True} if loading.config else {}
    try:
        with explained(source.name, source.path):
            return kind.from_single_file(str(source.path), **config, **extra)
    except MissingDependencyError as error:
        raise MissingDependencyError(
            "a single file has no configurations and no tokenizer, and the hub cannot be reached for them",
            "set config in [method.diffusion] to a folder of a model of the same base (its weights are not read)",
            source.path,
        ) from error


def _place(pipeline: Any, device: torch.device, memory: Memory) -> None:  # noqa: ANN401  # a pipeline
    if memory != "full":
        pipeline.enable_attention_slicing()
        pipeline.vae.enable_slicing()
        pipeline.vae.enable_tiling()
    if memory == "offload":
        if device.type == "cpu":
            raise SettingsError('memory = "offload" needs a GPU', 'set memory = "low"')
        pipeline.enable_model_cpu_offload(device=device)
        return
    pipeline.to(device)


def _refuse_extras(source: Source, loading: Loading) -> None:
    given = [name for name in ("controlnet", "config") if getattr(loading, name)]
    given += ["mode"] if loading.mode != "auto" else []
    given += ["scheduler"] if loading.scheduler != "own" else []
    if given:
        what = " and ".join(given)
        raise SettingsError(f"a model at logical resolution takes no {what}", "leave it out", source.path)


@contextmanager
def _old_names() -> Iterator[None]:
    """Newer releases of diffusers call torch_dtype dtype and warn; older ones do not know the new name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        yield


def _quiet() -> None:
    """The packages print bars and advice of their own; pixforge's command line is the one that speaks."""
    logging: Any
    for logging in (diffusers.utils.logging, transformers.utils.logging):
        logging.set_verbosity_error()
        logging.disable_progress_bar()


__all__ = ["Loading", "Opened", "chosen_device", "chosen_dtype", "open_pipeline"]
