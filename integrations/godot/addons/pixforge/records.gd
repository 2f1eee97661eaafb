@tool
extends RefCounted
## What each imported file was made of, one small file for each source: Godot itself does not track presets and palettes.

const Catalog := preload("catalog.gd")
const Choices := preload("choices.gd")
const Places := preload("places.gd")

const FRESH := ""


## Writes down how an import went.
static func write(source: String, options: Dictionary, conversion: RefCounted, problem: String) -> void:
	var depends := {}
	for path: String in conversion.depends:
		depends[path] = _digest(path)
	Places.write_json(_place(source), {
		"source": source,
		"digest": _digest(source),
		"modified": FileAccess.get_modified_time(source),
		"preset": options[Choices.PRESET],
		"project_file": Catalog.project_file(options[Choices.PRESET]),
		"depends": depends,
		"pixforge": conversion.version,
		"problem": problem,
		"session": OS.get_process_id(),
	})


## The record of a source, or {}.
static func read(source: String) -> Dictionary:
	return Places.read_json(_place(source))


## Why a source must be imported anew, or FRESH. A thorough look reads the source even where its time is the same.
static func staleness(source: String, thorough: bool) -> String:
	var record := read(source)
	if record.is_empty():
		return "it was never converted here"
	if record["problem"] != "":
		return "its last import failed: " + record["problem"]
	if _has_changed(source, record, thorough):
		return "the source has changed"
	for path: String in record["depends"]:
		if record["depends"][path] != _digest(path):
			return path + " has changed"
	if record["project_file"] != Catalog.project_file(record["preset"]):
		return "preset \"%s\" is another file now" % record["preset"]
	var version: String = Catalog.known().get("pixforge", record["pixforge"])
	if record["pixforge"] != version:
		return "pixforge %s made it, and %s is installed" % [record["pixforge"], version]
	return FRESH


## Everything that decides about an import, in one text: the same text, the same result.
static func signature(source: String) -> String:
	var parts := PackedStringArray([_digest(source), Catalog.known().get("program", "")])
	var record := read(source)
	parts.append(Catalog.project_file(record.get("preset", "")))
	for path: String in record.get("depends", {}):
		parts.append(path + _digest(path))
	return "\n".join(parts)


## Removes the records of sources that are gone.
static func forget_missing() -> void:
	for name in DirAccess.get_files_at(Places.RECORDS):
		var path := Places.RECORDS.path_join(name)
		if not FileAccess.file_exists(Places.read_json(path).get("source", "")):
			DirAccess.remove_absolute(path)


static func _has_changed(source: String, record: Dictionary, thorough: bool) -> bool:
	if not thorough and record["modified"] == FileAccess.get_modified_time(source):
		return false
	return record["digest"] != _digest(source)


static func _digest(path: String) -> String:
	return FileAccess.get_md5(path) if FileAccess.file_exists(path) else "missing"


static func _place(source: String) -> String:
	return Places.RECORDS.path_join(source.md5_text() + ".json")
