"""What real files look like beyond what we write ourselves."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from PIL import Image

from pixforge.errors import PaletteFileError
from pixforge.palettes import registry
from pixforge.palettes.palette import Color, Palette

RED, GREEN = (255, 0, 0), (0, 255, 0)


def read(data: bytes | str, name: str = "file") -> Palette:
    return registry.parse(data.encode() if isinstance(data, str) else data, Path(name))


@pytest.mark.parametrize(
    "lines",
    [
        "ff0000\n00ff00",
        "#FF0000\r\n#00FF00\r\n",
        "; a comment\n\n  ff0000  \n\n#00ff00 ; green\n",
        "# a comment behind a hash\n#\n#ff0000\n#00ff00",
        "0xff0000\n0x00ff00",
        "#f00\n#0f0",
        "\ufeffff0000\n00ff00",
        ";paint.net Palette File\n;Palette Name: x\nFFFF0000\n8000FF00\n",
        "ff0000\r00ff00\r",
    ],
)
def test_hexadecimal_lists_as_they_occur(lines: str) -> None:
    assert read(lines).colors == (RED, GREEN)


def test_comments_of_a_list_describe_it() -> None:
    palette = read("; Name: Studio  one\n; source: us\n# licence: CC0\nff0000 ; blood\n00ff00\n; name: too late\n")
    assert (palette.name, palette.source, palette.license) == ("Studio one", "us", "CC0")
    assert palette.names == ("blood", "")


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ("GIMP Palette\nName: A\nColumns: 4\n# c\n255 0 0 red\n  0 255\t0\t light  green\n", ("red", "light green")),
        ("GIMP Palette\r\n#\r\n255   0   0\r\n  0 255   0\tUntitled\r\n", ()),
        ("GIMP Palette\nChannels: RGBA\n#\n255 0 0 255 red\n0 255 0 128 green\n", ("red", "green")),
        ("GIMP Palette\nName: A\n255 0 0 12 monkeys\n0 255 0 # hash\n", ("12 monkeys", "# hash")),
    ],
)
def test_gimp_palettes_as_they_occur(data: str, names: tuple[str, ...]) -> None:
    palette = read(data)
    assert palette.colors == (RED, GREEN)
    assert palette.names == names


def test_gimp_palette_in_an_old_encoding() -> None:
    assert read(b"GIMP Palette\nName: Gr\xfcn\n#\n0 255 0 gr\xfcn\n").names == ("grün",)


@pytest.mark.parametrize(
    "data",
    [
        "JASC-PAL\n0100\n2\n255 0 0\n0 255 0",
        "JASC-PAL\r\n0100\r\n2\r\n255 0 0 255\r\n0 255 0 255\r\n",
    ],
)
def test_jasc_palettes_as_they_occur(data: str) -> None:
    assert read(data, "x.pal").colors == (RED, GREEN)


def test_riff_palette_with_other_chunks() -> None:
    body = b"PAL " + b"odd \1\0\0\0x\0" + b"data\x0c\0\0\0\0\3\2\0" + b"\xff\0\0\4" + b"\0\xff\0\0" + b"offl\0\0\0\0"
    assert read(b"RIFF" + struct.pack("<I", len(body)) + body).colors == (RED, GREEN)


def aco(space: int, *values: int) -> Color:
    (color,) = read(struct.pack(">HH5H", 1, 1, space, *values, *[0] * (4 - len(values)))).colors
    return color


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (aco(0, 0xFFFF, 0x8080, 0), (255, 128, 0)),
        (aco(1, 0, 0xFFFF, 0xFFFF), (255, 0, 0)),
        (aco(1, 21845, 0xFFFF, 0x8080), (0, 128, 0)),
        (aco(2, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF), (255, 255, 255)),
        (aco(2, 0, 0xFFFF, 0xFFFF, 0xFFFF), (0, 255, 255)),
        (aco(2, 0xFFFF, 0xFFFF, 0xFFFF, 0), (0, 0, 0)),
        (aco(7, 10000, 0, 0), (255, 255, 255)),
        (aco(7, 5429, 8081, 6989), (255, 0, 0)),
        (aco(7, 2957, 6830, 0x10000 - 11203), (0, 0, 255)),
        (aco(8, 0), (255, 255, 255)),
        (aco(8, 10000), (0, 0, 0)),
        (aco(9, 0, 10000, 10000, 0), (255, 0, 0)),
    ],
)
def test_photoshop_swatches_of_all_spaces(found: Color, wanted: Color) -> None:
    assert max(abs(a - b) for a, b in zip(found, wanted, strict=True)) <= 1


def test_photoshop_swatches_with_only_the_second_section() -> None:
    entry = struct.pack(">5HI", 0, 0xFFFF, 0, 0, 0, 2) + "r\0".encode("utf-16-be")
    palette = read(struct.pack(">HH", 2, 1) + entry)
    assert (palette.colors, palette.names) == ((RED,), ("r",))


def swatch(model: bytes, *values: float) -> bytes:
    body = b"\0\1\0\0" + model + struct.pack(f">{len(values)}f", *values) + b"\0\0"
    return struct.pack(">HI", 1, len(body)) + body


def group(name: str) -> bytes:
    body = struct.pack(">H", len(name) + 1) + (name + "\0").encode("utf-16-be")
    return struct.pack(">HI", 0xC001, len(body)) + body


def test_swatch_exchange_of_all_models_and_groups() -> None:
    blocks = [
        group("warm"), swatch(b"RGB ", 1, 0, 0), swatch(b"CMYK", 1, 0, 1, 0), b"\xc0\2\0\0\0\0",
        group("rest"), swatch(b"LAB ", 1, 0, 0), swatch(b"Gray", 0.5), swatch(b"GRAY", 0), b"\xc0\2\0\0\0\0",
    ]  # fmt: skip
    palette = read(b"ASEF\0\1\0\0" + struct.pack(">I", len(blocks)) + b"".join(blocks), "kit.ase")
    assert palette.colors == (RED, GREEN, (255, 255, 255), (128, 128, 128), (0, 0, 0))
    assert palette.name == "kit"


def test_swatch_exchange_floats_that_are_no_colours_do_no_harm() -> None:
    data = swatch(b"LAB ", float("nan"), 3e38, -3e38) + swatch(b"RGB ", float("inf"), float("-inf"), float("nan"))
    assert read(b"ASEF\0\1\0\0\0\0\0\2" + data).colors[1] == (255, 0, 0)


def test_colour_tables_without_a_count_lose_their_filling_only() -> None:
    assert read(bytes((255, 0, 0, 0, 255, 0)).ljust(768, b"\0")).colors == (RED, GREEN, (0, 0, 0))
    full = bytes(range(256)) * 3
    assert len(read(full).colors) == 256


def test_the_transparent_entry_of_a_colour_table_is_left_out() -> None:
    data = bytes((255, 0, 0, 9, 9, 9, 0, 255, 0)).ljust(768, b"\0") + struct.pack(">HH", 3, 1)
    assert read(data).colors == (RED, GREEN)


def test_text_of_the_size_of_a_colour_table_is_text() -> None:
    lines = "112233\r\n" * 96
    assert len(lines) == 768
    assert len(read(lines).colors) == 96


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def indexed() -> Image.Image:
    """Four colours, of which the pixels use the second and third; the first is unused, the fourth black."""
    picture = Image.new("P", (2, 2))
    picture.putpalette([9, 8, 7, 255, 0, 0, 0, 255, 0, 0, 0, 0])
    picture.putdata([1, 2, 2, 1])
    return picture


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_the_palette_of_an_indexed_picture_is_read_in_its_order(kind: str) -> None:
    """Colours that no pixel uses count too; black ones at the end are filling."""
    options = {"optimize": False} if kind == "GIF" else {}
    assert read(saved(indexed(), kind, **options)).colors == ((9, 8, 7), RED, GREEN)


@pytest.mark.parametrize("kind", ["PNG", "GIF"])
def test_a_transparent_entry_is_no_colour(kind: str) -> None:
    options = {"optimize": False} if kind == "GIF" else {}
    assert read(saved(indexed(), kind, transparency=0, **options)).colors == (RED, GREEN)


def test_partly_transparent_entries_are_colours() -> None:
    assert read(saved(indexed(), "PNG", transparency=b"\0\x80\xff\0")).colors == (RED, GREEN)


def test_a_gif_without_a_global_table_gives_that_of_its_first_frame() -> None:
    data = registry.format_module("gif").write(Palette("x", (RED, GREEN)))
    table = data[13:19]
    frame = data.index(b",")
    local = (
        data[:10]
        + b"\x70"
        + data[11:13]
        + b"!\xfe\4note\0"
        + data[frame : frame + 9]
        + b"\x80"
        + table
        + data[frame + 10 :]
    )
    assert read(local).colors == (RED, GREEN)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "1"])
def test_swatches_are_read_in_reading_order(mode: str) -> None:
    """A grid of swatches of 8 x 8 pixels in any kind of picture."""
    picture = Image.new("RGB", (16, 16), (255, 255, 255))
    picture.paste((0, 0, 0), (8, 0, 16, 8))
    picture.paste((0, 0, 0) if mode == "1" else (90, 90, 90), (0, 8, 8, 16))
    wanted = ((255, 255, 255), (0, 0, 0)) if mode == "1" else ((255, 255, 255), (0, 0, 0), (90, 90, 90))
    assert read(saved(picture.convert(mode), "PNG")).colors == wanted


def test_transparent_swatches_are_left_out() -> None:
    picture = Image.new("RGBA", (3, 1))
    picture.putdata([(255, 0, 0, 255), (1, 2, 3, 0), (0, 255, 0, 128)])
    assert read(saved(picture, "PNG")).colors == (RED, GREEN)
    with pytest.raises(PaletteFileError, match="transparent all over"):
        read(saved(Image.new("RGBA", (3, 1)), "PNG"))


def test_a_drawing_is_no_palette() -> None:
    """The remedy names the command that does take a palette from a drawing."""
    gradient = Image.merge("RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.new("L", (256, 256))])
    with pytest.raises(PaletteFileError, match="pixforge palette extract"):
        read(saved(gradient, "PNG"))
    with pytest.raises(PaletteFileError, match="3000 x 2000 pixels are no palette"):
        read(saved(Image.new("1", (3000, 2000)), "PNG"))
