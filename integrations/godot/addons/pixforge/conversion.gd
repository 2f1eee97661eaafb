@tool
extends RefCounted
## One run of pixforge for one source, in a folder of its own below res://.godot.

const Catalog := preload("catalog.gd")
const Choices := preload("choices.gd")
const Executable := preload("executable.gd")
const Places := preload("places.gd")
const Process := preload("process.gd")

const NAME := "art"  # of the files, so that no name of a source reaches a resource
const PNG := "png"
const GODOT := "godot"

## What went wrong and what to do about it, or "".
var problem := ""
## Version of pixforge, and which program it is.
var version := ""
var program := ""
## Paths of the system: what was written, and what steered it (preset, palette files).
var outputs := PackedStringArray()
var depends := PackedStringArray()

var _folder := ""


## Converts a source (a res:// path) as the options say, for one target of pixforge.
static func run(source: String, options: Dictionary, target: String) -> RefCounted:
	var made: RefCounted = new()
	var found: RefCounted = Executable.find()
	made.program = found.fingerprint()
	if not found.problem.is_empty():
		made.problem = found.problem
		return made
	made._folder = Places.work_folder(source)
	var job: Dictionary = made._job(ProjectSettings.globalize_path(source), options, target)
	var file: String = made._folder.path_join("job.json")
	Places.write_json(file, job)
	var done := Process.run(found.path, ["job", file])
	made._read_report(Places.read_json(job["report"]), done)
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


func _job(picture: String, options: Dictionary, target: String) -> Dictionary:
	var preset: Variant = options[Choices.PRESET]
	var overrides := {}
	if preset == Catalog.NO_PRESET:
		preset = null
	else:
		overrides = Choices.overrides(options)
		var own := Catalog.project_file(preset)
		if not own.is_empty():
			preset = own
			depends.append(own)
	if target == PNG:
		overrides.merge({"sheet.trim": false, "sheet.layout": "horizontal"})
	# A preset may also cut tiles or write an enlarged copy: an import wants the picture or the clip alone.
	overrides.merge({"export.tiles": null, "export.preview": null}, true)
	return {
		"version": 1,
		"sources": [picture],
		"out": _folder + "/",
		"name": NAME,
		"preset": preset,
		"project": ProjectSettings.globalize_path("res://"),
		"set": overrides,
		"targets": [target],
		"overwrite": true,
		"report": _folder.path_join("report.json"),
	}


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
