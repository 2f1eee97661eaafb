# Reads exported clips and tile sets back and prints one line of JSON: by folder, what Godot finds there.
extends SceneTree

func _init() -> void:
	var found := {}
	for folder in DirAccess.get_directories_at("res://clips"):
		found[folder] = _clip("res://clips/" + folder)
	for folder in DirAccess.get_directories_at("res://tiles"):
		found[folder] = _tiles("res://tiles/" + folder)
	print("RESULT ", JSON.stringify(found))
	quit()

# Every animation with its times, sizes and pixels, and the scene.
func _clip(folder: String) -> Dictionary:
	var frames: SpriteFrames = load(folder + "/hero.tres")
	var found := {}
	for name in frames.get_animation_names():
		var list := []
		for index in frames.get_frame_count(name):
			var texture: AtlasTexture = frames.get_frame_texture(name, index)
			var canvas := Image.create_empty(texture.get_width(), texture.get_height(), false, Image.FORMAT_RGBA8)
			var page := texture.atlas.get_image()
			page.convert(Image.FORMAT_RGBA8)
			canvas.blit_rect(page, Rect2i(texture.region), Vector2i(texture.margin.position))
			list.append({
				"seconds": frames.get_frame_duration(name, index) / frames.get_animation_speed(name),
				"size": [texture.get_width(), texture.get_height()],
				"pixels": canvas.get_data().hex_encode(),
			})
		found[name] = {"loop": frames.get_animation_loop(name), "frames": list}
	var sprite: AnimatedSprite2D = load(folder + "/hero.tscn").instantiate()
	var scene := {
		"autoplay": sprite.autoplay, "filter": sprite.texture_filter, "centered": sprite.centered,
		"offset": [sprite.offset.x, sprite.offset.y], "frames": sprite.sprite_frames == frames, "name": sprite.name,
	}
	sprite.free()
	return {
		"animations": found,
		"scene": scene,
		"uid": ResourceUID.id_to_text(ResourceLoader.get_resource_uid(folder + "/hero.tres")),
	}

# The tiles' pixels by their place on the page, and the map.
func _tiles(folder: String) -> Dictionary:
	var set: TileSet = load(folder + "/hero.tres")
	var source: TileSetAtlasSource = set.get_source(set.get_source_id(0))
	var page := source.texture.get_image()
	page.convert(Image.FORMAT_RGBA8)
	var tiles := {}
	for index in source.get_tiles_count():
		var place := source.get_tile_id(index)
		var tile := page.get_region(source.get_tile_texture_region(place))
		tiles["%d,%d" % [place.x, place.y]] = tile.get_data().hex_encode()
	var map: TileMapLayer = load(folder + "/hero.tscn").instantiate()
	var cells := []
	for cell in map.get_used_cells():
		var place := map.get_cell_atlas_coords(cell)
		cells.append([cell.x, cell.y, "%d,%d" % [place.x, place.y], map.is_cell_flipped_h(cell),
			map.is_cell_flipped_v(cell), map.is_cell_transposed(cell)])
	map.free()
	return {"size": [set.tile_size.x, set.tile_size.y], "tiles": tiles, "cells": cells}
