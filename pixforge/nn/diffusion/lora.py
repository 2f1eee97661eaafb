"""LoRA files: of pixforge's trainer or from elsewhere, checked against the model before they are added."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import torch
from torch import nn

from pixforge.errors import SettingsError
from pixforge.nn.diffusion.failures import explained
from pixforge.nn.diffusion.tensors import read_head

MARK: Final = "pixforge"  # in the metadata of our files; its value is the mode that they were trained for
INSTRUCT: Final = "instruct"
_BASES: Final = {768: "Stable Diffusion 1.x", 1024: "Stable Diffusion 2.x", 2048: "Stable Diffusion XL"}
_TEXT_INPUTS: Final = ("attn2.to_k.lora_A.weight", "attn2.to_k.lora.down.weight", "attn2_to_k.lora_down.weight")


def instruct_lora(file: Path) -> bool:
    """Whether a file is of pixforge's instruct training.

    Raises:
        SettingsError: it is a pickle, damaged, or not there.
    """
    return read_head(file).metadata.get(MARK) == INSTRUCT


def add_loras(pipeline: Any, file: Path, scale: float) -> None:  # noqa: ANN401  # a pipeline of diffusers
    """Add a LoRA to a pipeline and fold it into its weights.

    Raises:
        SettingsError: the file is no LoRA, or one for another base.
    """
    shapes = read_head(file).shapes
    if not any("lora" in name for name in shapes):
        raise SettingsError("is no LoRA", "a whole checkpoint belongs into --model", file)
    theirs = next((shape[1] for name, shape in shapes.items() if name.endswith(_TEXT_INPUTS)), None)
    ours = pipeline.unet.config.cross_attention_dim
    if theirs is not None and theirs != ours:
        raise wrong_base(file, theirs, ours)
    name = f"lora{len(getattr(pipeline.unet, 'peft_config', {}))}"
    try:
        with explained(str(file), file):
            pipeline.load_lora_weights(
                str(file.parent), weight_name=file.name, adapter_name=name, use_safetensors=True, local_files_only=True
            )
    except SettingsError as error:
        why = str(error.__cause__)
        if "size mismatch" in why or "shape" in why:
            raise wrong_base(file, None, ours) from error
        raise
    pipeline.fuse_lora(lora_scale=scale, adapter_names=[name])
    pipeline.unload_lora_weights()


def widen_input(unet: Any) -> None:  # noqa: ANN401  # a UNet2DConditionModel
    """Give a U-Net of four input channels eight, the new ones without effect at first (Brooks et al. 2023)."""
    old = unet.conv_in
    if old.in_channels == 8:
        return
    wide = nn.Conv2d(8, old.out_channels, old.kernel_size, old.stride, old.padding)
    wide = wide.to(old.weight.device, old.weight.dtype)
    with torch.no_grad():
        wide.weight.zero_()
        wide.weight[:, : old.in_channels] = old.weight
        wide.bias = nn.Parameter(old.bias.clone())
    unet.conv_in = wide
    unet.register_to_config(in_channels=8)


def wrong_base(file: Path, theirs: int | None, ours: int) -> SettingsError:
    """Return the error of a LoRA for another base; widths of the text input tell the bases apart."""
    made = "another base" if theirs is None else _BASES.get(theirs, f"a base whose text has width {theirs}")
    here = _BASES.get(ours, f"one of width {ours}")
    remedy = "use it with the base that it was trained on"
    return SettingsError(f"is a LoRA for {made}; the model is {here}", remedy, file)
