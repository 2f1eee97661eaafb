"""From the name of a model to a loaded pipeline: a folder, one .safetensors file, or a name on the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from pixforge.errors import MissingDependencyError, SettingsError
from pixforge.nn import store
from pixforge.nn.diffusion.folder import INDEX, check_whole, read_index, weight_files
from pixforge.nn.diffusion.tensors import SUFFIX, digest_of, read_head, refuse_pickle

Kind = Literal["folder", "file", "hub"]
Family = Literal["joint", "sd", "sdxl"]
Mode = Literal["img2img", "instruct", "controlnet"]

JOINT: Final = "JointPipeline"
_HUB: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
_FAMILIES: Final[dict[str, Family]] = {"StableDiffusionXL": "sdxl", "StableDiffusion": "sd", JOINT: "joint"}


@dataclass(frozen=True)
class Source:
    """Where a model is.

    Attributes:
        name: as the user named it.
        kind: folder, file or hub.
        path: of the folder or file; of a hub name the downloaded folder, once `fetched`.
    """

    name: str
    kind: Kind
    path: Path


def locate(model: str) -> Source:
    """Return where a model is; nothing is loaded or downloaded.

    Args:
        model: "bundled", the path of a folder or of a .safetensors file, the name of a folder in the model store, or
            OWNER/NAME on the hub.

    Raises:
        MissingDependencyError: there is no such model.
        SettingsError: it is a pickle.
    """
    path = store.bundled_folder() / "diffusion" if model == store.BUNDLED else Path(model).expanduser()
    refuse_pickle(path)
    for place in (path, store.user_folder() / model):
        if (place / INDEX).is_file():
            return Source(model, "folder", place)
    if path.is_file() and path.suffix.lower() == SUFFIX:
        return Source(model, "file", path)
    if path.is_dir():
        remedy = f"give the folder that holds {INDEX}; a download that was interrupted goes on where it stopped"
        raise SettingsError("holds no model of diffusers", remedy, path)
    if model == store.BUNDLED:
        remedy = "give --model: a folder, a .safetensors file, or OWNER/NAME on the hub"
        raise MissingDependencyError("no diffusion model comes with this version", remedy)
    if _HUB.fullmatch(model):
        return Source(model, "hub", Path())
    remedy = "give a folder, a .safetensors file, or OWNER/NAME on the hub"
    raise MissingDependencyError(f'there is no diffusion model "{model}"', remedy)


def fetched(source: Source) -> Source:
    """Return the source with its files on this machine, whole: a hub name is downloaded if it is not there yet.

    Raises:
        MissingDependencyError: it would have to be downloaded, and cannot be.
        SettingsError: it is not whole, or has pickles only.
    """
    if source.kind == "file":
        read_head(source.path)
        return source
    if source.kind == "hub":
        from diffusers import DiffusionPipeline

        from pixforge.nn.diffusion.failures import explained

        with explained(source.name):
            source = Source(source.name, "hub", Path(DiffusionPipeline.download(source.name, use_safetensors=True)))
    check_whole(source.path)
    return source


def files_digest(path: Path) -> str:
    """Return a SHA-256 (hex) of a model folder or file: see `tensors.digest_of`."""
    return digest_of([path], path.parent) if path.is_file() else digest_of(weight_files(path), path)


def family_of(source: Source) -> Family:
    """Return which family a fetched model belongs to.

    Raises:
        SettingsError: to none that pixforge runs.
    """
    if source.kind == "file":
        names = read_head(source.path).shapes
        if not any(name.startswith("model.diffusion_model.") for name in names):
            remedy = "give a whole checkpoint (with VAE and text encoder); a LoRA file belongs into `lora`"
            raise SettingsError("is no checkpoint of Stable Diffusion", remedy, source.path)
        return "sdxl" if any(name.startswith("conditioner.embedders.") for name in names) else "sd"
    said = str(read_index(source.path).get("_class_name", ""))
    for start, family in _FAMILIES.items():
        if said.startswith(start):
            return family
    raise SettingsError(
        f'is a model of the kind "{said}"', "give one of Stable Diffusion 1.x, 2.x or XL, or of pixforge", source.path
    )


def mode_of(source: Source, config: Path | None, controlnet: bool, asked: Literal["auto"] | Mode) -> Mode:
    """Return the mode that a Stable Diffusion checkpoint is run in.

    Raises:
        SettingsError: it cannot run in the mode that was asked for.
    """
    channels = unet_channels(source, config)
    if channels not in (4, 8):
        raise SettingsError(
            f"its U-Net takes {channels} channels (4: Stable Diffusion, 8: InstructPix2Pix)",
            "choose another checkpoint: inpainting and depth models do not fit",
            source.path,
        )
    found: Mode = "instruct" if channels == 8 else "controlnet" if controlnet else "img2img"
    if asked not in ("auto", found):
        needs = {"instruct": "a U-Net of 8 channels", "controlnet": "controlnet and a U-Net of 4 channels"}
        what = needs.get(asked, "a U-Net of 4 channels, and no controlnet")
        raise SettingsError(f'mode "{asked}" needs {what}', f'here the mode is "{found}"', source.path)
    return found


def unet_channels(source: Source, config: Path | None) -> int:
    """Return how many channels the U-Net of a fetched checkpoint takes."""
    if source.kind == "file":
        shape = read_head(source.path).shapes.get("model.diffusion_model.input_blocks.0.0.weight", (0, 0))
        return shape[1]
    import json

    part = (config or source.path) / "unet" / "config.json"
    table: dict[str, Any] = json.loads(part.read_text("utf-8"))
    return int(table.get("in_channels", 4))
