@tool
extends "importer.gd"
## A picture as a TileSet: every tile that shows something, where it lies in the picture.


func _kind() -> String:
	return "tile_set"


func _title() -> String:
	return "TileSet"


func _rank() -> float:
	return 0.7


func _get_resource_type() -> String:
	return "TileSet"


func _own_options() -> Array[Dictionary]:
	return [{"name": Choices.TILE_SIZE, "default_value": Vector2i(16, 16)}]


func _build(conversion: Conversion, options: Dictionary) -> Resource:
	var texture := texture_of(conversion.output_with("/" + Conversion.NAME + ".png"))
	if texture == null:
		return null
	var size: Vector2i = options[Choices.TILE_SIZE].max(Vector2i.ONE)
	var atlas := TileSetAtlasSource.new()
	atlas.texture = texture
	atlas.texture_region_size = size
	var image := texture.get_image()
	var count := image.get_size() / size
	for row in count.y:
		for column in count.x:
			var place := Vector2i(column, row)
			if not image.get_region(Rect2i(place * size, size)).is_invisible():
				atlas.create_tile(place)
	var tiles := TileSet.new()
	tiles.tile_size = size
	tiles.add_source(atlas, 0)
	return tiles
