@tool
extends RefCounted
## The options of the Import dock, and what they mean in a job of pixforge.

const Catalog := preload("catalog.gd")

const PRESET := "preset"
const TILE_SIZE := "tiles/size"
const MORE := "more/set"
const AS_PRESET := "as the preset says"
## Option, key of the preset; 0, "" and "as the preset says" leave the preset's own value.
const KEYS: Dictionary[String, String] = {
	"size/width": "grid.width",
	"size/height": "grid.height",
	"size/cell": "grid.cell",
	"palette/source": "palette.source",
	"palette/colors": "palette.colors",
	"palette/dither": "palette.dither",
	"outline": "outline.mode",
	"direction": "direction",
}
const LISTS: Dictionary[String, String] = {
	"palette/dither": "none,bayer2,bayer4,bayer8,floyd-steinberg,blue-noise",
	"outline": "keep,none,black,selective",
	"direction": "to-pixel,to-drawing",
}


## The options of a file in the form that EditorImportPlugin wants.
static func declare(path: String, preset: String) -> Array[Dictionary]:
	var is_pixel_art := path.get_extension().to_lower() in ["ase", "aseprite"] and preset.is_empty()
	var names := Catalog.presets()
	var chosen := preset if not preset.is_empty() else names[0]
	var options: Array[Dictionary] = [
		_text(PRESET, Catalog.NO_PRESET if is_pixel_art else chosen, PROPERTY_HINT_ENUM_SUGGESTION, ",".join(names)),
		_number("size/width", 4096),
		_number("size/height", 4096),
		_number("size/cell", 256),
		_text("palette/source", "", PROPERTY_HINT_ENUM_SUGGESTION, ",".join(Catalog.palettes())),
		_number("palette/colors", 256),
	]
	for name in LISTS:
		options.append(_text(name, AS_PRESET, PROPERTY_HINT_ENUM, AS_PRESET + "," + LISTS[name]))
	options.append({"name": MORE, "default_value": PackedStringArray()})
	return options


## Whether an option means anything beside the others.
static func is_visible(name: String, options: Dictionary) -> bool:
	return name in [PRESET, TILE_SIZE] or options.get(PRESET, "") != Catalog.NO_PRESET


## The keys that the options set over the preset's: {"grid.height": 48, ...}.
static func overrides(options: Dictionary) -> Dictionary:
	var found := {}
	for name in KEYS:
		var value: Variant = options.get(name, "")
		if value is String and value not in ["", AS_PRESET]:
			found[KEYS[name]] = value
		elif (value is int or value is float) and value > 0:
			found[KEYS[name]] = int(value)
	if found.has("palette.source"):
		found["palette.source"] = _palette(found["palette.source"])
	for line: String in options.get(MORE, PackedStringArray()):
		var parts := line.split("=", true, 1)
		found[parts[0].strip_edges()] = _plain(parts[1].strip_edges() if parts.size() > 1 else "")
	return found


## A palette file of the project by its path in the system; a built-in name as it is.
static func _palette(source: String) -> String:
	var place := "res://".path_join(source) if source.is_relative_path() else source
	return ProjectSettings.globalize_path(place) if FileAccess.file_exists(place) else source


## A value as JSON reads it (3, true, "text", [1, 2]), or the bare text.
static func _plain(text: String) -> Variant:
	var parser := JSON.new()
	if parser.parse(text) != OK:
		return text
	var value: Variant = parser.data
	return int(value) if value is float and value == floorf(value) and not text.contains(".") else value


static func _text(name: String, value: String, hint: PropertyHint, hint_string: String) -> Dictionary:
	return {"name": name, "default_value": value, "property_hint": hint, "hint_string": hint_string}


static func _number(name: String, largest: int) -> Dictionary:
	return {
		"name": name, "default_value": 0, "property_hint": PROPERTY_HINT_RANGE, "hint_string": "0,%d" % largest
	}
