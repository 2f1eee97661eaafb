@tool
extends EditorPlugin
## Presses the dock's buttons as a person would, saves a picture of the editor to $SCREENSHOT, and ends it.

const PICTURE := "res://art/queen.png"
const PRESET := "character-64"
const FRAMES := 30  # until everything is laid out and drawn


func _enter_tree() -> void:
	EditorInterface.get_resource_filesystem().filesystem_changed.connect(_begin, CONNECT_ONE_SHOT)


func _begin() -> void:
	await _wait()
	var dock := EditorInterface.get_base_control().find_child("Pixforge", true, false)
	if dock.get_parent().has_method("make_visible"):
		dock.get_parent().make_visible()
	EditorInterface.get_file_system_dock().navigate_to_path(PICTURE)
	await _wait()
	for index: int in dock.presets.item_count:
		if dock.presets.get_item_text(index) == PRESET:
			dock.presets.select(index)
			dock.presets.item_selected.emit(index)
	dock.convert.pressed.emit()
	await _wait()
	dock.preview.pressed.emit()
	await dock.comparison.compared
	await _wait()
	var picture := EditorInterface.get_base_control().get_viewport().get_texture().get_image()
	var extent: Rect2 = dock.get_global_rect().grow(12)
	extent.position.y -= 28  # the tab
	extent.end.y += 28
	picture.get_region(Rect2i(extent).intersection(Rect2i(Vector2i.ZERO, picture.get_size()))).save_png(
		OS.get_environment("SCREENSHOT")
	)
	get_tree().quit()


func _wait() -> void:
	for _frame in FRAMES:
		await get_tree().process_frame
