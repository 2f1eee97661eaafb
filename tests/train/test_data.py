"""Data sets: licences, groups, splits, manifest and what a user sees of them."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixforge.cli.boundary import run
from pixforge.errors import SettingsError
from pixforge.image.picture import Picture
from pixforge.train.data.check import lint
from pixforge.train.data.groups import merge_groups, name_group, near_duplicates
from pixforge.train.data.licences import check_licence
from pixforge.train.data.manifest import Entry, read_manifest, write_manifest
from pixforge.train.data.perceptual import look
from pixforge.train.data.split import split_entries


def sprite(seed: int, side: int = 16) -> np.ndarray:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (side // 4, side // 4, 3)).astype(np.uint8)
    pixels = np.full((side, side, 4), 255, np.uint8)
    pixels[..., :3] = np.repeat(np.repeat(small, 4, axis=0), 4, axis=1)
    return pixels


def entry(file: str, group: str, **other: object) -> Entry:
    plain = Entry(file, "pixel", "s", "a", "CC0-1.0", file, group, 16, 16, 1.0, 3, "", "opaque", "0" * 32)
    return replace(plain, **other)  # type: ignore[arg-type]


@pytest.mark.parametrize("licence", ["CC-BY-NC-4.0", "GPL-3.0", "CC-BY-SA-4.0", "", "found on the web"])
def test_a_licence_that_may_not_ship_is_refused(licence: str) -> None:
    with pytest.raises(SettingsError, match="licence"):
        check_licence(licence, "")
    with pytest.raises(SettingsError):
        check_licence(licence, "yes")  # one word is no reason
    check_licence(licence, "the artist agreed by letter")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("mon/orc_01.png", "old/orc_2.png", True),
        ("run.png#0", "run.png#7", True),
        ("beach.png", "bear.png", False),
        ("fx/1.png", "fx/2.png", True),
        ("fx/1.png", "items/2.png", False),
    ],
)
def test_groups_by_name(first: str, second: str, same: bool) -> None:
    assert (name_group("s", first) == name_group("s", second)) is same


def test_near_duplicates_are_found_mirrored_and_recoloured() -> None:
    base = sprite(1)
    darker = base.copy()
    darker[..., :3] = darker[..., :3] // 2
    others = [sprite(seed) for seed in range(2, 20)]
    looks = [look(Picture(np.ascontiguousarray(p))) for p in (base, base[:, ::-1], darker, *others)]
    assert near_duplicates(looks) == [(0, 1), (0, 2), (1, 2)]


def test_pictures_of_one_subject_stay_in_one_group() -> None:
    looks = [look(Picture(sprite(seed))) for seed in (3, 4, 5)]
    merged = merge_groups([entry("a", "1", pair="x"), entry("b", "2", pair="x"), entry("c", "3")], looks)
    assert [one.group for one in merged] == ["1", "1", "3"]


def test_a_split_never_divides_a_group_and_stays_when_pictures_come() -> None:
    entries = [entry(f"{index}", f"g{index % 40}") for index in range(200)]
    first = split_entries(entries, 0.3, set())
    by_group = {one.group: one.split for one in first}
    assert all(by_group[one.group] == one.split for one in first)
    assert 4 <= sum(split == "validate" for split in by_group.values()) <= 20
    more = split_entries([*entries, entry("new", "other")], 0.3, set())
    assert [one.split for one in more[:-1]] == [one.split for one in first]


def test_numbered_files_of_one_folder_are_divided_all_the_same() -> None:
    """Their names make one group of all, which says nothing; pictures that look the same still stay together."""
    entries = [entry(f"{index:05d}", "folder/", hash=f"{index // 2:032x}") for index in range(60)]
    splits = [one.split for one in split_entries(entries, 0.2, set())]
    assert 0 < splits.count("validate") < 30
    assert splits[::2] == splits[1::2]


def test_a_group_that_reaches_into_a_held_out_source_is_held_out() -> None:
    entries = [entry("a", "g", source="apart"), entry("b", "g"), entry("c", "h")]
    assert [one.split for one in split_entries(entries, 0.0, {"apart"})] == ["held-out", "held-out", "train"]


def test_a_manifest_comes_back(tmp_path: Path) -> None:
    entries = (entry("a", "g", cell=7.5, note="the artist agreed", author="J. Öst\tand others"), entry("b", "h"))
    write_manifest(tmp_path, entries)
    back = read_manifest(tmp_path)
    assert back == (replace(entries[0], author="J. Öst and others"), entries[1])


def test_lint_finds_what_is_grave(data_set: Callable[[], Path]) -> None:
    root = data_set()
    entries = list(read_manifest(root))
    assert not [finding for finding in lint(root, entries) if finding.kind in {"missing", "licence"}]
    (root / entries[0].file).unlink()
    entries[1] = replace(entries[1], licence="unknown")
    entries[2] = replace(entries[2], group="g", split="train")
    entries[3] = replace(entries[3], group="g", split="validate")
    kinds = {finding.kind for finding in lint(root, entries) if finding.grave}
    assert kinds == {"missing", "licence", "leak"}


def archive(path: Path, pictures: dict[str, np.ndarray]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, pixels in pictures.items():
            data = io.BytesIO()
            Image.fromarray(pixels).save(data, "PNG")
            info = tarfile.TarInfo(name)
            info.size = data.getbuffer().nbytes
            tar.addfile(info, io.BytesIO(data.getvalue()))
    return path


def test_adding_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An enlarged sprite arrives at true 1x; a refused licence leaves the file out and says so."""
    rng = np.random.default_rng(5)
    small = rng.choice(np.array([[0, 0, 0], [200, 40, 40], [40, 200, 90], [250, 250, 250]], np.uint8), (24, 24))
    small = np.dstack([small, np.full((24, 24), 255, np.uint8)])
    large = np.repeat(np.repeat(small, 5, axis=0), 5, axis=1)
    source = archive(tmp_path / "art.tar", {"set/large.png": large, "set/other.png": sprite(8)})
    table = tmp_path / "art.tsv"
    table.write_text("file\tauthor\tlicense\nset/large.png\tme\tMIT\nset/other.png\tme\tCC-BY-NC-4.0\n")
    root = tmp_path / "data"
    code = run(["data", "add", str(root), str(source), "--kind", "pixel", "--table", str(table), "--json"])
    report = json.loads(capsys.readouterr().out)
    assert (code, report["added"], [one["name"] for one in report["refused"]]) == (3, 1, ["set/other.png"])
    (found,) = read_manifest(root)
    assert (found.width, found.height, found.cell, found.licence, found.colours) == (24, 24, 5.0, "MIT", 4)
    assert run(["data", "stats", str(root)]) == 0
    assert run(["data", "split", str(root), "--held-out", "set"]) == 0
    assert read_manifest(root)[0].split == "held-out"
    assert run(["data", "sheet", str(root), str(tmp_path / "sheet.png")]) == 0
    assert run(["data", "split", str(root), "--held-out", "nowhere"]) == 5


def test_a_table_with_other_columns_makes_true_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One archive with both kinds, one table with both files a line: two commands, and the pair stays together."""
    both = {
        "small/a.png": sprite(1),
        "small/b.png": sprite(2),
        "large/x/a.png": sprite(3, 32),
        "other/c.png": sprite(4),
    }
    source = archive(tmp_path / "pairs.tar", both)
    table = tmp_path / "pairs.tsv"
    table.write_text(
        "code\tsmall\tlarge\tset\tsmall_license\tlarge_license\n"
        "A\tsmall/a.png\tlarge/x/a.png\tx\tMIT\tCC0-1.0\n"
        "B\tsmall/b.png\t\tx\tMIT\t\n"
    )
    root = tmp_path / "data"
    words = ["data", "add", str(root), str(source), "--table", str(table), "--author", "they"]
    small = "file=small,license=small_license,pair=code,group=code"
    large = "file=large,license=large_license,pair=code,group=code,source=set"
    assert run([*words, "--kind", "pixel", "--logical", "--match", "small/*", "--columns", small, "--source", "s"]) == 0
    assert run([*words, "--kind", "drawing", "--match", "large/*", "--columns", large]) == 0
    found = {Path(entry.file).stem + entry.kind[0]: entry for entry in read_manifest(root)}
    assert len(found) == 3
    pixel, drawing = (
        next(e for e in found.values() if e.kind == kind and e.pair == "A") for kind in ("pixel", "drawing")
    )
    assert (pixel.group, pixel.source, pixel.licence) == (drawing.group, "s", "MIT")
    assert (drawing.source, drawing.licence, drawing.author) == ("x", "CC0-1.0", "they")
    capsys.readouterr()
    assert run([*words, "--kind", "pixel", "--columns", "name=small"]) == 2
    assert run([*words, "--kind", "pixel", "--columns", "file=nowhere"]) == 5
