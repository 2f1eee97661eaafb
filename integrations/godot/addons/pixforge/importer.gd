@tool
extends EditorImportPlugin
## What the three importers share: run pixforge, build a resource of what it wrote, write down what it was made of.

const Catalog := preload("catalog.gd")
const Choices := preload("choices.gd")
const Conversion := preload("conversion.gd")
const Records := preload("records.gd")

const PREFIX := "pixforge."
## Pictures that Godot imports itself: ours are offered under "Import As", and chosen by name (hero.pix.png).
const GODOTS := ["png", "jpg", "jpeg", "webp", "bmp", "tga", "svg"]
const OWN := ["aseprite", "ase", "gif", "apng", "tif", "tiff"]
const GODOTS_PRIORITY := 1.0

## Ending before the extension that chooses this importer, such as "pix"; "" for the importer of the extensions.
var marker := ""


func _get_importer_name() -> String:
	return PREFIX + _kind() + ("" if marker.is_empty() else ".by_name")


func _get_visible_name() -> String:
	return "Pixforge %s%s" % [_title(), "" if marker.is_empty() else " (*.%s.*)" % marker]


func _get_recognized_extensions() -> PackedStringArray:
	var extensions := PackedStringArray(OWN + GODOTS)
	if marker.is_empty():
		return extensions
	var marked := PackedStringArray()
	for extension in extensions:
		marked.append(marker + "." + extension)
	return marked


func _get_priority() -> float:
	return _rank() if marker.is_empty() else GODOTS_PRIORITY + _rank()


func _get_import_order() -> int:
	return IMPORT_ORDER_DEFAULT


func _get_save_extension() -> String:
	return "res"


func _can_import_threaded() -> bool:
	return true


func _get_preset_count() -> int:
	return Catalog.presets().size()


func _get_preset_name(index: int) -> String:
	return Catalog.presets()[index]


func _get_import_options(path: String, index: int) -> Array[Dictionary]:
	return Choices.declare(path, Catalog.presets()[index] if index > 0 else "") + _own_options()


func _get_option_visibility(_path: String, name: StringName, options: Dictionary) -> bool:
	return Choices.is_visible(name, options)


func _import(
	source: String, save_path: String, options: Dictionary, _variants: Array[String], _files: Array[String]
) -> Error:
	var conversion := Conversion.run(source, options, _target())
	var problem: String = conversion.problem
	if problem.is_empty():
		problem = _save(conversion, options, "%s.%s" % [save_path, _get_save_extension()])
	conversion.clean()
	Records.write(source, options, conversion, problem)
	if problem.is_empty():
		return OK
	push_error("Pixforge: %s: %s" % [source, problem])
	return ERR_FILE_CORRUPT


func _save(conversion: Conversion, options: Dictionary, path: String) -> String:
	var resource := _build(conversion, options)
	if resource == null and _target() == Conversion.PNG and conversion.outputs.size() > 1:
		return "the frames do not fit side by side on one picture. To do: import it as SpriteFrames."
	if resource == null:
		return "what pixforge wrote cannot be read. To do: update the add-on and pixforge to the same version."
	var error := ResourceSaver.save(resource, path, ResourceSaver.FLAG_COMPRESS)
	return "" if error == OK else "%s cannot be written: %s." % [path, error_string(error)]


## A picture as a lossless texture that lives inside the resource that holds it: nothing else is imported for it.
static func texture_of(path: String) -> PortableCompressedTexture2D:
	var image: Image = null if path.is_empty() else Image.load_from_file(path)
	if image == null:
		return null
	image.convert(Image.FORMAT_RGBA8)
	var texture := PortableCompressedTexture2D.new()
	texture.keep_compressed_buffer = true
	texture.create_from_image(image, PortableCompressedTexture2D.COMPRESSION_MODE_LOSSLESS)
	return texture


## Part of the importer's name, which .import files keep.
func _kind() -> String:
	return ""


func _title() -> String:
	return ""


## Below Godot's own importers (1.0), and in which order of ours.
func _rank() -> float:
	return 0.0


## What pixforge writes for it.
func _target() -> String:
	return Conversion.PNG


func _own_options() -> Array[Dictionary]:
	return []


## The resource, or null where the outputs are not what was asked for.
func _build(_conversion: Conversion, _options: Dictionary) -> Resource:
	return null
