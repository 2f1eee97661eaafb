"""A run of kind instruct: Stable Diffusion learns both directions by instruction, or the report's mistakes.

The repaired form is InstructPix2Pix (Brooks et al. 2023): the drawing's latent beside the noisy one of its pixel art,
the base's own noise schedule and target, dropout of text and drawing so that guidance can weigh both.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from diffusers import DDPMScheduler
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.image.save import write_atomic
from pixforge.nn.diffusion.checkpoint import family_of, fetched, files_digest, locate
from pixforge.nn.diffusion.generate import Rgb, Wishes, generate
from pixforge.nn.diffusion.lora import INSTRUCT, MARK, widen_input
from pixforge.nn.diffusion.pipelines import Device, Loading, Opened, open_pipeline
from pixforge.train.batches import make_batches
from pixforge.train.device import precision_context
from pixforge.train.diffusion.cache import encoded, make_latents, on_ground
from pixforge.train.diffusion.loop import Start, chance
from pixforge.train.diffusion.recipe import LORA_FILE, DiffusionRecipe
from pixforge.train.diffusion.sheet import tiled
from pixforge.train.trainer import RunOptions
from pixforge.train.validation import held_out_exam

_SAMPLES = 6
_STEPS = 20  # of denoising in sheets
_STREAM = 901
_ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")


class InstructCourse:
    """See `pixforge.train.diffusion.loop.Course`.

    Args:
        recipe: of kind instruct.
        data: the data set.
        folder: of the run, where the latents are kept.
        options: of the run.
        start: its base is a checkpoint of Stable Diffusion.

    Raises:
        SettingsError: base or data set cannot be used.
        MissingDependencyError: there is no such base.
    """

    def __init__(
        self,
        recipe: DiffusionRecipe,
        data: Path,
        folder: Path,
        options: RunOptions,
        start: Start,
    ) -> None:
        self.recipe, self._options = recipe, options
        self._config = start.config
        self._source = fetched(locate(start.base or ""))
        if family_of(self._source) == "joint":
            raise SettingsError("is no Stable Diffusion", "name a checkpoint of Stable Diffusion", self._source.path)
        pipeline = open_pipeline(self._source, self._loading()).pipeline
        plain = recipe.plain
        pairs = replace(plain.data, pairs=max(1, plain.data.pairs), reverse=0)
        batches = make_batches(replace(plain, data=pairs), data, start.replay)
        self._latents = make_latents(pipeline, files_digest(self._source.path), batches, recipe, folder)
        self._pairs = held_out_exam([data], plain).pairs[:_SAMPLES]
        self._noise: Any = DDPMScheduler.from_config(pipeline.scheduler.config)  # type: ignore[no-untyped-call]
        self._unet = pipeline.unet
        del pipeline  # with it VAE and text encoder
        gc.collect()
        self.trained = self._prepared()

    def loss(self, step: int) -> Iterator[Tensor]:
        """Yield the loss of each pass of a step."""
        for index in range(self.recipe.instruct.accumulate):
            source = chance(self.recipe.seed, step, index, _STREAM)
            with precision_context(self._options.device, self._options.precision):
                one = self._report(source) if self.recipe.instruct.objective == "report" else self._instruct(source)
            yield one / self.recipe.instruct.accumulate

    def _loading(self) -> Loading:
        half = self._options.precision == "bfloat16" and self.recipe.instruct.weights == "lora"
        kind = self._options.device.type
        device: Device = "cuda" if kind == "cuda" else "mps" if kind == "mps" else "cpu"
        return Loading(config=self._config, device=device, dtype="bfloat16" if half else "float32")

    def _prepared(self) -> dict[str, nn.Parameter]:
        """Give the U-Net what it needs to learn, and return what learns."""
        options, unet = self.recipe.instruct, self._unet
        torch.manual_seed(self.recipe.seed)
        if options.objective == "instruct":
            widen_input(unet)
        if options.checkpointing:
            unet.enable_gradient_checkpointing()
        unet.train()
        if options.weights == "lora":
            from peft import LoraConfig

            unet.requires_grad_(requires_grad=False)
            targets = [*_ATTENTION, "conv_in"]
            unet.add_adapter(LoraConfig(r=options.rank, lora_alpha=options.rank, target_modules=targets))
        else:
            unet.to(torch.float32)
        trained = {name: value for name, value in unet.named_parameters() if value.requires_grad}
        for value in trained.values():
            value.data = value.data.float()
        return trained

    def _instruct(self, source: torch.Generator) -> Tensor:
        options, kept, device = self.recipe.instruct, self._latents, self._options.device
        count = options.batch
        rows = torch.randint(len(kept.pixel), (count,), generator=source)
        backwards = torch.rand(count, generator=source) < _reverse_share(self.recipe)
        side = backwards[:, None, None, None]
        target = torch.where(side, kept.drawing[rows], kept.pixel[rows]) * kept.scale
        shown = torch.where(side, kept.pixel[rows], kept.drawing[rows])
        noise = torch.randn(target.shape, generator=source)
        times = torch.randint(self._noise.config.num_train_timesteps, (count,), generator=source)
        luck = torch.rand(count, generator=source) / max(options.dropout, 1e-9)
        no_text, no_picture = luck < 2, (luck >= 1) & (luck < 3)  # text alone, both, drawing alone
        shown = torch.where(no_picture[:, None, None, None], torch.zeros_like(shown), shown)
        words = torch.where(no_text, 2, backwards.long())
        noisy = self._noise.add_noise(target, noise, times)
        out = self._predicted(torch.cat([noisy, shown], dim=1), times, words)
        wanted = self._noise.get_velocity(target, noise, times) if self._is_velocity else noise
        each = functional.mse_loss(out, wanted.to(device), reduction="none").mean(dim=(1, 2, 3))
        return (each * self._weights(times).to(device)).mean()

    def _report(self, source: torch.Generator) -> Tensor:
        """No noise, no schedule, no scaling, another picture's latent as the answer: see the report's section 3."""
        kept, count = self._latents, self.recipe.instruct.batch
        rows, others = (torch.randint(len(kept.pixel), (count,), generator=source) for _ in range(2))
        times = torch.randint(self._noise.config.num_train_timesteps, (count,), generator=source)
        out = self._predicted(kept.drawing[rows], times, torch.zeros(count, dtype=torch.long))
        return functional.mse_loss(out, kept.pixel[others].to(out.device))

    def _predicted(self, latents: Tensor, times: Tensor, words: Tensor) -> Tensor:
        device, dtype = self._options.device, self._unet.dtype
        more: dict[str, Any] = {}
        if self._latents.pooled.shape[1]:
            side = self.recipe.instruct.side
            sizes = torch.tensor([[side, side, 0, 0, side, side]]).repeat(len(words), 1)
            pooled = self._latents.pooled[words].to(device, dtype)
            more["added_cond_kwargs"] = {"text_embeds": pooled, "time_ids": sizes.to(device)}
        text = self._latents.text[words].to(device, dtype)
        out: Tensor = self._unet(latents.to(device, dtype), times.to(device), text, **more).sample
        return out.float()

    @property
    def _is_velocity(self) -> bool:
        return bool(self._noise.config.prediction_type == "v_prediction")

    def _weights(self, times: Tensor) -> Tensor:
        """Min-SNR: easy noise levels do not count more than `snr_gamma` allows."""
        gamma = self.recipe.instruct.snr_gamma
        if not gamma:
            return torch.ones(len(times))
        kept = self._noise.alphas_cumprod[times]
        ratio = kept / (1 - kept)
        weights: Tensor = ratio.clamp(max=gamma) / (ratio + 1 if self._is_velocity else ratio)
        return weights

    def sheet(self) -> Picture:
        """Return held-out drawings, what the model makes of them, and what is right."""
        return tiled(self.answers())

    def scores(self) -> dict[str, float]:
        """Return the mean error of the answers to held-out drawings, 0..255 ("error")."""
        _, made, right = self.answers()
        return {"error": float(np.abs(np.stack(made).astype(np.float32) - np.stack(right)).mean())}

    def answers(self) -> tuple[list[Rgb], list[Rgb], list[Rgb]]:
        """Return held-out drawings, what the model makes of them, and what is right, as uint8 (side, side, 3)."""
        opened = open_pipeline(self._source, self._loading())
        learning, opened.pipeline.unet = self._unet.training, self._unet.eval()
        options = self.recipe.instruct
        shown = [on_ground(pair.drawing, options.side, options.ground) for pair in self._pairs]
        right = [on_ground(pair.logical, options.side, options.ground).pixels[..., :3] for pair in self._pairs]
        made = [self._answer(opened, picture) for picture in shown]
        self._unet.train(learning)
        return [picture.pixels[..., :3] for picture in shown], made, right

    @torch.no_grad()
    def _answer(self, opened: Opened, picture: Picture) -> Rgb:
        flat = np.ascontiguousarray(picture.pixels[..., :3])
        if self.recipe.instruct.objective == "report":
            vae = opened.pipeline.vae
            latent = encoded(vae, [picture])
            middle = torch.tensor([self._noise.config.num_train_timesteps // 2])
            out = self._predicted(latent, middle, torch.zeros(1, dtype=torch.long)).to(vae.dtype)
            values = vae.decode(out).sample[0].float().permute(1, 2, 0).cpu().numpy()
            return np.asarray(np.clip((values + 1) * 127.5 + 0.5, 0, 255), np.uint8)
        runner = open_as_instruct(opened)
        return generate(runner, flat, Wishes(self.recipe.instruct.prompts[0], steps=_STEPS, guidance=2.0))

    def ship(self, folder: Path, step: int) -> None:  # noqa: ARG002  # the course's signature
        """Write `lora.safetensors`, or `model/` in the layout of diffusers."""
        if self.recipe.instruct.weights == "lora":
            from peft import get_peft_model_state_dict

            found = get_peft_model_state_dict(self._unet)
            table = {f"unet.{name}": value.detach().cpu().contiguous() for name, value in found.items()}
            instruct = self.recipe.instruct.objective == "instruct"
            write_atomic(folder / LORA_FILE, save(table, {MARK: INSTRUCT} if instruct else None))
            return
        opened = open_pipeline(self._source, self._loading())
        opened.pipeline.unet = self._unet
        runner = open_as_instruct(opened) if self.recipe.instruct.objective == "instruct" else opened
        runner.pipeline.save_pretrained(folder / "model")


def open_as_instruct(opened: Opened) -> Opened:
    """Return a loaded model, whose U-Net takes eight channels by now, in the pipeline that gives it the drawing."""
    import diffusers

    xl = opened.family == "sdxl"
    kind: Any = (
        diffusers.StableDiffusionXLInstructPix2PixPipeline if xl else diffusers.StableDiffusionInstructPix2PixPipeline
    )
    parts = {name: part for name, part in opened.pipeline.components.items() if name in _parts_of(kind)}
    pipeline = kind(**parts, **({} if xl else {"requires_safety_checker": False}))
    pipeline.set_progress_bar_config(disable=True)
    return Opened(pipeline, opened.family, "instruct")


def _parts_of(kind: Any) -> set[str]:  # noqa: ANN401  # a class of diffusers
    import inspect

    return set(inspect.signature(kind.__init__).parameters)


def _reverse_share(recipe: DiffusionRecipe) -> float:
    """How often a pair is asked for backwards: as often as the recipe's data says."""
    data = recipe.data
    return data.reverse / max(1, data.pairs + data.reverse)
