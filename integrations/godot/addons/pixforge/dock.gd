@tool
extends VBoxContainer
## The dock: choose a preset, look at what it does, apply it to files and folders, read what went wrong.

const Assignment := preload("assignment.gd")
const Catalog := preload("catalog.gd")
const Comparison := preload("comparison.gd")
const Problems := preload("problems.gd")
const Trial := preload("trial.gd")

const NEAREST := 0
const FILTER := "rendering/textures/canvas_textures/default_texture_filter"

var presets := OptionButton.new()
var kinds := OptionButton.new()
var preview := Button.new()
var convert := Button.new()
var comparison := Comparison.new()
var problems := Problems.new()

var _about := Label.new()
var _chosen := Label.new()
var _filter := Button.new()
var _trial := Trial.new()
var _question := ConfirmationDialog.new()


func _init() -> void:
	name = "Pixforge"
	add_child(_row("Preset", presets, "How pictures are converted: presets of this project and of pixforge"))
	_about.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	add_child(_about)
	for title in Assignment.KINDS:
		kinds.add_item(title)
	add_child(_row("Import as", kinds, "What Godot gets: a texture, animations, or tiles"))
	_chosen.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	add_child(_chosen)
	add_child(_buttons())
	add_child(comparison)
	add_child(problems)
	_question.confirmed.connect(_assign)
	add_child(_question)
	_filter.text = "Show this project's textures without smoothing"
	_filter.pressed.connect(_set_nearest)
	add_child(_filter)


func _ready() -> void:
	presets.item_selected.connect(func(_index: int) -> void: _describe())
	_trial.finished.connect(_show_trial)
	EditorInterface.get_file_system_dock().selection_changed.connect(show_selection)
	_list_presets()
	show_selection()
	_filter.visible = ProjectSettings.get_setting(FILTER, 1) != NEAREST


func _exit_tree() -> void:
	_trial.join()


## Fills the list of problems again; called after every look at the project.
func show_problems() -> void:
	_list_presets()
	problems.list()


## Says what the buttons would work on: what is selected in the FileSystem dock.
func show_selection() -> void:
	var pictures := _pictures()
	preview.disabled = pictures.is_empty()
	convert.disabled = pictures.is_empty()
	_chosen.text = "Select pictures or folders in the FileSystem dock." if pictures.is_empty() else _selection(pictures)


func _buttons() -> HBoxContainer:
	var row := HBoxContainer.new()
	preview.text = "Preview"
	preview.tooltip_text = "Convert the first selected picture and show it here; nothing is changed"
	preview.pressed.connect(_preview)
	convert.text = "Convert"
	convert.tooltip_text = "Import every selected picture with this preset, now and whenever it changes"
	convert.pressed.connect(_convert)
	for button: Button in [preview, convert]:
		button.size_flags_horizontal = SIZE_EXPAND_FILL
		row.add_child(button)
	return row


func _row(text: String, control: Control, tip: String) -> HBoxContainer:
	var row := HBoxContainer.new()
	var label := Label.new()
	label.text = text
	label.custom_minimum_size.x = 80
	control.tooltip_text = tip
	control.size_flags_horizontal = SIZE_EXPAND_FILL
	row.add_child(label)
	row.add_child(control)
	return row


func _list_presets() -> void:
	var selected := presets.text
	presets.clear()
	for preset in Catalog.presets():
		presets.add_item(preset)
		if preset == selected:
			presets.select(presets.item_count - 1)
	_describe()


func _describe() -> void:
	_about.text = Catalog.description(presets.text)


func _pictures() -> PackedStringArray:
	return Assignment.pictures_in(EditorInterface.get_selected_paths())


func _preview() -> void:
	var pictures := _pictures()
	if not pictures.is_empty() and _trial.start(pictures[0], presets.text):
		preview.disabled = true
		comparison.say("Converting %s ..." % pictures[0])


func _show_trial(before: Image, after: Image, problem: String) -> void:
	show_selection()
	if after == null:
		comparison.say(problem)
	else:
		comparison.compare(before, after)


## One file is converted at once; of more, and of folders, the number is shown first.
func _convert() -> void:
	var pictures := _pictures()
	if pictures.size() == 1:
		_assign()
		return
	_question.dialog_text = "Import %s with preset \"%s\"?" % [_selection(pictures), presets.text]
	_question.popup_centered()


func _selection(pictures: PackedStringArray) -> String:
	var paths := EditorInterface.get_selected_paths()
	if pictures.size() == 1:
		return pictures[0]
	return "%d pictures of %s" % [pictures.size(), paths[0] if paths.size() == 1 else "%d places" % paths.size()]


func _assign() -> void:
	Assignment.assign(_pictures(), Assignment.KINDS[kinds.text], presets.text)
	show_problems()


func _set_nearest() -> void:
	ProjectSettings.set_setting(FILTER, NEAREST)
	ProjectSettings.save()
	_filter.hide()
