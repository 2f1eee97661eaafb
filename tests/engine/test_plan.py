"""Sources become jobs; what could lose a file is refused before anything is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from pixforge import preset
from pixforge.engine.plan import Job, plan_files, plan_tree
from pixforge.engine.sources import find_pictures
from pixforge.errors import OutputError, PictureError

PLAIN = preset.parse({"direction": "to-pixel", "method": {"name": "identity"}}, "plain")
WITH_PREVIEW = preset.parse({"direction": "to-pixel", "export": {"preview": 4}}, "preview")


def test_one_picture_goes_to_the_file_that_is_named() -> None:
    assert plan_files([Path("a.jpg")], Path("b.png"), PLAIN, out_is_folder=False) == (
        Job(Path("a.jpg"), Path("b.png"), PLAIN),
    )


def test_several_pictures_go_to_a_folder_under_their_own_names() -> None:
    jobs = plan_files([Path("x/a.jpg"), Path("y/b.v2.svg")], Path("out"), PLAIN, out_is_folder=True)
    assert [job.destination for job in jobs] == [Path("out/a.png"), Path("out/b.v2.png")]


def test_several_pictures_do_not_go_to_one_file() -> None:
    with pytest.raises(OutputError, match="one file for several"):
        plan_files([Path("a.jpg"), Path("b.jpg")], Path("c.png"), PLAIN, out_is_folder=False)


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.zip"])
def test_an_output_is_a_png_or_of_a_target(name: str) -> None:
    with pytest.raises(OutputError, match="written as PNG"):
        plan_files([Path("in.png")], Path(name), PLAIN, out_is_folder=False)


def test_a_tree_is_kept() -> None:
    sources = [Path("art/a.png"), Path("art/npc/old/b.webp")]
    jobs = plan_tree(sources, Path("art"), Path("game"), PLAIN)
    assert [job.destination for job in jobs] == [Path("game/a.png"), Path("game/npc/old/b.png")]


def test_two_sources_of_one_output_are_refused_with_both_names() -> None:
    with pytest.raises(OutputError) as caught:
        plan_tree([Path("art/a.png"), Path("art/a.jpg")], Path("art"), Path("game"), PLAIN)
    assert str(Path("art/a.png")) in caught.value.cause
    assert str(Path("art/a.jpg")) in caught.value.cause
    assert caught.value.path == Path("game/a.png")


def test_a_preview_that_falls_on_another_output_is_refused() -> None:
    with pytest.raises(OutputError, match="both"):
        plan_files([Path("a.png"), Path("a@4x.png")], Path("out"), WITH_PREVIEW, out_is_folder=True)


@pytest.mark.parametrize("out", ["a.png", "./a.png", "sub/../a.png"])
def test_a_source_is_never_an_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    with pytest.raises(OutputError, match="overwrite the source"):
        plan_files([Path("a.png")], Path(out), PLAIN, out_is_folder=False)


def test_another_source_is_no_output_either() -> None:
    with pytest.raises(OutputError, match="overwrite the source"):
        plan_files([Path("art/a.jpg"), Path("art/a.png")], Path("art"), PLAIN, out_is_folder=True)


def test_a_link_to_a_source_is_no_output(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "link.png").symlink_to(tmp_path / "a.png")
    with pytest.raises(OutputError, match="overwrite the source"):
        plan_files([tmp_path / "a.png"], tmp_path / "link.png", PLAIN, out_is_folder=False)


def test_pictures_are_found_in_order_without_hidden_ones_and_without_the_output(tmp_path: Path) -> None:
    for name in ("b.png", "a.JPG", "sub/c.svg", "notes.txt", ".hidden.png", ".git/d.png", "out/e.png"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"")
    found = [path.relative_to(tmp_path).as_posix() for path in find_pictures(tmp_path, skip=tmp_path / "out")]
    assert found == ["a.JPG", "b.png", "sub/c.svg"]


def test_a_file_is_no_folder_of_pictures(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(PictureError, match="not a folder"):
        list(find_pictures(tmp_path / "a.png"))
