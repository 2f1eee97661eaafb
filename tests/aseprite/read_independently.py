"""Read an Aseprite file with the packages of readers.txt (Python 3.12 or newer) and print JSON.

Arguments: the file, and "full" for the package aseprite or "plain" for aseprite-reader (which knows neither groups nor
linked cels nor tilemaps).
"""

import json
import sys
import tempfile
from pathlib import Path


def full(path: str) -> dict:
    from aseprite import Sprite

    sprite = Sprite.open(path)
    return {
        "size": list(sprite.size),
        "frames": [sprite.flatten(number).hex() for number in range(len(sprite.frames))],
        "durations": [frame.duration_ms for frame in sprite.frames],
        "tags": [[tag.name, tag.from_frame, tag.to_frame, int(tag.direction), tag.repeat] for tag in sprite.tags],
        "layers": [layer.name for layer in sprite.layers],
        "slices": [each.name for each in sprite.slices],
        "again": sprite.to_bytes().hex(),
    }


def plain(path: str) -> dict:
    from aseprite_reader import AsepriteFile
    from PIL import Image

    file = AsepriteFile(path)
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        for number, frame in file.iter_frames():
            target = Path(folder) / f"{number}.png"
            file.render(frame, target)
            with Image.open(target) as image:
                frames.append(image.convert("RGBA").tobytes().hex())
    return {
        "size": [file.header.width, file.header.height],
        "frames": frames,
        "durations": [frame.duration for frame in file.frames],
        "tags": [[tag.name, tag.from_frame, tag.to_frame] for tag in file.tags],
    }


sys.stdout.write(json.dumps({"full": full, "plain": plain}[sys.argv[2]](sys.argv[1])))
