@tool
extends RefCounted
## One run of pixforge for one source, in a folder of its own below res://.godot.

const Catalog := preload("catalog.gd")
const Choices := preload("choices.gd")
const Executable := preload("executable.gd")
const Places := preload("places.gd")
const Process := preload("process.gd")

const NAME := "art"  # of the files, so that no name of a source reaches a resource

## What went wrong and what to do about it, or "".
var problem := ""
## Version of pixforge, and which program it is.
var version := ""
var program := ""
## Paths of the system: what was written, and what steered it (preset, palette files).
var outputs := PackedStringArray()
var depends := PackedStringArray()

var _folder := ""


## Converts a source (a res:// path) as the options say; `targets` are those of pixforge, [] for a plain PNG.
static func run(source: String, options: Dictionary, targets: PackedStringArray) -> RefCounted:
	var made: RefCounted = new()
	var found: RefCounted = Executable.find()
	made.program = found.fingerprint()
	if not found.problem.is_empty():
		made.problem = found.problem
		return made
	made._folder = Places.work_folder(source)
	var picture := ProjectSettings.globalize_path(source)
	if options[Choices.PRESET] == Catalog.NO_PRESET:
		made._repack(found.path, picture, targets)
	else:
		made._convert(found.path, picture, options, targets)
	return made


## Removes what the run wrote.
func clean() -> void:
	if not _folder.is_empty():
		Places.remove(_folder)
		DirAccess.remove_absolute(_folder.get_base_dir())  # stays while others work in it


## The first output with this ending, or "".
func output_with(ending: String) -> String:
	for path in outputs:
		if path.ends_with(ending):
			return path
	return ""


func _convert(path: String, picture: String, options: Dictionary, targets: PackedStringArray) -> void:
	var report := _folder.path_join("report.json")
	var own := Catalog.project_file(options[Choices.PRESET])
	if not own.is_empty():
		depends.append(own)
	var overrides := Choices.overrides(options)
	var job := {
		"version": 1,
		"sources": [picture],
		"out": _folder + "/",
		"name": NAME,
		"preset": options[Choices.PRESET] if own.is_empty() else own,
		"set": overrides,
		"targets": targets if not targets.is_empty() else null,
		"overwrite": true,
		"report": report,
	}
	if targets.is_empty():
		job.erase("targets")
		overrides.merge({"sheet.trim": false, "sheet.layout": "horizontal"})
	Places.write_json(_folder.path_join("job.json"), job)
	var done := Process.run(path, ["job", _folder.path_join("job.json")])
	_read_report(Places.read_json(report), done)


## Puts finished pixel art on a sheet as it is.
func _repack(path: String, picture: String, targets: PackedStringArray) -> void:
	var arguments := PackedStringArray(["sheet", picture, "-o", _folder.path_join(NAME), "--json", "--target"])
	arguments.append("png" if targets.is_empty() else targets[0])
	if targets.is_empty():
		arguments.append_array(PackedStringArray(["--no-trim", "--layout", "horizontal"]))
	var done := Process.run(path, arguments)
	version = Catalog.known().get("pixforge", "")
	if done.code != 0:
		problem = _printed(done)
	for name in DirAccess.get_files_at(_folder):
		outputs.append(_folder.path_join(name))


func _read_report(report: Dictionary, done: RefCounted) -> void:
	version = report.get("pixforge", "")
	for path: String in report.get("depends", []):
		if not depends.has(path):
			depends.append(path)
	var failure: Variant = report.get("error")
	for result: Dictionary in report.get("results", []):
		outputs.append_array(PackedStringArray(result["outputs"]))
		if result["error"] != null:
			failure = result["error"]
	if failure != null:
		problem = "%s. To do: %s." % [failure["message"], failure["remedy"]]
	elif done.code != 0 or outputs.is_empty():
		problem = _printed(done)


func _printed(done: RefCounted) -> String:
	var text: String = done.errors.strip_edges()
	return text if not text.is_empty() else "pixforge ended with exit code %d and no report." % done.code
