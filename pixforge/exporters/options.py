"""What a user can say about the files that are written. Free of numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pixforge.typed_toml import Pattern

JsonForm = Literal["hash", "array"]


@dataclass(frozen=True)
class TargetOptions:
    """Choices of the targets.

    Attributes:
        json: form of the frames in Aseprite's JSON: by name (hash) or a list (array).
        frame_names: how frames are called in JSON, with {title}, {frame}, {tag}, {tagframe}, {layer} and so on, as in
            Aseprite; "" is each target's own way.
        godot_folder: the folder of the files inside the Godot project, such as "res://art"; None: found by the
            project.godot above the output, else the files name each other by relative paths.
        unity_folder: the folder of the files in the Unity project, such as "Assets/Art": part of what makes GUIDs.
        slices: write slices into .aseprite files (LibreSprite refuses files that have them).
    """

    json: JsonForm = "hash"
    frame_names: str = ""
    godot_folder: Annotated[str, Pattern("res://.*", 'a folder such as "res://art"')] | None = None
    unity_folder: str = ""
    slices: bool = True
