"""Diffusion: any checkpoint of Stable Diffusion, or a small model at logical resolution, kept to the drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pixforge.typed_toml import Pattern, Range

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pixforge.image.picture import Picture
    from pixforge.methods.contract import Request
    from pixforge.nn.diffusion.pipelines import Loading, Opened
    from pixforge.pixel.draft import Draft
    from pixforge.pixel.options import Direction

DIRECTIONS: tuple[Direction, ...] = ("to-pixel", "to-drawing")
EXTRA: str | None = "diffusion"
REQUIRES: tuple[str, ...] = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors")
BY_CHANCE = True  # another seed gives another picture

_PROMPTS = {"to-pixel": "pixel art of a drawing", "to-drawing": "drawing of pixel art"}


@dataclass(frozen=True)
class Options:
    """The table [method.diffusion].

    Attributes:
        prompt: what the picture shall be; empty: "pixel art of a drawing", or "drawing of pixel art".
        negative: what it shall not be.
        mode: auto takes instruct for a checkpoint of InstructPix2Pix, controlnet where one is given, else img2img.
        steps: of denoising.
        guidance: how strongly the prompt counts (of a model at logical resolution: the drawing).
        image_guidance: how strongly the drawing counts in mode instruct.
        strength: how far from the drawing modes img2img and controlnet may go.
        freedom: 0 to 3, how freely a model at logical resolution reads the drawing's colours.
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
    steps: Annotated[int, Range(1, 1000)] = 20
    guidance: Annotated[float, Range(0.0, 50.0)] = 5.0
    image_guidance: Annotated[float, Range(1.0, 50.0)] = 1.5
    strength: Annotated[float, Range(0.0, 1.0)] = 0.5
    freedom: Annotated[int, Range(0, 3)] = 0
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


def open_session(options: Options, model: str) -> DiffusionSession:
    """Load a model, from the hub if it is a name there.

    Raises:
        MissingDependencyError: there is no such model, or it cannot be downloaded.
        SettingsError: it is a pickle, not whole, of another kind, or does not fit the options.
    """
    from pixforge.nn.diffusion.checkpoint import fetched, locate

    source = locate(model)
    from pixforge.nn.diffusion.pipelines import open_pipeline

    return DiffusionSession(options, open_pipeline(fetched(source), _loading(options)), model_digest(options, model))


def model_digest(options: Options, model: str) -> str:
    """Return a digest of the files that decide the answer: model, LoRA files, ControlNet."""
    import hashlib
    from pathlib import Path

    from pixforge.nn.diffusion.checkpoint import fetched, files_digest, locate

    parts = [fetched(locate(model)).path, *map(Path, options.lora)]
    parts += [Path(options.controlnet)] if options.controlnet else []
    return hashlib.sha256(" ".join(map(files_digest, parts)).encode()).hexdigest()


class DiffusionSession:
    """A loaded model of either family."""

    def __init__(self, options: Options, opened: Opened, digest: str) -> None:
        self._options = options
        self._opened = opened
        self.model_digest = digest

    def convert(self, request: Request) -> Draft:
        """Convert in the request's direction; the request's seed decides which of many answers it is.

        Raises:
            SettingsError: memory is short.
        """
        if self._opened.family == "joint":
            return self._proposed(request)
        painted = self._painted(request)
        if request.palette is None:
            return _as_draft(_resized(painted, request.width, request.height))
        draft = _reduced(painted, request, self._options.reduce)
        if self._options.hue:
            from dataclasses import replace

            from pixforge.pixel.hue import with_hue_of

            own = _resized(request.picture, request.width, request.height).pixels[..., :3].astype(draft.cells.dtype)
            draft = replace(draft, cells=with_hue_of(draft.cells, own, self._options.hue))
        return draft

    def repaint(self, sprite: Picture, mask: NDArray[np.bool_], seed: int) -> Picture:
        """Return a sprite whose masked region is painted anew, in any colours; alpha is 0 or 255.

        Raises:
            SettingsError: the model is none at logical resolution, or memory is short.
        """
        from pixforge.errors import SettingsError
        from pixforge.nn.diffusion.failures import explained
        from pixforge.nn.diffusion.proposals import Sampling, repaint
        from pixforge.preprocess import logical_array, logical_picture

        if self._opened.family != "joint":
            remedy = "give a model of `pixforge train diffusion --recipe joint`"
            raise SettingsError("Stable Diffusion cannot paint a region of a sprite at one pixel a cell", remedy)
        sampling = Sampling(self._options.steps, self._options.guidance, self._options.freedom, seed)
        with explained("diffusion"):
            return logical_picture(repaint(self._opened.pipeline, logical_array(sprite), mask, sampling))

    def _painted(self, request: Request) -> Picture:
        """What a Stable Diffusion model paints, under the source's own alpha."""
        import numpy as np

        from pixforge.image.picture import Picture
        from pixforge.image.resample import composite, enlarge
        from pixforge.nn.diffusion.generate import Wishes, generate

        options, source = self._options, request.picture
        if request.direction == "to-drawing":
            source = enlarge(source, max(1, options.side // max(source.width, source.height)))
        width, height = _painting_size(source.width, source.height, options.side)
        fitted = _resized(source, width, height)
        red, green, blue = bytes.fromhex(options.ground[1:])
        wishes = Wishes(
            options.prompt or _PROMPTS[request.direction],
            options.negative,
            options.steps,
            options.guidance,
            options.image_guidance,
            options.strength,
            options.control_scale,
            request.seed,
        )
        flat = np.ascontiguousarray(composite(fitted, (red, green, blue)).pixels[..., :3])
        out = np.dstack([generate(self._opened, flat, wishes), fitted.pixels[..., 3]])
        out[out[..., 3] == 0] = 0
        return Picture(out)

    def _proposed(self, request: Request) -> Draft:
        """What a model at logical resolution proposes."""
        from pixforge.nn.diffusion.failures import explained
        from pixforge.nn.diffusion.proposals import Sampling, propose
        from pixforge.preprocess import drawing_array, drawing_picture, logical_array, logical_picture

        options = self._options
        sampling = Sampling(options.steps, options.guidance, options.freedom, request.seed)
        if request.direction == "to-pixel":
            array = drawing_array(request.picture, request.width, request.height)
        else:
            array = logical_array(request.picture)
        with explained("diffusion"):
            out = propose(self._opened.pipeline, array, request.direction, sampling)
        if request.direction == "to-pixel":
            return _as_draft(logical_picture(out, request.alpha.threshold))
        return _as_draft(_resized(drawing_picture(out), request.width, request.height))


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


def _resized(picture: Picture, width: int, height: int) -> Picture:
    from pixforge.image.resample import resize

    shrinks = picture.width >= width and picture.height >= height
    return resize(picture, width, height, "box" if shrinks else "lanczos")


def _as_draft(picture: Picture) -> Draft:
    import numpy as np

    from pixforge.pixel.draft import Draft

    return Draft(
        picture.pixels[..., :3].astype(np.float32), picture.pixels[..., 3].astype(np.float32) / np.float32(255)
    )


def _reduced(painted: Picture, request: Request, kind: Literal["classical", "median"]) -> Draft:
    """Cells of a painted picture."""
    from pixforge.pixel.downscale import Wishes, downscale
    from pixforge.pixel.draft import Draft

    assert request.palette is not None
    k = min(16, max(4, round(max(painted.width, painted.height) / max(request.width, request.height))))
    fine = _resized(painted, request.width * k, request.height * k)
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
