"""Tiny checkpoints with random weights, of the real classes, saved in the real formats."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    ControlNetModel,
    DDIMScheduler,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    StableDiffusionInstructPix2PixPipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from pixforge.nn.diffusion.export import write_graphs
from pixforge.nn.diffusion.joint import JointPipeline, build_unet
from pixforge.nn.diffusion.joint_card import write_joint_card

WIDTH = 16


def tokenizer() -> CLIPTokenizer:
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={word: index for index, word in enumerate(words)}, merges=[], model_max_length=77)


def text_encoder(kind: type, width: int = WIDTH) -> torch.nn.Module:
    size = len(tokenizer())
    return kind(
        CLIPTextConfig(
            vocab_size=size, hidden_size=width, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
            bos_token_id=size - 2, eos_token_id=size - 1, pad_token_id=size - 1, projection_dim=width,
        )
    )  # fmt: skip


def vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8), down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=4, layers_per_block=2, sample_size=64,
    )  # fmt: skip


def unet(channels: int = 4, text: int = WIDTH, xl: bool = False) -> UNet2DConditionModel:
    more = {"addition_embed_type": "text_time", "addition_time_embed_dim": 4,
            "projection_class_embeddings_input_dim": WIDTH + 24} if xl else {}  # fmt: skip
    return UNet2DConditionModel(
        sample_size=8, in_channels=channels, block_out_channels=(16, 32), layers_per_block=1, norm_num_groups=8,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        cross_attention_dim=text, attention_head_dim=4, **more,
    )  # fmt: skip


def noise_schedule(prediction: str = "epsilon") -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
        steps_offset=1, prediction_type=prediction,
    )  # fmt: skip


def stable(folder: Path, channels: int = 4, prediction: str = "epsilon") -> Path:
    torch.manual_seed(channels)
    kind = StableDiffusionPipeline if channels == 4 else StableDiffusionInstructPix2PixPipeline
    kind(
        vae=vae(), text_encoder=text_encoder(CLIPTextModel), tokenizer=tokenizer(), unet=unet(channels),
        scheduler=noise_schedule(prediction), safety_checker=None, feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def stable_xl(folder: Path) -> Path:
    torch.manual_seed(1)
    StableDiffusionXLPipeline(
        vae=vae(), text_encoder=text_encoder(CLIPTextModel), text_encoder_2=text_encoder(CLIPTextModelWithProjection),
        tokenizer=tokenizer(), tokenizer_2=tokenizer(), unet=unet(text=2 * WIDTH, xl=True),
        scheduler=EulerDiscreteScheduler(beta_schedule="scaled_linear"), add_watermarker=False,
    ).save_pretrained(folder)  # fmt: skip
    return folder


def controlnet(folder: Path, base: Path) -> Path:
    loaded = UNet2DConditionModel.from_pretrained(base / "unet", use_safetensors=True)
    net = ControlNetModel.from_unet(loaded, conditioning_embedding_out_channels=(8, 8, 8, 8))
    for parameter in net.controlnet_down_blocks.parameters():
        torch.nn.init.normal_(parameter, std=0.5)  # they begin at zero: the net would change nothing
    net.save_pretrained(folder)
    return folder


def joint(folder: Path) -> Path:
    torch.manual_seed(3)
    network = build_unet((16, 32, 32), 1)
    JointPipeline(network, FlowMatchEulerDiscreteScheduler()).save_pretrained(folder)
    write_graphs(network, folder)
    write_joint_card(folder, "tiny")
    return folder


def lora(file: Path, text: int = WIDTH, strength: float = 1.0) -> Path:
    """A LoRA of the cross attention, in the layout of diffusers."""
    chance = torch.Generator().manual_seed(5)
    place = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2"
    table = {}
    for name, inside, out in (("to_k", text, 16), ("to_v", text, 16), ("to_q", 16, 16)):
        table[f"{place}.{name}.lora_A.weight"] = torch.randn((2, inside), generator=chance) * strength
        table[f"{place}.{name}.lora_B.weight"] = torch.randn((out, 2), generator=chance) * strength
    save_file(table, file)
    return file


def single_file(file: Path, base: Path) -> Path:
    """Write a folder's weights as one file with the names of the original Stable Diffusion code."""
    from safetensors.torch import load_file

    layers = json.loads((base / "unet/config.json").read_text())["layers_per_block"]
    table = {}
    for name, value in load_file(base / "unet/diffusion_pytorch_model.safetensors").items():
        table[f"model.diffusion_model.{_unet_name(name, layers)}"] = value.contiguous()
    for name, value in load_file(base / "vae/diffusion_pytorch_model.safetensors").items():
        table[f"first_stage_model.{_vae_name(name)}"] = value.contiguous()
    for name, value in load_file(base / "text_encoder/model.safetensors").items():
        full = name if name.startswith("text_model.") else f"text_model.{name}"
        table[f"cond_stage_model.transformer.{full}"] = value.contiguous()
    save_file(table, file)
    return file


_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
           "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection"}  # fmt: skip
_TOP = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
        "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}  # fmt: skip
_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}


def _renamed(rest: str, names: dict[str, str]) -> str:
    for new, old in names.items():
        if rest == new or rest.startswith(f"{new}."):
            return old + rest.removeprefix(new)
    return rest


def _unet_name(name: str, layers: int) -> str:
    parts = name.split(".")
    if parts[0] not in ("down_blocks", "up_blocks", "mid_block"):
        return _renamed(name, _TOP)
    if parts[0] == "mid_block":
        place = {"attentions.0": 1, "resnets.0": 0, "resnets.1": 2}[".".join(parts[1:3])]
        return f"middle_block.{place}.{_renamed('.'.join(parts[3:]), _RESNET)}"
    block, kind, layer, rest = int(parts[1]), parts[2], int(parts[3]), ".".join(parts[4:])
    if parts[0] == "down_blocks":
        first = 1 + block * (layers + 1)
        if kind == "downsamplers":
            return f"input_blocks.{first + layers}.0.op.{parts[-1]}"
        return f"input_blocks.{first + layer}.{int(kind == 'attentions')}.{_renamed(rest, _RESNET)}"
    first = block * (layers + 1)
    if kind == "upsamplers":  # behind the resnet, and the attention where the block has one
        return f"output_blocks.{first + layers}.{1 if block == 0 else 2}.conv.{parts[-1]}"
    return f"output_blocks.{first + layer}.{int(kind == 'attentions')}.{_renamed(rest, _RESNET)}"


def _vae_name(name: str) -> str:
    parts = name.split(".")
    if len(parts) < 4:
        return name.replace("conv_norm_out", "norm_out")
    coder, area = parts[0], parts[1]
    if area == "mid_block":
        rest = ".".join(parts[4:])
        if parts[2] == "attentions":
            return f"{coder}.mid.attn_1.{_renamed(rest, _ATTENTION)}"
        return f"{coder}.mid.block_{int(parts[3]) + 1}.{rest}"
    block = int(parts[2]) if area == "down_blocks" else 3 - int(parts[2])
    way = "down" if area == "down_blocks" else "up"
    if parts[3] == "resnets":
        rest = _renamed(".".join(parts[5:]), {"conv_shortcut": "nin_shortcut"})
        return f"{coder}.{way}.{block}.block.{parts[4]}.{rest}"
    return f"{coder}.{way}.{block}.{way}sample.conv.{parts[-1]}"
