@tool
extends Control
## A picture, enlarged by whole steps without smoothing, on a chequered ground.

const SQUARE := 8
const LIGHT := Color(0.62, 0.62, 0.62)
const DARK := Color(0.5, 0.5, 0.5)

var _texture: Texture2D
var _extent := Vector2.ZERO


func _init() -> void:
	texture_filter = CanvasItem.TEXTURE_FILTER_NEAREST


## Shows a picture on `extent` pixels of the screen; null shows nothing.
func display(texture: Texture2D, extent: Vector2) -> void:
	_texture = texture
	_extent = extent
	custom_minimum_size = extent
	queue_redraw()


func _draw() -> void:
	if _texture == null:
		return
	draw_rect(Rect2(Vector2.ZERO, _extent), LIGHT)
	for row in ceili(_extent.y / SQUARE):
		for column in range(row % 2, ceili(_extent.x / SQUARE), 2):
			var square := Rect2(column * SQUARE, row * SQUARE, SQUARE, SQUARE)
			draw_rect(square.intersection(Rect2(Vector2.ZERO, _extent)), DARK)
	draw_texture_rect(_texture, Rect2(Vector2.ZERO, _extent), false)
