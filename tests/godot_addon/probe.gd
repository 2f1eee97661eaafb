@tool
extends EditorPlugin
# Works in the open editor as a person would, where PROBE is set: selects a picture, presses the dock's buttons, then
# changes a preset on the disk and waits. Prints what came of it, and ends the editor.

const PICTURE := "res://art/plain.png"
const PRESET := "res://presets/own.toml"
const SECONDS := 120.0  # then something has failed, and what was printed says what

func _enter_tree() -> void:
	if OS.has_environment("PROBE"):
		EditorInterface.get_resource_filesystem().filesystem_changed.connect(_begin, CONNECT_ONE_SHOT)

func _begin() -> void:
	get_tree().create_timer(SECONDS).timeout.connect(func() -> void: get_tree().quit(1))
	for _frame in 3:
		await get_tree().process_frame
	var dock := EditorInterface.get_base_control().find_child("Pixforge", true, false)
	var found := {"presets": _items(dock.presets)}
	found["focus"] = _focusable(dock)
	found["problems"] = _items(dock.problems._list)
	found["details"] = dock.problems._details.text
	EditorInterface.get_file_system_dock().navigate_to_path(PICTURE)
	await get_tree().process_frame
	_choose(dock.presets, "own")
	dock.preview.pressed.emit()
	var shown: Array = await dock._trial.finished
	found["before"] = [shown[0].get_width(), shown[0].get_height()]
	found["after"] = [shown[1].get_width(), shown[1].get_height()]
	found["untouched"] = load(PICTURE).get_class()
	dock.convert.pressed.emit()
	found["converted"] = ResourceLoader.load(PICTURE, "", ResourceLoader.CACHE_MODE_IGNORE).get_class()
	found["imported"] = await _change_preset()
	print("RESULT ", JSON.stringify(found))
	get_tree().quit()

# What the editor imports by itself after a preset has changed.
func _change_preset() -> Array:
	var text := FileAccess.get_file_as_string(PRESET)
	var file := FileAccess.open(PRESET, FileAccess.WRITE)
	file.store_string(text.replace("height = 12", "height = 10 # other"))
	file.close()
	var imported: Array = await EditorInterface.get_resource_filesystem().resources_reimported
	imported.sort()
	return imported

func _items(list: Control) -> Array:
	return range(list.item_count).map(func(index: int) -> String: return list.get_item_text(index))

func _choose(list: OptionButton, text: String) -> void:
	list.select(_items(list).find(text))
	list.item_selected.emit(list.selected)

# Controls on the way of the Tab key.
func _focusable(dock: Node) -> Array:
	var found := []
	for control: Control in dock.find_children("*", "Control", true, false):
		if control.focus_mode == Control.FOCUS_ALL and not control.get_class() in found:
			found.append(control.get_class())
	return found
