"""Takes the picture of the Godot dock for the documentation.

Needs Xvfb and a Godot whose libraries for windows and OpenGL are there (software rendering will do), named by
PIXFORGE_GODOT. From the root of the repository:

    python integrations/godot/screenshot.py docs/godot-dock.png
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
SIZE = "1100x860"
PROJECT = """config_version=5
[application]
config/name="Pixforge"
config/features=PackedStringArray("4.6")
[rendering]
textures/canvas_textures/default_texture_filter=0
renderer/rendering_method="gl_compatibility"
[editor_plugins]
enabled=PackedStringArray("res://addons/pixforge/plugin.cfg", "res://addons/screenshot/plugin.cfg")
"""


def take(picture: Path) -> None:
    """Save a picture of the dock in a project with a drawing and a broken clip."""
    godot = os.environ.get("PIXFORGE_GODOT", "godot")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "project"
        _make_project(project)
        command = ["xvfb-run", "-a", "-s", f"-screen 0 {SIZE}x24", godot, "--editor", "--path", str(project)]
        command += [
            "--rendering-driver",
            "opengl3",
            "--resolution",
            SIZE,
            "--position",
            "0,0",
            "--audio-driver",
            "Dummy",
        ]
        settings = {**os.environ, "SCREENSHOT": str(picture.absolute())}
        settings.setdefault("PIXFORGE", str(Path(sys.executable).with_name("pixforge")))
        subprocess.run(command, env=settings, check=True, timeout=600)


def _make_project(project: Path) -> None:
    shutil.copytree(HERE / "addons", project / "addons")
    shutil.copytree(HERE / "screenshot", project / "addons" / "screenshot")
    (project / "project.godot").write_text(PROJECT, encoding="utf-8")
    (project / "art").mkdir()
    for name in ("queen.png", "dog.png"):
        shutil.copy(EXAMPLES / name, project / "art" / name)
    (project / "art" / "walk.gif").write_text("half a file", encoding="utf-8")


if __name__ == "__main__":
    take(Path(sys.argv[1]))
