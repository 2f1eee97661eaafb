# Reads imported resources back and prints one line of JSON: by path, what Godot finds there.
extends SceneTree

func _init() -> void:
	var found := {}
	for name in DirAccess.get_files_at("res://art"):
		if name.ends_with(".import"):
			var path := "res://art/" + name.trim_suffix(".import")
			var resource: Resource = load(path)
			found[path] = _describe(resource) if resource != null else null
	print("RESULT ", JSON.stringify(found))
	quit()

func _describe(resource: Resource) -> Dictionary:
	if resource is SpriteFrames:
		return _clip(resource)
	if resource is TileSet:
		return _tiles(resource)
	var image: Image = resource.get_image()
	return {"type": resource.get_class(), "mipmaps": image.has_mipmaps()}.merged(_pixels(image))

func _pixels(image: Image) -> Dictionary:
	image.convert(Image.FORMAT_RGBA8)
	return {"size": [image.get_width(), image.get_height()], "pixels": image.get_data().hex_encode()}

func _clip(frames: SpriteFrames) -> Dictionary:
	var animations := {}
	for name in frames.get_animation_names():
		var list := []
		for index in frames.get_frame_count(name):
			var texture: AtlasTexture = frames.get_frame_texture(name, index)
			var canvas := Image.create_empty(texture.get_width(), texture.get_height(), false, Image.FORMAT_RGBA8)
			var page := texture.atlas.get_image()
			page.convert(Image.FORMAT_RGBA8)
			canvas.blit_rect(page, Rect2i(texture.region), Vector2i(texture.margin.position))
			var seconds := frames.get_frame_duration(name, index) / frames.get_animation_speed(name)
			list.append({"seconds": seconds}.merged(_pixels(canvas)))
		animations[name] = {"loop": frames.get_animation_loop(name), "frames": list}
	return {"type": "SpriteFrames", "animations": animations}

func _tiles(set: TileSet) -> Dictionary:
	var source: TileSetAtlasSource = set.get_source(0)
	var page := source.texture.get_image()
	page.convert(Image.FORMAT_RGBA8)
	var tiles := {}
	for index in source.get_tiles_count():
		var place := source.get_tile_id(index)
		var tile := page.get_region(source.get_tile_texture_region(place))
		tiles["%d,%d" % [place.x, place.y]] = tile.get_data().hex_encode()
	return {"type": "TileSet", "size": [set.tile_size.x, set.tile_size.y], "tiles": tiles}
