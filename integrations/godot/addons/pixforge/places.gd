@tool
extends RefCounted
## Where the add-on keeps what it needs: below res://.godot, which is no part of the project's history.

const ROOT := "res://.godot/pixforge"
const RECORDS := ROOT + "/records"
const CATALOG := ROOT + "/program.json"


## A new, empty folder for one conversion, as a path of the system.
static func work_folder(source: String) -> String:
	var name := "%s-%d-%d" % [source.md5_text(), OS.get_process_id(), OS.get_thread_caller_id()]
	var folder := ProjectSettings.globalize_path(ROOT.path_join("work").path_join(name))
	remove(folder)
	DirAccess.make_dir_recursive_absolute(folder)
	return folder


## Removes a folder and everything in it.
static func remove(folder: String) -> void:
	if not DirAccess.dir_exists_absolute(folder):
		return
	var listing := DirAccess.open(folder)
	listing.include_hidden = true  # pixforge writes under a hidden name, then renames
	for name in listing.get_files():
		listing.remove(name)
	for name in listing.get_directories():
		remove(folder.path_join(name))
	DirAccess.remove_absolute(folder)


## Names of the files in a folder; none where the folder is missing.
static func files_in(folder: String) -> PackedStringArray:
	return DirAccess.get_files_at(folder) if DirAccess.dir_exists_absolute(folder) else PackedStringArray()


## Reads a JSON object; {} where there is none.
static func read_json(path: String) -> Dictionary:
	if not FileAccess.file_exists(path):
		return {}
	var parser := JSON.new()
	if parser.parse(FileAccess.get_file_as_string(path)) != OK or parser.data is not Dictionary:
		return {}
	return parser.data


## Writes a JSON object, whole or not at all.
static func write_json(path: String, content: Dictionary) -> void:
	DirAccess.make_dir_recursive_absolute(path.get_base_dir())
	var unfinished := "%s.%d-%d" % [path, OS.get_process_id(), OS.get_thread_caller_id()]
	var file := FileAccess.open(unfinished, FileAccess.WRITE)
	if file == null:
		push_error("Pixforge: %s cannot be written (%s)." % [path, error_string(FileAccess.get_open_error())])
		return
	file.store_string(JSON.stringify(content, "\t"))
	file.close()
	DirAccess.rename_absolute(unfinished, path)
