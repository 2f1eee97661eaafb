"""The built-in palettes: complete, credited, and those that follow from a rule follow from it."""

from __future__ import annotations

import math
from itertools import product

import pytest

from pixforge.palettes import registry

COUNTS = {
    "1-bit": 2, "amstrad-cpc": 27, "apple-ii": 15, "c64": 16, "cga-0": 4, "cga-1": 4, "db16": 16, "db32": 32, "ega": 16,
    "gameboy": 4, "gameboy-pocket": 4, "master-system": 64, "msx": 15, "nes": 54, "pico-8": 16, "snes-16": 16,
    "sweetie-16": 16, "vic-20": 16, "web-safe": 216, "zx-spectrum": 15,
}  # fmt: skip


def test_the_list() -> None:
    assert set(registry.builtin_names()) == set(COUNTS)


@pytest.mark.parametrize("name", COUNTS)
def test_complete_and_credited(name: str) -> None:
    palette = registry.load(name)
    assert len(palette.colors) == len(set(palette.colors)) == COUNTS[name]
    assert palette.name
    assert palette.source
    assert any(word in palette.license for word in ("free to use", "CC0", "colours, which are facts"))


@pytest.mark.parametrize(
    ("name", "levels"),
    [("master-system", (0, 85, 170, 255)), ("web-safe", range(0, 256, 51)), ("amstrad-cpc", (0, 128, 255))],
)
def test_evenly_spaced_ones(name: str, levels: tuple[int, ...]) -> None:
    assert registry.load(name).colors == tuple(product(levels, repeat=3))


def test_spectrum_and_ega_are_digital() -> None:
    dim, bright = (tuple(product((0, level), repeat=3)) for level in (0xD7, 0xFF))
    assert set(registry.load("zx-spectrum").colors) == set(dim) | set(bright)
    ega = {
        tuple(0xAA * bit + 0x55 * intense for bit in bits) for bits in product((0, 1), repeat=3) for intense in (0, 1)
    }
    assert set(registry.load("ega").colors) == ega - {(0xAA, 0xAA, 0)} | {(0xAA, 0x55, 0)}


def test_snes_colours_have_five_bits() -> None:
    assert all(channel % 8 == 0 for color in registry.load("snes-16").colors for channel in color)


LOW, HIGH = (0.350, 0.518, 0.962, 1.550), (1.094, 1.506, 1.962, 1.962)  # volts of the 2C02 above sync
BLACK, WHITE = 0.518, 1.962


def nes_color(index: int) -> tuple[int, ...]:
    """Decode one cycle of the signal that the 2C02 puts out for a colour: twelve samples to YIQ to RGB."""
    row, column = divmod(index, 16)
    luma = i_part = q_part = 0.0
    for phase in range(12):
        if column > 13:
            level = BLACK
        elif column == 13 or (column > 0 and (column + phase) % 12 >= 6):
            level = LOW[row]
        else:
            level = HIGH[row]
        value = (level - BLACK) / (WHITE - BLACK)
        angle = 2 * math.pi * (phase + 3.9) / 12
        luma += value / 12
        i_part += 0.75 * value * math.cos(angle) / 6
        q_part += 0.75 * value * math.sin(angle) / 6
    rgb = (
        luma + 0.956 * i_part + 0.621 * q_part,
        luma - 0.272 * i_part - 0.647 * q_part,
        luma - 1.106 * i_part + 1.703 * q_part,
    )
    return tuple(round(255 * min(max(value, 0), 1)) for value in rgb)


def test_nes_colours_follow_from_the_signal() -> None:
    """In the order of the chip, without doubles; each is named by the first index that gives it."""
    first: dict[tuple[int, ...], str] = {}
    for index in range(64):
        first.setdefault(nes_color(index), f"${index:02X}")
    palette = registry.load("nes")
    assert palette.colors == tuple(first)
    assert palette.names == tuple(first.values())
