@tool
extends VBoxContainer
## What went wrong with which file, and what to do about it. Enter or a double click shows the file.

const Records := preload("records.gd")
const Watcher := preload("watcher.gd")

var _title := Label.new()
var _list := ItemList.new()
var _details := Label.new()


func _init() -> void:
	add_child(_title)
	_list.auto_height = true
	_list.text_overrun_behavior = TextServer.OVERRUN_TRIM_ELLIPSIS
	_list.item_selected.connect(_explain)
	_list.item_activated.connect(_reveal)
	add_child(_list)
	_details.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	add_child(_details)


## Reads the records of all imported files.
func list() -> void:
	_list.clear()
	_details.text = ""
	for source in Watcher.sources_of_project():
		var problem: String = Records.read(source).get("problem", "")
		if not problem.is_empty():
			var index := _list.add_item(source)
			_list.set_item_metadata(index, problem)
			_list.set_item_tooltip(index, problem)
	_list.visible = _list.item_count > 0
	_title.text = "No problems" if _list.item_count == 0 else "Problems: %d" % _list.item_count
	if _list.item_count > 0:
		_list.select(0)
		_explain(0)


func _explain(index: int) -> void:
	_details.text = _list.get_item_metadata(index)


func _reveal(index: int) -> void:
	EditorInterface.get_file_system_dock().navigate_to_path(_list.get_item_text(index))
