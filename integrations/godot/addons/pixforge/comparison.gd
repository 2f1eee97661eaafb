@tool
extends VBoxContainer
## Before and after, side by side at the same size; the zoom is in whole pixels a cell.

const Preview := preload("preview.gd")

const LARGEST_ZOOM := 16
const TOLERANCE := 0.03  # of the aspect: sizes in cells are rounded

## Two pictures are shown.
signal compared

var zoom := HSlider.new()

var _note := Label.new()
var _zoom_text := Label.new()
var _before := Preview.new()
var _after := Preview.new()
var _pictures: Array[Texture2D] = [null, null]


func _init() -> void:
	size_flags_vertical = SIZE_EXPAND_FILL
	_note.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	_note.hide()
	add_child(_note)
	add_child(_zoom_row())
	var scroll := ScrollContainer.new()
	scroll.size_flags_vertical = SIZE_EXPAND_FILL
	scroll.custom_minimum_size.y = 150
	scroll.focus_mode = FOCUS_ALL
	var both := HFlowContainer.new()
	both.size_flags_horizontal = SIZE_EXPAND_FILL
	both.add_child(_before)
	both.add_child(_after)
	scroll.add_child(both)
	add_child(scroll)


## Shows a line of text above the pictures.
func say(text: String) -> void:
	_note.text = text
	_note.show()


## Shows two pictures; `before` may be null.
func compare(before: Image, after: Image) -> void:
	_note.hide()
	_pictures = [null, ImageTexture.create_from_image(after)]
	if before != null:
		_pictures[0] = ImageTexture.create_from_image(_framed(before, after))
	_draw_both()
	compared.emit()


## The picture before; without its empty border where the preset cut that off. Shrunk drawings need mipmaps.
func _framed(before: Image, after: Image) -> Image:
	before.convert(Image.FORMAT_RGBA8)
	var framed := before
	var is_cut := absf(_aspect(before) / _aspect(after) - 1.0) > TOLERANCE
	if is_cut and before.get_used_rect().has_area():
		framed = before.get_region(before.get_used_rect())
	framed.generate_mipmaps()
	return framed


static func _aspect(image: Image) -> float:
	return float(image.get_width()) / image.get_height()


func _zoom_row() -> HBoxContainer:
	var row := HBoxContainer.new()
	var label := Label.new()
	label.text = "Zoom"
	zoom.min_value = 1
	zoom.max_value = LARGEST_ZOOM
	zoom.value = 3
	zoom.tooltip_text = "Screen pixels for each pixel of the result; arrow keys change it"
	zoom.size_flags_horizontal = SIZE_EXPAND_FILL
	zoom.size_flags_vertical = SIZE_SHRINK_CENTER
	zoom.value_changed.connect(func(_value: float) -> void: _draw_both())
	row.add_child(label)
	row.add_child(zoom)
	row.add_child(_zoom_text)
	return row


func _draw_both() -> void:
	_zoom_text.text = "%d x" % int(zoom.value)
	if _pictures[1] == null:
		return
	var extent := _pictures[1].get_size() * zoom.value
	_after.display(_pictures[1], extent)
	if _pictures[0] == null:
		_before.display(null, Vector2.ZERO)
		return
	var scale_by := extent.y / _pictures[0].get_height()
	_before.texture_filter = TEXTURE_FILTER_NEAREST if scale_by >= 1.0 else TEXTURE_FILTER_LINEAR_WITH_MIPMAPS
	_before.display(_pictures[0], _pictures[0].get_size() * scale_by)
