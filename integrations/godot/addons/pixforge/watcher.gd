@tool
extends Node
## Imports again what depends on a changed source, preset, palette or program, and nothing else.

const Catalog := preload("catalog.gd")
const Executable := preload("executable.gd")
const Importer := preload("importer.gd")
const Records := preload("records.gd")

const TYPES := ["SpriteFrames", "PortableCompressedTexture2D", "TileSet"]
const SECONDS := 1.0

signal looked

var _is_importing := false
## For each source what decided about its last attempt: the same attempt is not made twice.
var _attempted := {}
## Time and size of every file that something depends on, and those that have changed since and may still be written.
var _stamps := {}
var _restless := {}


func _ready() -> void:
	var files := EditorInterface.get_resource_filesystem()
	files.filesystem_changed.connect(look)
	files.resources_reimporting.connect(func(_paths: PackedStringArray) -> void: _is_importing = true)
	files.resources_reimported.connect(func(_paths: PackedStringArray) -> void: _is_importing = false)
	var timer := Timer.new()
	timer.wait_time = SECONDS
	timer.timeout.connect(_poll)
	add_child(timer)
	timer.start()


## Imports every stale file. Called after each scan of the project: `godot --headless --import` waits for it too.
func look() -> void:
	var files := EditorInterface.get_resource_filesystem()
	if _is_importing or files.is_scanning():
		return
	Catalog.refresh()
	Records.forget_missing()
	var sources := sources_of_project()
	var stale := PackedStringArray()
	for source in sources:
		if _is_due(source):
			stale.append(source)
	if not stale.is_empty():
		_import_again(stale)
	_remember(sources)
	looked.emit()


## Without the program an import would only lose what there is.
func _import_again(stale: PackedStringArray) -> void:
	var names := ", ".join(stale)
	var program: RefCounted = Executable.find()
	if program.problem.is_empty():
		print("Pixforge: imported again, as what they are made of has changed: ", names)
		EditorInterface.get_resource_filesystem().reimport_files(stale)
	else:
		push_error("Pixforge: %s cannot be made anew: %s" % [names, program.problem])


## Every file that one of our importers is set for.
static func sources_of_project() -> PackedStringArray:
	var found := PackedStringArray()
	var root := EditorInterface.get_resource_filesystem().get_filesystem()
	if root != null:
		_collect(root, found)
	return found


static func _collect(folder: EditorFileSystemDirectory, found: PackedStringArray) -> void:
	for index in folder.get_file_count():
		if str(folder.get_file_type(index)) in TYPES and is_ours(folder.get_file_path(index)):
			found.append(folder.get_file_path(index))
	for index in folder.get_subdir_count():
		_collect(folder.get_subdir(index), found)


## Whether one of our importers is set for a file.
static func is_ours(path: String) -> bool:
	var settings := path + ".import"
	if not FileAccess.file_exists(settings):
		return false
	return FileAccess.get_file_as_string(settings).contains("importer=\"" + Importer.PREFIX)


func _is_due(source: String) -> bool:
	if Records.change(source, false) == Records.FRESH:
		return Records.failed_before(source)
	var signature := Records.signature(source)
	var is_new: bool = _attempted.get(source, "") != signature
	_attempted[source] = signature
	return is_new


## An editor in the background does not scan: look at what imports depend on. A file that still changes
## waits until it rests.
func _poll() -> void:
	var rested := false
	for path: String in _stamps:
		var stamp := Records.stamp(path)
		if stamp != _stamps[path]:
			_stamps[path] = stamp
			_restless[path] = true
		elif _restless.erase(path):
			rested = true
	if rested and _restless.is_empty():
		look()


func _remember(sources: PackedStringArray) -> void:
	_stamps.clear()
	for source in sources:
		_stamps[source] = Records.stamp(source)
		for path: String in Records.read(source).get("depends", {}):
			_stamps[path] = Records.stamp(path)
