"""Names, paths, suggestions, and files written whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pixforge.errors import PaletteFileError, SettingsError
from pixforge.palettes import registry
from pixforge.palettes.palette import Palette, named, one_line

TWO = Palette("Two", ((1, 2, 3), (4, 5, 6)))


def test_the_folder_is_the_registry() -> None:
    folder = Path(registry.formats.__file__).parent
    assert set(registry.format_names()) == {path.stem for path in folder.glob("*.py")} - {"__init__"}
    for name in registry.format_names():
        module = registry.format_module(name)
        assert module.LABEL
        assert all(ending.startswith(".") and ending == ending.lower() for ending in module.EXTENSIONS)


def test_builtin_names_are_taken_in_any_case() -> None:
    assert registry.load("PICO-8") is registry.load("pico-8")


@pytest.mark.parametrize(
    ("given", "meant"), [("pico8", "pico-8"), ("game-boy", "gameboy"), ("zxspectrum", "zx-spectrum")]
)
def test_an_unknown_name_gets_a_suggestion(given: str, meant: str) -> None:
    with pytest.raises(SettingsError, match=f'did you mean "{meant}"'):
        registry.load(given)


def test_a_name_unlike_any_gets_the_list() -> None:
    with pytest.raises(SettingsError, match="built-in palettes: 1-bit, "):
        registry.load("qqqqqq")


def test_a_missing_file_gets_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "studio.hex").write_text("ff0000")
    with pytest.raises(PaletteFileError, match=r'no such palette file .did you mean "studio.hex"'):
        registry.load("studoi.hex", tmp_path)
    with pytest.raises(PaletteFileError, match="check the path"):
        registry.load("nowhere/else.hex", tmp_path)


def test_a_folder_is_no_palette(tmp_path: Path) -> None:
    (tmp_path / "studio").mkdir()
    with pytest.raises(PaletteFileError, match="a folder"):
        registry.load("studio", tmp_path)


def test_paths_start_from_the_base(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    (tmp_path / "art" / "studio.hex").write_text("010203\n040506\n")
    assert registry.load("art/studio.hex", tmp_path).colors == TWO.colors
    assert registry.load(tmp_path / "art" / "studio.hex", Path("elsewhere")).colors == TWO.colors


def test_the_content_decides_before_the_ending(tmp_path: Path) -> None:
    path = tmp_path / "really-gimp.act"
    path.write_bytes(registry.format_module("gimp").write(TWO))
    assert registry.load(path) == TWO


@pytest.mark.parametrize("ending", registry.extensions())
def test_every_ending_can_be_saved_and_loaded(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"made{ending}"
    assert registry.save(TWO, path)
    assert not registry.save(TWO, path)
    assert registry.load(path).colors == TWO.colors
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_of_two_formats_with_one_ending_either_can_be_written(tmp_path: Path) -> None:
    registry.save(TWO, tmp_path / "a.pal")
    registry.save(TWO, tmp_path / "b.PAL", "riff_pal")
    assert (tmp_path / "a.pal").read_bytes().startswith(b"JASC")
    assert (tmp_path / "b.PAL").read_bytes().startswith(b"RIFF")


def test_unknown_endings_and_kinds_are_errors(tmp_path: Path) -> None:
    with pytest.raises(PaletteFileError, match=r'ending ".doc"') as caught:
        registry.save(TWO, tmp_path / "a.doc")
    assert ".gpl" in caught.value.remedy
    with pytest.raises(SettingsError, match='did you mean "riff_pal"'):
        registry.save(TWO, tmp_path / "a.pal", "riffpal")
    assert list(tmp_path.iterdir()) == []


def test_a_palette_that_a_format_cannot_hold_names_the_file(tmp_path: Path) -> None:
    large = Palette("large", tuple((index, 0, index // 2) for index in range(200)) * 2)
    with pytest.raises(PaletteFileError, match="256 colours, not 400") as caught:
        registry.save(large, tmp_path / "a.act")
    assert caught.value.path == tmp_path / "a.act"


@pytest.mark.parametrize(
    ("name", "colors", "names"),
    [("", ((0, 0, 0),), ()), ("x", (), ()), ("x", ((0, 0, 256),), ()), ("x", ((0, 0, 0),), ("a", "b"))],
)
def test_an_impossible_palette_cannot_be_made(
    name: str, colors: tuple[tuple[int, int, int], ...], names: tuple[str, ...]
) -> None:
    with pytest.raises(ValueError, match=r"palette|colour|names"):
        Palette(name, colors, names)


def test_names_are_on_one_line() -> None:
    assert one_line("  a\tb\n\0 c ") == "a b c"
    assert named(["", " "]) == ()
    assert named(["a\nb", ""]) == ("a b", "")


def test_reading_palettes_needs_neither_numpy_nor_pillow() -> None:
    """Presets load them at start-up."""
    code = (
        "import sys; from pixforge.palettes import registry; registry.load('pico-8'); registry.extensions();"
        "sys.exit(str({'numpy', 'PIL'} & set(sys.modules)) if {'numpy', 'PIL'} & set(sys.modules) else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
