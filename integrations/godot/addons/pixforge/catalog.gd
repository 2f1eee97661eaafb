@tool
extends RefCounted
## What the installed pixforge offers: version, presets, palettes. Asked once for each program, then remembered.

const Executable := preload("executable.gd")
const Places := preload("places.gd")
const Process := preload("process.gd")

## The preset of art that is pixel art already: nothing is converted.
const NO_PRESET := "none"
const PROJECT_PRESETS := "res://presets"

static var _known := {}
## A program that did not answer: it is not asked again.
static var _mute := "-"


## What was learned last: {program, pixforge, default_preset, presets, palettes}, or {}.
static func known() -> Dictionary:
	if _known.is_empty():
		_known = Places.read_json(Places.CATALOG)
	return _known


## Asks the program where it is another one than last time. Takes a third of a second then.
static func refresh() -> void:
	var program: RefCounted = Executable.find()
	var fingerprint: String = program.fingerprint()
	if fingerprint in ["", _mute, known().get("program", "")]:
		return
	var done := Process.run(program.path, ["job", "--describe"])
	var answer: Variant = JSON.parse_string(done.output) if done.code == 0 else null
	if answer is not Dictionary:
		_mute = fingerprint
		push_error("Pixforge: \"%s\" does not answer: %s" % [program.path, done.errors.strip_edges()])
		return
	_known = answer
	_known["program"] = fingerprint
	Places.write_json(Places.CATALOG, _known)


## Names of presets for lists: the usual one first, then the project's own, then those that come with pixforge.
static func presets() -> PackedStringArray:
	var names := PackedStringArray([known().get("default_preset", "sprite-64")])
	for file in Places.files_in(PROJECT_PRESETS):
		if file.get_extension() == "toml" and not names.has(file.get_basename()):
			names.append(file.get_basename())
	for preset: Dictionary in known().get("presets", []):
		if preset["origin"] != "project" and not names.has(preset["name"]):
			names.append(preset["name"])
	names.append(NO_PRESET)
	return names


## Names of the built-in palettes.
static func palettes() -> PackedStringArray:
	var names := PackedStringArray()
	for palette: Dictionary in known().get("palettes", []):
		names.append(palette["name"])
	return names


## What a preset is for, in one line.
static func description(name: String) -> String:
	if name == NO_PRESET:
		return "Art that is pixel art already: nothing is converted"
	for preset: Dictionary in known().get("presets", []):
		if preset["name"] == name:
			return preset["description"]
	return ""


## The file of a preset in the project, as a path of the system; "" for one that pixforge looks up itself.
static func project_file(preset: String) -> String:
	var place := preset
	if not preset.contains("/") and not preset.contains("\\") and preset.get_extension() != "toml":
		place = PROJECT_PRESETS.path_join(preset + ".toml")
		if not FileAccess.file_exists(place):
			return ""
	elif preset.is_relative_path():
		place = "res://".path_join(preset)
	return ProjectSettings.globalize_path(place)
