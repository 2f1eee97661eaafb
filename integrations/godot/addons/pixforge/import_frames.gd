@tool
extends "importer.gd"
## A clip as SpriteFrames: an animation for each tag, exact times, trimmed frames in their place.


func _kind() -> String:
	return "sprite_frames"


func _title() -> String:
	return "SpriteFrames"


func _rank() -> float:
	# Clips are ours before anything else; among pictures that Godot knows a texture comes first.
	return 0.9


func _get_recognized_extensions() -> PackedStringArray:
	return PackedStringArray(["aseprite", "ase", "gif", "apng"] + GODOTS)


func _get_resource_type() -> String:
	return "SpriteFrames"


func _target() -> String:
	return Conversion.GODOT


## Reads the text resource that pixforge wrote. Its pages are put where it looks for them, then become part of it.
func _build(conversion: Conversion, _options: Dictionary) -> Resource:
	var pages: Array[Texture2D] = []
	for path: String in conversion.outputs:
		if path.ends_with(".png"):
			var page := texture_of(path)
			if page == null:
				return null
			page.take_over_path(ProjectSettings.localize_path(path))
			pages.append(page)
	var place := ProjectSettings.localize_path(conversion.output_with(".tres"))
	var frames: Resource = ResourceLoader.load(place, "SpriteFrames", ResourceLoader.CACHE_MODE_IGNORE)
	for page in pages:
		page.resource_path = ""
	return frames
