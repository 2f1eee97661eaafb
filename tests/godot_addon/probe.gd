@tool
extends EditorPlugin
# Selects pictures, presses the dock's buttons, prints what came of it, and ends the editor.

const PICTURE := "res://art/plain.png"

func _enter_tree() -> void:
	if OS.has_environment("PROBE"):
		EditorInterface.get_resource_filesystem().filesystem_changed.connect(_begin, CONNECT_ONE_SHOT)

func _begin() -> void:
	for _frame in 3:
		await get_tree().process_frame
	var dock := EditorInterface.get_base_control().find_child("Pixforge", true, false)
	var found := {"nothing_selected": [dock.preview.disabled, dock.convert.disabled]}
	found["presets"] = _items(dock.presets)
	EditorInterface.get_file_system_dock().navigate_to_path(PICTURE)
	await get_tree().process_frame
	_choose(dock.presets, "own")
	dock.preview.pressed.emit()
	var shown: Array = await dock._trial.finished
	found["before"] = str(shown[0].get_size())
	found["after"] = str(shown[1].get_size())
	found["untouched"] = load(PICTURE).get_class()
	dock.convert.pressed.emit()
	found["converted"] = ResourceLoader.load(PICTURE, "", ResourceLoader.CACHE_MODE_IGNORE).get_class()
	found["problems"] = _items(dock.problems._list)
	found["details"] = dock.problems._details.text
	found["focus"] = _focusable(dock)
	print("RESULT ", JSON.stringify(found))
	get_tree().quit()

func _items(list: Control) -> Array:
	return range(list.item_count).map(func(index: int) -> String: return list.get_item_text(index))

func _choose(list: OptionButton, text: String) -> void:
	list.select(_items(list).find(text))
	list.item_selected.emit(list.selected)

# Controls that take part in the way of the Tab key.
func _focusable(node: Node) -> Array:
	var found := []
	for child in node.find_children("*", "Control", true, false):
		if child.focus_mode == Control.FOCUS_ALL and child.get_class() in ["OptionButton", "Button", "HSlider", "ItemList"]:
			found.append(child.get_class())
	return found
