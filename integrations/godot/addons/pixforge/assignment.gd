@tool
extends RefCounted
## Sets importer and preset of many files at once: what the Import dock does for each by hand.

const Choices := preload("choices.gd")
const Importer := preload("importer.gd")

const ADDONS := "res://addons"
## Titles of lists, and the importers' names.
const KINDS: Dictionary[String, String] = {
	"Texture": "pixforge.texture",
	"SpriteFrames": "pixforge.sprite_frames",
	"TileSet": "pixforge.tile_set",
}


## The pictures among files and folders, folders below included.
static func pictures_in(paths: PackedStringArray) -> PackedStringArray:
	var found := PackedStringArray()
	for path in paths:
		if path.ends_with("/"):
			for name in DirAccess.get_files_at(path):
				_add(path.path_join(name), found)
			for name in DirAccess.get_directories_at(path):
				if path.path_join(name) != ADDONS:
					found.append_array(pictures_in([path.path_join(name) + "/"]))
		else:
			_add(path, found)
	return found


## Imports pictures by an importer of ours with a preset. Other options that a file has already are kept.
static func assign(pictures: PackedStringArray, importer: String, preset: String) -> void:
	for path in pictures:
		var settings := ConfigFile.new()
		settings.load(path + ".import")
		if not str(settings.get_value("remap", "importer", "")).begins_with(Importer.PREFIX):
			for section: String in ["params", "deps"]:
				if settings.has_section(section):
					settings.erase_section(section)
		settings.set_value("remap", "importer", importer)
		settings.set_value("params", Choices.PRESET, preset)
		settings.save(path + ".import")
	EditorInterface.get_resource_filesystem().reimport_files(pictures)


static func _add(path: String, found: PackedStringArray) -> void:
	if path.get_extension().to_lower() in Importer.OWN + Importer.GODOTS and not found.has(path):
		found.append(path)
