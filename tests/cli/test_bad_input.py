"""Bad input: a clear message with cause and remedy, a documented exit code, nothing written."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

Runner = Callable[..., Any]
Tree = Callable[[Path], dict[str, bytes]]


def png_header(width: int, height: int) -> bytes:
    """The start of a PNG that claims a size."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 64)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in (head, body)
    )


def truncated(path: Path) -> None:
    Image.effect_noise((40, 30), 90).save(path)
    path.write_bytes(path.read_bytes()[:-400])


def zero_bytes(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("This is not a picture.\n" * 20)


def bomb(path: Path) -> None:
    path.write_bytes(png_header(30_000, 30_000))


def very_long(path: Path) -> None:
    """An animation of 5,000 tiny frames, far above the limit."""
    frames = [Image.new("L", (1, 1), 255 * (number % 2)) for number in range(5000)]
    frames[0].save(path, format="GIF", save_all=True, append_images=frames[1:], duration=80)


def folder(path: Path) -> None:
    path.mkdir()


def nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    ("make", "kind", "said"),
    [
        (truncated, "picture", ""),
        (zero_bytes, "picture", "empty"),
        (text, "picture", "text"),
        (bomb, "limit", "30000 x 30000"),
        (very_long, "limit", "5000 frames"),
        (folder, "picture", "folder"),
        (nothing, "picture", ""),
    ],
)
def test_a_bad_picture_is_explained_and_nothing_is_written(
    pixforge: Runner, work: Path, make: Callable[[Path], None], kind: str, said: str, tree: Tree
) -> None:
    make(work / "bad.png")
    before = tree(work)
    ran = pixforge("convert", "bad.png", "-o", "new/out.png", "--json")
    (outcome,) = ran.json["outcomes"]
    assert ran.code == outcome["error"]["exit_code"] == 4
    assert outcome["error"]["kind"] == kind
    assert said in outcome["error"]["cause"]
    assert len(outcome["error"]["remedy"]) > 5
    assert "bad.png" in ran.err
    assert "remedy" in ran.err
    assert tree(work) == before
    assert not (work / "new").exists()


def test_a_wrong_ending_is_no_mistake_for_a_picture(pixforge: Runner, hero: Path, work: Path) -> None:
    hero.rename(work / "hero.jpg")
    assert pixforge("convert", "hero.jpg", "-o", "out.png").code == 0


@pytest.mark.parametrize("content", [b"", b"GIMP Palette\nno colours here\n", b"JASC-PAL\n0100\n9\n1 2 3\n", b"\0\1\2"])
def test_a_broken_palette_file_is_explained(
    pixforge: Runner, hero: Path, work: Path, content: bytes, tree: Tree
) -> None:
    (work / "studio.gpl").write_bytes(content)
    before = tree(work)
    ran = pixforge("convert", hero, "-o", "out.png", "--palette", "studio.gpl", "--json")
    assert ran.code == 5
    (problem,) = ran.json["error"]["problems"]
    assert (problem["table"], problem["key"]) == ("palette", "source")
    assert "studio.gpl" in problem["found"]
    assert problem["hint"]
    assert tree(work) == before


def test_a_preset_with_five_mistakes_names_them_all(pixforge: Runner, hero: Path, work: Path, tree: Tree) -> None:
    (work / "studio.toml").write_text(
        'direction = "to-pixle"\n[grid]\nwidht = 32\n[palette]\ncolors = 1\ndither = "bayer3"\n'
        '[outline]\ncolor = "black"\n'
    )
    before = tree(work)
    ran = pixforge("convert", hero, "-o", "out.png", "-p", "studio.toml", "--json")
    assert ran.code == 5
    error = ran.json["error"]
    assert error["path"] == "studio.toml"
    names = {f"{problem['table']}.{problem['key']}" for problem in error["problems"]}
    assert names == {".direction", "grid.widht", "palette.colors", "palette.dither", "outline.color"}
    for part in ("studio.toml", "5 mistakes", 'did you mean "width"?', 'did you mean "to-pixel"?', "remedy"):
        assert part in ran.err
    assert tree(work) == before


@pytest.mark.parametrize("content", ["direction = to-pixel", "a = 1 b = 2", "\x00"])
def test_a_preset_that_is_no_toml_names_the_line(pixforge: Runner, hero: Path, work: Path, content: str) -> None:
    (work / "studio.toml").write_text(content)
    ran = pixforge("convert", hero, "-o", "out.png", "-p", "studio.toml")
    assert ran.code == 5
    assert "studio.toml: is not valid TOML" in ran.err
    assert "line 1" in ran.err


def test_an_unknown_preset_or_model_direction_is_explained(pixforge: Runner, hero: Path) -> None:
    ran = pixforge("convert", hero, "-o", "out.png", "-p", "sprit-64")
    assert ran.code == 5
    assert 'did you mean "sprite-64"?' in ran.err
    ran = pixforge("convert", hero, "-o", "out.png", "--direction", "to-drawing")
    assert ran.code == 5
    assert "direction" in ran.err
    assert "given as an option" in ran.err


def test_a_smooth_drawing_is_no_pixel_art(pixforge: Runner, work: Path) -> None:
    shades = [
        Image.radial_gradient("L").rotate(angle).resize((500, 420), Image.Resampling.BICUBIC) for angle in (0, 30, 70)
    ]
    Image.merge("RGB", shades).save(work / "smooth.png")
    ran = pixforge("convert", "smooth.png", "-o", "out.png", "--cell", "auto")
    assert ran.code == 9
    assert "pixel art" in ran.err
    assert not Path("out.png").exists()


def test_an_output_that_cannot_be_written_is_explained(pixforge: Runner, hero: Path, work: Path) -> None:
    (work / "file").write_text("in the way")
    ran = pixforge("convert", hero, "-o", "file/out.png", "-m", "identity", "--json")
    assert ran.code == 8
    assert ran.json["outcomes"][0]["error"]["kind"] == "output"


def test_a_missing_package_is_named_with_what_installs_it(
    pixforge: Runner, hero: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pixforge.engine import sessions
    from pixforge.methods import identity

    sessions._open.cache_clear()
    monkeypatch.setattr(identity, "REQUIRES", ("a_package_that_is_not_there",))
    monkeypatch.setattr(identity, "EXTRA", "style")
    ran = pixforge("convert", hero, "-o", "out.png", "-m", "identity")
    assert ran.code == 6
    assert 'pip install "pixforge[style]"' in ran.err
