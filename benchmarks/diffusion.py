"""Diffusion measured: `python -m benchmarks.diffusion size` and `... repaired DATA`.

size: a U-Net of the size of Stable Diffusion 1.5 with random weights, in bfloat16: seconds and memory of one denoising
    step and of one LoRA training step at 512 pixels (64 x 64 latents).
repaired: the report's training against the repaired one, on one small base, with the same data and as many steps;
    writes benchmarks/results/diffusion.json. No base of Stable Diffusion is needed: the VAE is trained here for a
    minute, the U-Net begins with random weights.
joint: seconds and memory of a training step of the small model, and of one picture.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.record import PICTURES, Cell, Figure, Point, Result, Table, write
from pixforge.image.save import encode_png, write_atomic
from pixforge.train.batches import Batches, make_batches
from pixforge.train.diffusion.cache import on_ground
from pixforge.train.diffusion.instruct import InstructCourse
from pixforge.train.diffusion.joint import JointCourse
from pixforge.train.diffusion.loop import Start, run
from pixforge.train.diffusion.recipe import DiffusionRecipe, load_recipe
from pixforge.train.diffusion.sheet import tiled
from pixforge.train.events import StepDone
from pixforge.train.trainer import RunOptions

_CELLS = 16
_SIDE = 16  # pixels of the small base's pictures: one a cell, so that it trains in a minute
_RANK = 16


def peak_gigabytes() -> float:
    """Return the most memory that this process ever held."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found / (1 << 30 if sys.platform == "darwin" else 1 << 20)


def measure_size() -> None:
    """Print seconds and peak memory of a model of the size of Stable Diffusion 1.5."""
    from diffusers import UNet2DConditionModel
    from peft import LoraConfig

    kind: Any = UNet2DConditionModel
    torch.set_default_dtype(torch.bfloat16)
    unet = kind(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    torch.set_default_dtype(torch.float32)
    print(f"U-Net {sum(value.numel() for value in unet.parameters()) / 1e6:.0f} M weights, bfloat16")
    latent, text = torch.randn(1, 4, 64, 64).bfloat16(), torch.randn(1, 77, 768).bfloat16()
    with torch.no_grad():
        _timed("denoising step", lambda: unet(latent, 500, text).sample)
    unet.requires_grad_(False)
    unet.enable_gradient_checkpointing()
    unet.train()
    unet.add_adapter(LoraConfig(r=_RANK, target_modules=["to_q", "to_k", "to_v", "to_out.0"]))
    learns = [value for value in unet.parameters() if value.requires_grad]
    optimiser = torch.optim.AdamW(learns, 1e-4)
    print(f"LoRA of rank {_RANK}: {sum(value.numel() for value in learns) / 1e6:.1f} M weights learn")

    def step() -> None:
        unet(latent, 500, text).sample.float().square().mean().backward()
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)

    _timed("LoRA training step, batch 1, checkpointing", step)


def _timed(name: str, work: Any) -> None:  # noqa: ANN401  # anything that can be called
    work()
    started, used = time.perf_counter(), time.process_time()
    work()
    seconds, used = time.perf_counter() - started, time.process_time() - used
    threads = torch.get_num_threads()
    print(f"{name}: {seconds:.2f} s on {threads} threads, {used:.2f} s of processor, ", end="")
    print(f"peak {peak_gigabytes():.1f} GB", flush=True)


def small_base(folder: Path, batches: Batches, steps: int) -> Path:
    """Write a small base in the layout of diffusers: a VAE trained for `steps`, the rest with random weights."""
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    kinds: Any = (AutoencoderKL, DDIMScheduler, UNet2DConditionModel, StableDiffusionPipeline, CLIPTokenizer)
    torch.manual_seed(1)
    vae = kinds[0](
        block_out_channels=(32,), down_block_types=("DownEncoderBlock2D",), norm_num_groups=16,
        up_block_types=("UpDecoderBlock2D",), mid_block_add_attention=False, layers_per_block=1, latent_channels=4,
    )  # fmt: skip
    spread = _train_vae(vae, batches, steps)
    vae.register_to_config(scaling_factor=1 / spread)
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    tokenizer = kinds[4](vocab={word: place for place, word in enumerate(words)}, merges=[], model_max_length=77)
    size = len(words)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=size, hidden_size=64, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
            bos_token_id=size - 2, eos_token_id=size - 1, pad_token_id=size - 1,
        )
    )  # fmt: skip
    unet = kinds[2](
        sample_size=16, block_out_channels=(48, 96), layers_per_block=1, norm_num_groups=16, cross_attention_dim=64,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"),
        attention_head_dim=4,
    )  # fmt: skip
    noise = kinds[1](
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False,
        steps_offset=1, prediction_type="v_prediction",
    )  # fmt: skip
    base = kinds[3](
        vae=vae, text_encoder=text, tokenizer=tokenizer, unet=unet, scheduler=noise, safety_checker=None,
        feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    base.save_pretrained(folder)
    return folder


def _train_vae(vae: Any, batches: Batches, steps: int) -> float:  # noqa: ANN401  # an AutoencoderKL
    """Teach the VAE to reconstruct drawings and pixel art; return the standard deviation of its latents."""
    optimiser = torch.optim.AdamW(vae.parameters(), 1e-3)
    for step in range(steps):
        seen = _pictures(batches, step)
        found = vae.encode(seen).latent_dist
        back = vae.decode(found.mean + 0.1 * torch.randn_like(found.mean)).sample
        loss = (back.float() - seen).abs().mean() + 1e-3 * found.mean.float().square().mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(vae.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        if step % 50 == 0 or step == steps - 1:
            print(
                f"VAE step {step}: mean error {float((back.detach().float() - seen).abs().mean()):.3f} of 2", flush=True
            )
    with torch.no_grad():
        return float(vae.encode(_pictures(batches, steps)).latent_dist.mean.std())


def _pictures(batches: Batches, step: int) -> Tensor:
    from pixforge.preprocess import drawing_picture, logical_picture

    batch = batches.batch(step)
    shown = [drawing_picture(one.numpy()) for one in batch.drawing]
    shown += [logical_picture(one.numpy()) for one in batch.logical]
    arrays = [torch.from_numpy(on_ground(one, _SIDE, 255).pixels[..., :3].copy()) for one in shown]
    return torch.stack(arrays).permute(0, 3, 1, 2).float() / 127.5 - 1


def compare_recipes(data: Path, out: Path, steps: int, vae_steps: int) -> None:
    """Train both ways from one base; print errors and write them down, with a sheet of pictures."""
    shape = load_recipe("instruct")
    canvas = replace(shape.data, side=_CELLS, pairs=4, reverse=0, real=0.0, ground=0.0)
    plain = replace(shape, data=canvas, optimiser=replace(shape.optimiser, rate=1e-3, warmup=20, steps=steps))
    plain = replace(plain, validate=0)
    base = out / "base"
    if not base.exists():
        small_base(base, make_batches(plain.plain, data), vae_steps)
    options = replace(
        plain.instruct, side=_SIDE, weights="full", pairs=1500, batch=8, accumulate=1, checkpointing=False
    )
    rows: list[list[Any]] = []
    found: dict[str, tuple[float, float]] = {}
    for objective in ("report", "instruct"):
        recipe = replace(plain, instruct=replace(options, objective=objective))
        shown, made, right = _trained(recipe, data, out / objective, base)
        rows = rows or [shown]
        rows.append(made)
        apart = np.stack([one[..., :3] for one in made]).astype(float).std(axis=0).mean()
        wanted = np.stack([one[..., :3] for one in right]).astype(float)
        error = np.abs(np.stack([one[..., :3] for one in made]) - wanted).mean()
        start = np.abs(np.stack([one[..., :3] for one in shown]) - wanted).mean()
        differ = wanted.std(axis=0).mean()
        found |= {
            objective: (float(error), float(apart)),
            "drawing": (float(start), 0.0),
            "right": (0.0, float(differ)),
        }
        print(f"{objective}: error {error:.1f} of 255 (the drawing itself {start:.1f}); ", end="")
        print(f"spread between answers {apart:.1f} (right answers {differ:.1f})", flush=True)
    write_atomic(PICTURES / "diffusion-recipes.png", encode_png(tiled([*rows, right]), None, {}))
    _leave(found, steps)


def _leave(found: dict[str, tuple[float, float]], steps: int) -> None:
    """Write benchmarks/results/diffusion.json."""
    names = {
        "report": "the report's training",
        "instruct": "the repaired training",
        "drawing": "the drawing, untouched",
        "right": "right answers",
    }
    told = {name: f"error {error:.0f}, spread {apart:.0f}" for name, (error, apart) in found.items()}
    rows: list[list[Cell]] = [[names[name], *found[name]] for name in names]
    write(
        Result(
            title="The report's diffusion training against the repaired one",
            command="python -m benchmarks.diffusion repaired DATA --steps 1500",
            kind="long",
            recipe=f"one small base with random weights, {steps} steps each, the same pairs at {_SIDE} x {_SIDE}",
            summary="The report's training shows the network no noise and random pairs: its answers are alike whatever "
            "the drawing. The repaired one answers with the drawing's shapes and colours. Both are tiny and learnt "
            "from nothing: it compares trainings, it shows no model that one would use.",
            values={f"{name} error": error for name, (error, _) in found.items()},
            points=(
                Point("diffusion", "shapes and colours of unseen drawings (error of 255; spread between answers)",
                      "burnt, shapeless pictures", told["report"], told["instruct"]),
            ),
            tables=(Table("Held-out drawings, 0 to 255", ["who", "error", "spread between pictures"], rows),),
            pictures=(Figure("diffusion-recipes.png", "drawings, the report's training, the repaired one, right"),),
        ),
        "diffusion",
    )  # fmt: skip


def _trained(recipe: DiffusionRecipe, data: Path, folder: Path, base: Path) -> tuple[list[Any], list[Any], list[Any]]:
    """Train, print, and return drawings, answers, and right answers, all held out."""
    folder.mkdir(parents=True, exist_ok=True)
    options = RunOptions(torch.device("cpu"), "float32", save_seconds=1e9, picture_seconds=0.0)
    course = InstructCourse(recipe, data, folder, options, Start(str(base)))
    for event in run(course, folder, options):
        if isinstance(event, StepDone) and event.step % 50 == 0:
            losses, seconds = event.losses["loss"], event.seconds
            print(f"{recipe.instruct.objective} step {event.step}: loss {losses:.3f}, {seconds:.2f} s", flush=True)
    return course.answers()


def measure_joint(data: Path, out: Path, steps: int) -> None:
    """Print seconds and peak memory of training steps of the small model, and of one picture of 64 x 64 cells."""
    from pixforge.nn.diffusion.flow import Sampling
    from pixforge.nn.diffusion.onnx_flow import OnnxNetwork
    from pixforge.nn.diffusion.proposals import propose

    recipe = load_recipe("joint")
    options = RunOptions(torch.device("cpu"), save_seconds=1e9, picture_seconds=0.0)
    out.mkdir(parents=True, exist_ok=True)
    course = JointCourse(recipe, data, out, options, Start())
    weights = sum(value.numel() for value in course.trained.values())
    seconds, used = [], time.process_time()
    for event in run(course, out, options):
        if isinstance(event, StepDone):
            seconds.append(event.seconds)
        if len(seconds) == steps:
            break
    print(f"{weights / 1e6:.1f} M weights, {2 * weights / 1e6:.0f} MB shipped, peak {peak_gigabytes():.1f} GB")
    used = (time.process_time() - used) / len(seconds)
    print(
        f"training: {np.median(seconds):.2f} s a step of {recipe.data.pairs + recipe.data.reverse} canvases, ", end=""
    )
    print(f"{used:.2f} s of processor (batches included)")
    drawing = np.random.default_rng(0).random((4, 256, 256), np.float32)
    course.ship(out, steps)
    for name, network in (("PyTorch", course.network()), ("ONNX Runtime", OnnxNetwork(out / "model"))):
        _timed(f"64 x 64 cells, 8 steps, guidance, {name}", partial(propose, network, drawing, "to-pixel", Sampling()))


def main() -> None:
    """Run what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["size", "repaired", "joint"])
    parser.add_argument("data", type=Path, nargs="?", help="data set folder (repaired, joint)")
    parser.add_argument("--out", type=Path, default=Path("runs/diffusion-benchmark"))
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--vae-steps", type=int, default=150)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    if asked.what == "size":
        measure_size()
    elif asked.data is None:
        parser.error("name a data set folder")
    elif asked.what == "repaired":
        compare_recipes(asked.data, asked.out, asked.steps, asked.vae_steps)
    else:
        measure_joint(asked.data, asked.out, asked.steps)


if __name__ == "__main__":
    main()
