@tool
extends RefCounted
## What each imported file was made of, one small file for each source: Godot itself does not track presets and palettes.

const Catalog := preload("catalog.gd")
const Choices := preload("choices.gd")
const Executable := preload("executable.gd")
const Places := preload("places.gd")

const FRESH := ""
const FORMAT := 1  # of a record; one of another format counts for nothing


## Writes down how an import went.
static func write(source: String, options: Dictionary, conversion: RefCounted, problem: String) -> void:
	var depends := {}
	for path: String in conversion.depends:
		depends[path] = _digest(path)
	Places.write_json(_place(source), {
		"format": FORMAT,
		"source": source,
		"digest": _digest(source),
		"stamp": stamp(source),
		"preset": options[Choices.PRESET],
		"project_file": Catalog.project_file(options[Choices.PRESET]),
		"depends": depends,
		"pixforge": conversion.version,
		"program": conversion.program,
		"problem": problem,
		"session": OS.get_process_id(),
	})


## The record of a source, or {}.
static func read(source: String) -> Dictionary:
	var record := Places.read_json(_place(source))
	return record if record.get("format", 0) == FORMAT else {}


## Why a source must be imported anew, or FRESH. A thorough look reads the source even where its time is the same.
static func staleness(source: String, thorough: bool) -> String:
	var reason := change(source, thorough)
	var problem: String = read(source).get("problem", "")
	if reason == FRESH and not problem.is_empty():
		return "its last import failed: " + problem
	return reason


## What has changed since the last import, whether that failed or not; or FRESH.
static func change(source: String, thorough: bool) -> String:
	var record := read(source)
	if record.is_empty():
		return "it was never converted here"
	if _has_changed(source, record, thorough):
		return "the source has changed"
	for path: String in record["depends"]:
		if record["depends"][path] != _digest(path):
			return path + " has changed"
	if record["project_file"] != Catalog.project_file(record["preset"]):
		return "preset \"%s\" is another file now" % record["preset"]
	if not record["problem"].is_empty() and record["program"] != Executable.find().fingerprint():
		return "another program is set"
	var version: String = Catalog.known().get("pixforge", record["pixforge"])
	if record["pixforge"] not in ["", version]:
		return "pixforge %s made it, and %s is installed" % [record["pixforge"], version]
	return FRESH


## Whether the last import failed in an earlier run of the editor: it is worth another try.
static func failed_before(source: String) -> bool:
	var record := read(source)
	return not record.get("problem", "").is_empty() and record.get("session", 0) != OS.get_process_id()


## Everything that decides about an import, in one text: the same text, the same result.
static func signature(source: String) -> String:
	var parts := PackedStringArray([_digest(source), Catalog.known().get("program", "")])
	var record := read(source)
	parts.append(Catalog.project_file(record.get("preset", "")))
	for path: String in record.get("depends", {}):
		parts.append(path + _digest(path))
	return "\n".join(parts)


## Time and size of a file: what tells quickly that it has changed.
static func stamp(path: String) -> String:
	if not FileAccess.file_exists(path):
		return "missing"
	return "%d %d" % [FileAccess.get_modified_time(path), FileAccess.get_size(path)]


## Removes the records of sources that are gone.
static func forget_missing() -> void:
	for name in Places.files_in(Places.RECORDS):
		var path := Places.RECORDS.path_join(name)
		if not FileAccess.file_exists(Places.read_json(path).get("source", "")):
			DirAccess.remove_absolute(path)


static func _has_changed(source: String, record: Dictionary, thorough: bool) -> bool:
	if not thorough and record["stamp"] == stamp(source):
		return false
	return record["digest"] != _digest(source)


static func _digest(path: String) -> String:
	return FileAccess.get_md5(path) if FileAccess.file_exists(path) else "missing"


static func _place(source: String) -> String:
	return Places.RECORDS.path_join(source.md5_text() + ".json")
