@tool
extends EditorExportPlugin
## Fails an export when converted art is stale. Godot has no call for that: see `_block`.

const Records := preload("records.gd")
const Watcher := preload("watcher.gd")

const SETTING := "pixforge/export/stale_art"
const FAIL := 0
const WARN := 1
const CATEGORY := "Pixforge"

var _blocked := ""


func _get_name() -> String:
	return "pixforge"


func _supports_platform(_platform: EditorExportPlatform) -> bool:
	return true


func _export_begin(_features: PackedStringArray, _is_debug: bool, path: String, _flags: int) -> void:
	var mode: int = ProjectSettings.get_setting(SETTING, FAIL)
	var stale := stale_art() if mode in [FAIL, WARN] else PackedStringArray()
	var type := EditorExportPlatform.EXPORT_MESSAGE_ERROR if mode == FAIL else EditorExportPlatform.EXPORT_MESSAGE_WARNING
	for line in stale:
		get_export_platform().add_message(type, CATEGORY, line)
	if mode == FAIL and not stale.is_empty():
		var remedy := "The export is stopped. To do: open the project, or run godot --headless --import, then export again."
		get_export_platform().add_message(type, CATEGORY, remedy)
		_block(path)


func _export_end() -> void:
	if _blocked.is_empty():
		return
	DirAccess.remove_absolute(_blocked)
	_blocked = ""
	if DisplayServer.get_name() == "headless":
		# Of a zip file Godot reports a warning alone, and success.
		(Engine.get_main_loop() as SceneTree).quit.call_deferred(1)


## A line for each stale file: which, and why.
static func stale_art() -> PackedStringArray:
	var lines := PackedStringArray()
	for source in Watcher.sources_of_project():
		var reason := Records.staleness(source, true)
		if reason != Records.FRESH:
			lines.append("%s is stale: %s" % [source, reason])
	return lines


## A plug-in cannot stop an export, but an export fails that cannot write its file: a folder lies there until its end.
func _block(path: String) -> void:
	if FileAccess.file_exists(path):
		DirAccess.remove_absolute(path)
	if DirAccess.make_dir_absolute(path) == OK:
		_blocked = path
