@tool
extends "importer.gd"
## A picture as a lossless texture without mipmaps; frames of a clip side by side.


func _kind() -> String:
	return "texture"


func _title() -> String:
	return "Texture"


func _rank() -> float:
	return 0.8


func _get_resource_type() -> String:
	return "PortableCompressedTexture2D"


func _build(conversion: Conversion, _options: Dictionary) -> Resource:
	return texture_of(conversion.output_with("/" + Conversion.NAME + ".png"))
