"""Any picture file to sRGB RGBA.

The content of a file decides its format; a wrong extension does not matter. The size is checked against the limits
before any pixel is decoded. Every failure is a PictureError (or LimitError) that names the file, cause and remedy.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pixforge.errors import MissingDependencyError, PictureError
from pixforge.image.limits import Limits
from pixforge.image.picture import Frame, Picture, Rgba
from pixforge.image.pillow import quiet
from pixforge.image.sniff import HEAD, sniff
from pixforge.image.source import Source

_DEFAULTS = Limits()


def load(path: Path | str, limits: Limits = _DEFAULTS, *, first_frame: bool = False) -> Picture:
    """Load a file that holds one picture.

    Args:
        path: the file.
        limits: what it may ask for.
        first_frame: take the first frame of an animation (or page of a TIFF) instead of refusing it.

    Raises:
        PictureError: missing, unreadable, damaged, no picture, or animated.
        LimitError: larger than the limits allow.
        MissingDependencyError: an SVG, and resvg_py is not installed.
    """
    path = Path(path)
    with _opened(path, limits) as source:
        if source.count > 1 and not first_frame:
            raise PictureError(
                f"the file has {source.count} {source.many} where one picture is expected",
                "treat it as a clip, export one of them as PNG, or ask for the first frame",
            )
        pixels, _ = next(source.frames())
        return _picture(pixels)


def load_frames(path: Path | str, limits: Limits = _DEFAULTS) -> tuple[Frame, ...]:
    """Load all frames of an animated GIF, APNG, WebP or Aseprite file (or pages of a TIFF), composed, with durations.

    A still picture gives one frame. A duration of 0 or none becomes 100 ms, as in browsers.

    Raises:
        PictureError: as load; also pages of different sizes.
        LimitError: as load; also too many frames, or too many pixels in all of them.
        MissingDependencyError: as load.
    """
    path = Path(path)
    with _opened(path, limits) as source:
        limits.check_clip(source.width, source.height, source.count)
        frames = tuple(Frame(_picture(pixels), duration) for pixels, duration in islice(source.frames(), source.count))
        if len({frame.picture.pixels.shape for frame in frames}) > 1:
            raise PictureError(f"the {source.many} are not all of one size", "export each as a file of its own")
        return frames


def _picture(pixels: Rgba) -> Picture:
    return Picture(np.ascontiguousarray(pixels))


@contextmanager
def _opened(path: Path, limits: Limits) -> Iterator[Source]:
    """Open a file as the source its content calls for, and give every failure the file's name."""
    try:
        with _ordinary(path).open("rb") as file, quiet():
            limits.check_file(path.stat().st_size)
            name = sniff(file.read(HEAD))
            with _damage_explained(name):
                yield _decoder(name)(file, limits)
    except (PictureError, MissingDependencyError) as error:
        raise type(error)(error.cause, error.remedy, path) from error
    except OSError as error:
        raise _unreadable(error, path) from error


def _ordinary(path: Path) -> Path:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise PictureError(
            "this is a folder, not a picture",
            "name a file, give --clip for a folder of frames, or convert the folder as a batch",
        )
    if not stat.S_ISREG(mode):
        raise PictureError("this is a pipe or a device, not a file", "save the picture as a file first")
    return path


@contextmanager
def _damage_explained(name: str) -> Iterator[None]:
    """Turn whatever a decoder stumbles over into a PictureError.

    Decoders raise nearly every built-in exception on damaged data, so all are caught here, at the border; an OSError
    with an error number is the system's, not the decoder's.
    """
    try:
        yield
    except (PictureError, MissingDependencyError):
        raise
    except MemoryError as error:
        raise PictureError("there is not enough memory for this picture", "make it smaller") from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        detail = str(error) or type(error).__name__
        raise PictureError(
            f"the {name.upper()} data is damaged, cut off or of an unsupported kind ({detail})",
            "open and save it again in a paint program, best as PNG",
        ) from error


def _unreadable(error: OSError, path: Path) -> PictureError:
    if isinstance(error, FileNotFoundError):
        return PictureError("there is no such file", "check the name", path)
    if isinstance(error, PermissionError):
        return PictureError("the file may not be read (permission denied)", "make it readable", path)
    return PictureError(f"the file cannot be read ({error.strerror})", "check the path and the disk", path)


def _decoder(name: str) -> Callable[[BinaryIO, Limits], Source]:
    """The function that opens a format; imported when it is needed."""
    match name:
        case "png":
            from pixforge.image.png import open_png

            return open_png
        case "gif":
            from pixforge.image.gif import open_gif

            return open_gif
        case "webp":
            from pixforge.image.webp import open_webp

            return open_webp
        case "svg":
            from pixforge.image.svg import open_svg

            return open_svg
        case "aseprite":
            from pixforge.image.ase import open_aseprite

            return open_aseprite
    from pixforge.image import stills

    openers: dict[str, Callable[[BinaryIO, Limits], Source]] = {
        "jpeg": stills.open_jpeg,
        "bmp": stills.open_bmp,
        "tga": stills.open_tga,
        "tiff": stills.open_tiff,
    }
    return openers[name]
