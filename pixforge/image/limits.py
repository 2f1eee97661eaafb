"""Limits against decompression bombs, checked from a file's header before anything is decoded. Free of numpy."""

from __future__ import annotations

from dataclasses import dataclass

from pixforge.errors import LimitError, PictureError

# Bytes allowed beside the pixels: profiles, thumbnails, layers of a painting program.
_METADATA = 64 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """How much one source file may ask for.

    Attributes:
        max_pixels: pixels of one picture (width x height). The default is that of 8192 x 8192, which takes 256 MiB.
        max_frames: frames of one animation (or pages of one TIFF).
        max_clip_pixels: pixels of all frames of one animation together; the default takes 1 GiB.
        svg_size: length in pixels of the longest side at which an SVG is drawn.
    """

    max_pixels: int = 8192 * 8192
    max_frames: int = 2000
    max_clip_pixels: int = 4 * 8192 * 8192
    svg_size: int = 1024

    def check_file(self, size: int) -> None:
        """Refuse a file of more bytes than a picture within the limits could need at 16 bits a channel.

        Raises:
            LimitError: the file is too large.
        """
        if size > 8 * self.max_pixels + _METADATA:
            raise LimitError(
                f"the file has {size} bytes, more than a picture of {self.max_pixels} pixels needs",
                "make it smaller or raise the limit max_pixels",
            )

    def check_size(self, width: int, height: int) -> None:
        """Refuse a picture that is empty or too large.

        Raises:
            PictureError: width or height is zero.
            LimitError: width x height is above max_pixels.
        """
        if width < 1 or height < 1:
            raise PictureError(f"the picture has no pixels ({width} x {height})", "export it again with a size")
        if width * height > self.max_pixels:
            raise LimitError(
                f"the picture is {width} x {height}, which is more than the limit of {self.max_pixels} pixels",
                "make it smaller or raise the limit max_pixels",
            )

    def check_clip(self, width: int, height: int, frames: int) -> None:
        """Refuse an animation of too many frames, or of too many pixels in all frames together.

        Raises:
            LimitError: naming the limit that was passed.
        """
        self.check_size(width, height)
        if frames > self.max_frames:
            raise LimitError(
                f"the animation has {frames} frames, which is more than the limit of {self.max_frames}",
                "split it or raise the limit max_frames",
            )
        if width * height * frames > self.max_clip_pixels:
            raise LimitError(
                f"the animation is {frames} frames of {width} x {height}, "
                f"which is more than the limit of {self.max_clip_pixels} pixels in all",
                "split it, make it smaller or raise the limit max_clip_pixels",
            )
