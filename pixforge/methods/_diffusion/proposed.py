"""Sessions of models at logical resolution: they propose the sprite itself, or the drawing at 4 pixels a cell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from pixforge.errors import SettingsError
from pixforge.image.resample import resize
from pixforge.methods.contract import with_own_lines
from pixforge.nn.card import FILE_NAME
from pixforge.nn.diffusion.checkpoint import Source, family_of, fetched
from pixforge.nn.diffusion.flow import Network, Sampling
from pixforge.nn.diffusion.joint_card import read_joint_card
from pixforge.nn.diffusion.onnx_flow import OnnxNetwork, graph_file
from pixforge.nn.diffusion.proposals import propose, repaint
from pixforge.nn.diffusion.small_lora import read_palette
from pixforge.pixel.cells import cell_mean
from pixforge.pixel.decided import bears_out, line_cells, lone_features
from pixforge.pixel.draft import Draft
from pixforge.preprocess import CELL, Array, drawing_array, drawing_picture, logical_array, logical_picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pixforge.image.picture import Picture
    from pixforge.methods.contract import Request
    from pixforge.methods.diffusion import Options
    from pixforge.pixel.manner import Manner


def open_graphs(source: Source, options: Options) -> Network | None:
    """Return a model that ONNX Runtime computes; None if it is none, or another device is wished for.

    Raises:
        SettingsError: it is not whole, or options do not fit a model at logical resolution.
    """
    if source.kind != "folder" or options.device not in ("auto", "cpu"):
        return None
    if not all(graph_file(source.path, way).is_file() for way in ("to-pixel", "to-drawing")):
        return None
    if family_of(fetched(source)) != "joint":
        return None
    if options.controlnet:
        remedy = "leave `controlnet` empty, or choose a checkpoint of Stable Diffusion"
        raise SettingsError("a model at logical resolution takes no ControlNet", remedy, source.path)
    read_joint_card(source.path)
    return OnnxNetwork(source.path, lora=tuple(map(Path, options.lora)), lora_scale=options.lora_scale)


_BORNE: Final = 0.04  # OKLab; between two shades that a model mixes the drawing's mean lies farther from both


def odds_of(source: Source) -> tuple[float, ...]:
    """Return the odds of the manner that a fetched model's card carries; only models at logical resolution have one."""
    if family_of(source) != "joint" or not (source.path / FILE_NAME).is_file():
        return ()
    return read_joint_card(source.path).manner


class ProposalSession:
    """A loaded model at logical resolution.

    Args:
        options: of the method.
        network: that computes it.
        digest: of its files.
        manner: that it goes by; None: it goes by none.
    """

    def __init__(self, options: Options, network: Network, digest: str, manner: Manner | None = None) -> None:
        self._manner = manner
        self._options = options
        house = dict.fromkeys(colour for file in options.lora for colour in read_palette(Path(file)))
        self.own_colours = tuple(house) if options.colors == "network" else None
        self._network = network
        self.model_digest = digest

    def convert(self, request: Request) -> Draft:
        """Convert in the request's direction; the request's seed decides which of many answers it is."""
        sampling = self._sampling(request.seed)
        if request.direction == "to-pixel":
            array = drawing_array(request.picture, request.width, request.height)
            out = propose(self._network, array, "to-pixel", sampling)
            draft = as_draft(logical_picture(out, request.alpha.threshold))
            if self._manner is not None:
                draft = replace(draft, protected=borne_out(draft, array, request), manner=self._manner)
            lined = self._options.lines and request.palette is not None
            if lined:
                draft = with_own_lines(draft, request, draft.alpha < request.alpha.threshold)
            return draft
        out = propose(self._network, logical_array(request.picture), "to-drawing", sampling)
        return as_draft(resized(drawing_picture(out), request.width, request.height))

    def repaint(self, sprite: Picture, mask: NDArray[np.bool_], seed: int) -> Picture:
        """Return a sprite whose masked region is painted anew, in any colours; alpha is 0 or 255."""
        return logical_picture(repaint(self._network, logical_array(sprite), mask, self._sampling(seed)))

    def _sampling(self, seed: int) -> Sampling:
        options, usual = self._options, Sampling()
        # Guidance makes a conversion decided (cells given back 0.756 -> 0.776), but free proposals speckled.
        wonted = 1.0 if options.freedom else usual.guidance
        guidance = wonted if options.guidance is None else options.guidance
        return Sampling(options.steps or usual.steps, guidance, options.freedom, seed)


def borne_out(draft: Draft, drawing: Array, request: Request) -> NDArray[np.bool_]:
    """Return the lines and lone cells (H, W) whose colour the drawing has there; others are the model's own specks.

    Args:
        draft: of the request.
        drawing: (4, 4H, 4W), as the model sees it.
        request: direction to-pixel.
    """
    cover = np.maximum(cell_mean(drawing[3], CELL), np.float32(1e-4))
    planes = [cell_mean(plane, CELL) * np.float32(255) / cover for plane in drawing[:3]]
    means: Array = np.stack(planes, axis=-1).astype(np.float32)
    opaque = draft.alpha >= request.alpha.threshold
    kept = line_cells(draft.cells, opaque) | lone_features(draft.cells, opaque, means)
    return kept & bears_out(draft.cells, means, _BORNE)


def resized(picture: Picture, width: int, height: int) -> Picture:
    """Return the picture at a size: means of what it shrinks, else Lanczos."""
    shrinks = picture.width >= width and picture.height >= height
    return resize(picture, width, height, "box" if shrinks else "lanczos")


def as_draft(picture: Picture) -> Draft:
    """Return a finished picture as a draft, its alpha as coverage."""
    return Draft(
        picture.pixels[..., :3].astype(np.float32), picture.pixels[..., 3].astype(np.float32) / np.float32(255)
    )
