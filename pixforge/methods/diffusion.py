"""Diffusion: any checkpoint of Stable Diffusion, or a small model at logical resolution, kept to the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pixforge.typed_toml import Pattern, Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.image.picture import Picture
    from pixforge.methods._diffusion.proposed import ProposalSession
    from pixforge.methods.contract import Request
    from pixforge.nn.diffusion.pipelines import Loading, Opened
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.options import Direction

DIRECTIONS: tuple[Direction, ...] = ("to-pixel", "to-drawing")
EXTRA: str | None = None  # a model at logical resolution with graphs needs no more than the base install
REQUIRES: tuple[str, ...] = ("numpy", "onnxruntime")
WORKER_MEMORY = 3 << 30  # bytes, as Stable Diffusion may be meant
BY_CHANCE = True  # another seed gives another picture

_PACKAGES = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors")  # of the extra "diffusion"
_STEPS, _GUIDANCE = 20, 5.0
_PROMPTS = {"to-pixel": "pixel art of a drawing", "to-drawing": "drawing of pixel art"}


@dataclass(frozen=True)
class Options:
    """The table [method.diffusion].

    Attributes:
        prompt: what the picture shall be; empty: "pixel art of a drawing", or "drawing of pixel art".
        negative: what it shall not be.
        mode: auto takes instruct for a checkpoint of InstructPix2Pix, controlnet where one is given, else img2img.
        steps: of denoising; if none are given 20, of a model at logical resolution 8.
        guidance: how strongly the prompt counts, of a model at logical resolution the drawing; if none is given 5, of a
            model at logical resolution 1.5, or 1 with freedom.
        image_guidance: how strongly the drawing counts in mode instruct.
        strength: how far from the drawing modes img2img and controlnet may go.
        freedom: 0 to 3, how freely a model at logical resolution reads the drawing's colours.
        lines: of a model at logical resolution, lay the drawing's own lines and silhouette, closed and one cell wide as
            `classical` finds them, over what it proposes.
        colors: of a model at logical resolution, what a fitted palette is fitted to: the drawing, or what the network
            makes of it, which for a model of a style are the colours of that style; in clips and sets as
            `cyclegan` has it.
        manner: of a model at logical resolution that carries one, how much cells shall lie together as in true pixel
            art: specks and frayed edges go, what the drawing bears out stays; 0 not at all.
        scheduler: own is the checkpoint's.
        side: pixels of the longer side that a Stable Diffusion model paints.
        ground: the colour behind transparent drawings while they are painted.
        reduce: from the painted picture to cells: classical traces lines, median takes each cell's median colour.
        hue: how much of the drawing's own colour comes back, 0 to 1.
        lora: LoRA files (.safetensors), relative to the working folder.
        lora_scale: how strongly they count.
        controlnet: the folder of a ControlNet for line art.
        control_scale: how strongly its lines count.
        config: for a single .safetensors file, a folder of the same base in the layout of diffusers, of which only
            configurations and tokenizer are read; empty: they come from the hub.
        device: auto is a GPU if there is one.
        dtype: auto is half precision on a GPU, float32 on a CPU.
        memory: low needs less and is slower; offload keeps only the part at work on the GPU.
    """

    prompt: str = ""
    negative: str = "blurry, photo, noise"
    mode: Literal["auto", "img2img", "instruct", "controlnet"] = "auto"
    steps: Annotated[int, Range(1, 1000)] | None = None
    guidance: Annotated[float, Range(0.0, 50.0)] | None = None
    image_guidance: Annotated[float, Range(1.0, 50.0)] = 1.5
    strength: Annotated[float, Range(0.0, 1.0)] = 0.5
    freedom: Annotated[int, Range(0, 3)] = 0
    lines: bool = True
    colors: Literal["drawing", "network"] = "drawing"
    manner: Annotated[float, Range(0.0, 4.0)] = 1.0
    scheduler: Literal["own", "ddim", "pndm", "euler", "euler-a", "heun", "dpm++", "unipc", "lcm"] = "own"
    side: Annotated[int, Range(64, 4096)] = 512
    ground: Annotated[str, Pattern("#[0-9a-fA-F]{6}", "a colour such as #ffffff")] = "#ffffff"
    reduce: Literal["classical", "median"] = "classical"
    hue: Annotated[float, Range(0.0, 1.0)] = 0.0
    lora: tuple[str, ...] = ()
    lora_scale: Annotated[float, Range(-10.0, 10.0)] = 1.0
    controlnet: str = ""
    control_scale: Annotated[float, Range(0.0, 10.0)] = 1.0
    config: str = ""
    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    memory: Literal["full", "low", "offload"] = "full"


def open_session(options: Options, model: str) -> DiffusionSession | ProposalSession:
    """Load a model, from the hub if it is a name there.

    Raises:
        MissingDependencyError: there is no such model, it cannot be downloaded, or it needs packages of the extra.
        SettingsError: it is a pickle, not whole, of another kind, or does not fit the options.
    """
    from pixforge.methods._diffusion.proposed import ProposalSession, odds_of, open_graphs
    from pixforge.methods.contract import manner_of
    from pixforge.nn.diffusion.checkpoint import fetched, locate

    source = locate(model)
    network = open_graphs(source, options)
    if network is not None:
        manner = manner_of(odds_of(source), options.manner, source.path)
        return ProposalSession(options, network, model_digest(options, model), manner)
    _require_packages()
    from pixforge.nn.diffusion.joint import TorchNetwork
    from pixforge.nn.diffusion.pipelines import open_pipeline

    source = fetched(source)
    opened = open_pipeline(source, _loading(options))
    digest = model_digest(options, model)
    if opened.family == "joint":
        manner = manner_of(odds_of(source), options.manner, source.path)
        return ProposalSession(options, TorchNetwork(opened.pipeline.unet), digest, manner)
    return DiffusionSession(options, opened, digest)


def _require_packages() -> None:
    from importlib.util import find_spec

    from pixforge.errors import MissingDependencyError, install_extra

    absent = [name for name in _PACKAGES if find_spec(name) is None]
    if absent:
        raise MissingDependencyError(f"this diffusion model needs {', '.join(absent)}", install_extra("diffusion"))


def model_digest(options: Options, model: str) -> str:
    """Return a digest of what decides the answer: model and its manner, LoRA files, ControlNet."""
    import hashlib
    from pathlib import Path

    from pixforge.nn.diffusion.checkpoint import fetched, files_digest, locate

    source = fetched(locate(model))
    parts = [source.path, *map(Path, options.lora)]
    parts += [Path(options.controlnet)] if options.controlnet else []
    told = list(map(files_digest, parts))
    if options.manner:
        from pixforge.methods._diffusion.proposed import odds_of

        told += map(str, odds_of(source))
    return hashlib.sha256(" ".join(told).encode()).hexdigest()


class DiffusionSession:
    """A loaded Stable Diffusion model."""

    def __init__(self, options: Options, opened: Opened, digest: str) -> None:
        self._options = options
        self._opened = opened
        self.model_digest = digest

    def convert(self, request: Request) -> Draft:
        """Convert in the request's direction; the request's seed decides which of many answers it is.

        Raises:
            SettingsError: memory is short.
        """
        from pixforge.methods._diffusion.proposed import as_draft, resized

        painted = self._painted(request)
        if request.palette is None:
            return as_draft(resized(painted, request.width, request.height))
        draft = _reduced(painted, request, self._options.reduce)
        if self._options.hue:
            from dataclasses import replace

            from pixforge.pixel.hue import with_hue_of

            own = resized(request.picture, request.width, request.height).pixels[..., :3].astype(draft.cells.dtype)
            draft = replace(draft, cells=with_hue_of(draft.cells, own, self._options.hue))
        return draft

    def repaint(self, sprite: Picture, mask: NDArray[np.bool_], seed: int) -> Picture:
        """Refuse: see `ProposalSession.repaint`.

        Raises:
            SettingsError: always.
        """
        from pixforge.errors import SettingsError

        del sprite, mask, seed
        remedy = "give a model of `pixforge train diffusion --recipe joint`"
        raise SettingsError("Stable Diffusion cannot paint a region of a sprite at one pixel a cell", remedy)

    def _painted(self, request: Request) -> Picture:
        """What a Stable Diffusion model paints, under the source's own alpha."""
        import numpy as np

        from pixforge.image.picture import Picture
        from pixforge.image.resample import composite, enlarge
        from pixforge.methods._diffusion.proposed import resized
        from pixforge.nn.diffusion.generate import Wishes, generate

        options, source = self._options, request.picture
        if request.direction == "to-drawing":
            source = enlarge(source, max(1, options.side // max(source.width, source.height)))
        width, height = _painting_size(source.width, source.height, options.side)
        fitted = resized(source, width, height)
        red, green, blue = bytes.fromhex(options.ground[1:])
        wishes = Wishes(
            options.prompt or _PROMPTS[request.direction],
            options.negative,
            options.steps or _STEPS,
            _GUIDANCE if options.guidance is None else options.guidance,
            options.image_guidance,
            options.strength,
            options.control_scale,
            request.seed,
        )
        flat = np.ascontiguousarray(composite(fitted, (red, green, blue)).pixels[..., :3])
        out = np.dstack([generate(self._opened, flat, wishes), fitted.pixels[..., 3]])
        out[out[..., 3] == 0] = 0
        return Picture(out)


def _loading(options: Options) -> Loading:
    from pathlib import Path

    from pixforge.nn.diffusion.pipelines import Loading

    return Loading(
        options.mode,
        Path(options.config) if options.config else None,
        Path(options.controlnet) if options.controlnet else None,
        tuple(map(Path, options.lora)),
        options.lora_scale,
        options.scheduler,
        options.device,
        options.dtype,
        options.memory,
    )


def _painting_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Width and height in whole eights, as latents need them; the longer is about `side`."""
    factor = side / max(width, height)
    return max(8, round(width * factor / 8) * 8), max(8, round(height * factor / 8) * 8)


def _reduced(painted: Picture, request: Request, kind: Literal["classical", "median"]) -> Draft:
    """Cells of a painted picture."""
    from pixforge.methods._diffusion.proposed import resized
    from pixforge.pixel.downscale import Wishes, downscale
    from pixforge.pixel.draft import Draft

    assert request.palette is not None
    k = min(16, max(4, round(max(painted.width, painted.height) / max(request.width, request.height))))
    fine = resized(painted, request.width * k, request.height * k)
    if kind == "median":
        return _medians(fine, k)
    wishes = Wishes(
        threshold=request.alpha.threshold,
        strength=request.outline.strength,
        silhouette=request.outline.mode == "keep",
        inner=request.outline.inner,
        features=request.cleanup.features,
        smooth=request.cleanup.jaggies,
        shades=request.dither != "none",
    )
    cells = downscale(fine, k, request.palette, wishes)
    return Draft(cells.colour, cells.alpha, cells.dark | cells.light | cells.firm, cells.gradient)


def _medians(fine: Picture, k: int) -> Draft:
    """The median of each channel over the cell's opaque half, and its coverage."""
    import numpy as np

    from pixforge.pixel.draft import Draft

    height, width = fine.height // k, fine.width // k
    blocks: NDArray[np.float32] = fine.pixels.reshape(height, k, width, k, 4).swapaxes(1, 2).astype(np.float32)
    blocks = blocks.reshape(height, width, k * k, 4)
    shown = np.where(blocks[..., 3:] > 127, blocks[..., :3], np.nan)
    shown[np.isnan(shown).all(axis=2).any(axis=-1)] = 0
    return Draft(np.nanmedian(shown, axis=2).astype(np.float32), blocks[..., 3].mean(axis=2) / np.float32(255))
