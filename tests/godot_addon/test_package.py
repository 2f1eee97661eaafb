"""The packed add-on, and what its scripts keep to."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
ADDON = ROOT / "integrations/godot/addons/pixforge"


def test_the_package_holds_every_script_where_godot_looks_for_it(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, str(ROOT / "integrations/build.py"), str(tmp_path)], check=True, capture_output=True
    )
    with zipfile.ZipFile(tmp_path / "pixforge-godot.zip") as archive:
        names = set(archive.namelist())
    scripts = {f"addons/pixforge/{path.name}" for path in ADDON.iterdir()}
    assert names == scripts | {"addons/pixforge/README.md"}


def test_no_script_starts_a_shell_and_none_takes_a_global_name() -> None:
    for path in ADDON.glob("*.gd"):
        text = path.read_text(encoding="utf-8")
        assert "OS.execute(" not in text, path
        assert "class_name" not in text, path


def test_every_variable_and_function_is_typed_and_every_script_says_what_it_is_for() -> None:
    for path in ADDON.glob("*.gd"):
        text = path.read_text(encoding="utf-8")
        assert re.match(r'@tool\nextends [\w"./]+\n## ', text), path
        assert re.findall(r"^func .*\)(?! ->)\s*:$", text, re.MULTILINE) == [], path
        assert re.findall(r"^\s*var \w+ = ", text, re.MULTILINE) == [], path


def test_the_add_on_has_the_version_of_pixforge() -> None:
    from pixforge import __version__

    assert f'version="{__version__}"' in (ADDON / "plugin.cfg").read_text(encoding="utf-8")
