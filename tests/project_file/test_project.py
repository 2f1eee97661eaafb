"""pixforge.toml: which file is converted how, and where the result goes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixforge.errors import OutputError, PictureError, SettingsError
from pixforge.project.globs import matches
from pixforge.project.hooks import HookError, Hooks
from pixforge.project.schema import HooksTable
from pixforge.project.survey import survey
from pixforge.project.tree import Tree, find_project, load_project

ROOT = """
source = "art"
output = "game"
ignore = ["**/wip/**", "*.bak.png"]
[palettes]
"characters/npc/**" = "db32"
[[rule]]
match = "characters/**/*.png"
preset = "character-32"
[[rule]]
match = ["tiles/**", "props/**"]
preset = "tileset-16"
layout = "flat"
set = { palette.source = "palettes/four.hex", outline.mode = "black" }
[[rule]]
match = "raw/**"
skip = true
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pixforge.toml").write_text(ROOT)
    (tmp_path / "palettes").mkdir()
    (tmp_path / "palettes" / "four.hex").write_text("000000\nffffff\nff0000\n0000ff\n")
    for name in (
        "characters/a.png", "characters/npc/b.png", "characters/wip/c.png", "tiles/t.png", "raw/r.png", "other.png",
        "characters/x.bak.png", "old.bak.png", ".hidden.png", "tiles/.git/d.png", "notes.txt",
    ):  # fmt: skip
        path = tmp_path / "art" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def planned(tree: Tree) -> dict[str, tuple[str, str]]:
    """Source to destination and preset, by relative names."""
    return {
        job.source.relative_to(tree.source).as_posix(): (
            job.destination.relative_to(tree.output).as_posix(),
            job.preset.name,
        )
        for job in tree.jobs()
    }


def test_the_first_rule_that_matches_decides(project: Path) -> None:
    assert planned(load_project(project / "pixforge.toml")) == {
        "characters/a.png": ("characters/a.png", "character-32"),
        "characters/x.bak.png": ("characters/x.bak.png", "character-32"),
        "characters/npc/b.png": ("characters/npc/b.png", "character-32"),
        "tiles/t.png": ("t.png", "tileset-16"),
    }


def test_set_palettes_and_flags_lie_over_the_preset(project: Path) -> None:
    tree = load_project(project / "pixforge.toml", {"export.preview": 3})
    jobs = {job.source.name: job for job in tree.jobs()}
    tile = jobs["t.png"].preset
    assert tile.colors is not None
    assert (len(tile.colors.colors), tile.outline.mode, tile.export.preview) == (4, "black", 3)
    npc = jobs["b.png"].preset
    assert npc.colors is not None
    assert npc.colors.name == "DB32"
    assert jobs["a.png"].preset.colors is None


def test_a_nested_file_comes_first_and_its_patterns_are_its_own(project: Path) -> None:
    (project / "art" / "characters" / "npc" / "pixforge.toml").write_text(
        'ignore = ["z*"]\nlayout = "npcs/{preset}/{stem}.png"\n[[rule]]\nmatch = "b*"\npreset = "game-boy"\n'
    )
    (project / "art" / "characters" / "npc" / "zed.png").write_bytes(b"")
    (project / "art" / "characters" / "npc" / "c.png").write_bytes(b"")
    found = planned(load_project(project / "pixforge.toml"))
    assert found["characters/npc/b.png"] == ("npcs/game-boy/b.png", "game-boy")
    assert found["characters/npc/c.png"] == ("npcs/character-32/c.png", "character-32"), "the rule above still holds"
    assert "characters/npc/zed.png" not in found
    assert found["characters/a.png"] == ("characters/a.png", "character-32")


def test_without_rules_everything_has_the_default_preset(project: Path) -> None:
    (project / "pixforge.toml").write_text('source = "art"\noutput = "game"\npreset = "nes"\n')
    found = planned(load_project(project / "pixforge.toml"))
    assert set(found) >= {"other.png", "raw/r.png"}
    assert {name for _, name in found.values()} == {"nes"}


def test_a_picture_that_no_rule_wants_is_left_and_counted(project: Path) -> None:
    found = survey(load_project(project / "pixforge.toml"))
    assert (found.jobs, found.left) == (4, 2)


def test_the_project_is_found_from_any_folder_in_it(project: Path) -> None:
    inner = project / "art" / "characters"
    (inner / "pixforge.toml").write_text('preset = "nes"\n')
    assert find_project(inner) == project / "pixforge.toml"
    with pytest.raises(SettingsError, match=r"there is no pixforge\.toml"):
        find_project(Path(project.anchor))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('output = "o"\nsorce = "a"', 'did you mean "source"'),
        ('source = "art"', "does not say where results go"),
        ('output = "o"\n[[rule]]\npreset = "nes"', r"\[rule\[0\]\] match"),
        ('output = "o"\n[[rule]]\nmatch = "*"\npreset = "nse"', 'rule 1: there is no preset "nse"'),
        ('output = "o"\n[[rule]]\nmatch = "*"\nset = { outline.mode = "blak" }', 'rule 1: .*did you mean "black"'),
        ('output = "o"\nlayout = "{nme}.png"', "fields are"),
        ('output = "o"\nlayout = "../{stem}.png"', "expected"),
        ('output = "o"\n[palettes]\n"*" = "nothing.gpl"', "nothing.gpl"),
        ('output = "o"\n[hooks]\nbefore = ["x"]', 'did you mean "before_'),
        ('output = "o"\n[watch]\nevents = "poling"', 'did you mean "polling"'),
    ],
)
def test_mistakes_are_named_with_a_suggestion(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "pixforge.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=f"(?s){said}"):
        load_project(file)


def test_two_pictures_of_one_place_are_refused_with_both_names(project: Path) -> None:
    (project / "art" / "props").mkdir()
    (project / "art" / "props" / "t.jpg").write_bytes(b"")
    with pytest.raises(OutputError) as caught:
        survey(load_project(project / "pixforge.toml"))
    assert "props/t.jpg" in caught.value.cause
    assert "tiles/t.png" in caught.value.cause


def test_an_output_that_is_a_source_is_refused(project: Path) -> None:
    (project / "pixforge.toml").write_text('source = "art"\noutput = "art"\n')
    with pytest.raises(OutputError, match="overwrite the source"):
        survey(load_project(project / "pixforge.toml"))


def test_a_loop_of_links_ends(project: Path) -> None:
    (project / "art" / "characters" / "loop").symlink_to(project / "art", target_is_directory=True)
    (project / "art" / "characters" / "self.png").symlink_to(project / "art" / "characters" / "self.png")
    assert len(planned(load_project(project / "pixforge.toml"))) == 5, "a link to itself is a picture that fails"


def test_a_source_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pixforge.toml").write_text('source = "nowhere"\noutput = "o"\n')
    with pytest.raises(PictureError, match="not a folder"):
        survey(load_project(tmp_path / "pixforge.toml"))


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.png", "a.png", True),
        ("*.png", "b/a.png", False),
        ("**/*.png", "a.png", True),
        ("**/*.png", "b/c/a.png", True),
        ("a/**", "a/b/c.png", True),
        ("a/**", "ab/c.png", False),
        ("a/**/z.png", "a/z.png", True),
        ("**/wip/**", "wip/a.png", True),
        ("**/wip/**", "swip/a.png", False),
        ("{hero,npc}/?.png", "npc/1.png", True),
        ("{hero,npc}/?.png", "orc/1.png", False),
        ("[!a-c]*.png", "d.png", True),
        ("[!a-c]*.png", "b.png", False),
        ("a(1)+.png", "a(1)+.png", True),
        ("a}b.png", "a}b.png", True),
        ("x,y.png", "x,y.png", True),
    ],
)
def test_patterns(pattern: str, path: str, fits: bool) -> None:
    assert matches(pattern, path) is fits


@given(st.text("ab/.*?{},![]()|+\\", max_size=12), st.text("ab/.,", max_size=8))
def test_every_text_is_a_pattern(pattern: str, path: str) -> None:
    matches(pattern, path)


def test_a_hook_gets_json_and_its_failure_is_told(tmp_path: Path) -> None:
    script = tmp_path / "hook.py"
    script.write_text("import json, sys\njson.dump(json.load(sys.stdin), open('got.json', 'w'))\nsys.exit(3)\n")
    import sys

    command = f'"{sys.executable}" "{script}"'
    hooks = Hooks(HooksTable(after_job=(command, "no-such-command-at-all")), tmp_path)
    hooks.call("after-job", {"source": "a"})
    hooks.call("before-job", {"source": "a"})
    assert (tmp_path / "got.json").read_text() == '{"event": "after-job", "source": "a"}'
    assert ["ended with 3" in each["cause"] for each in hooks.troubles] == [True, False]
    with pytest.raises(HookError, match="ended with 3"):
        Hooks(HooksTable(after_job=(command,), strict=True), tmp_path).call("after-job", {})
