@tool
extends EditorPlugin
## Puts pixforge into the editor: importers, re-import, the check before an export, the dock.

const Catalog := preload("catalog.gd")
const Dock := preload("dock.gd")
const Executable := preload("executable.gd")
const ExportCheck := preload("export_check.gd")
const Frames := preload("import_frames.gd")
const Importer := preload("importer.gd")
const Textures := preload("import_texture.gd")
const TileSets := preload("import_tiles.gd")
const Watcher := preload("watcher.gd")

var _importers: Array[EditorImportPlugin] = []
var _check: ExportCheck
var _watcher: Watcher
var _dock: Dock


func _enter_tree() -> void:
	_declare_settings()
	Catalog.refresh()
	_add_importer(Frames.new(), "")
	_add_importer(Textures.new(), "")
	_add_importer(TileSets.new(), "")
	_add_importer(Textures.new(), "pix")
	_add_importer(TileSets.new(), "tiles")
	_check = ExportCheck.new()
	add_export_plugin(_check)
	_watcher = Watcher.new()
	add_child(_watcher)
	_dock = Dock.new()
	_watcher.looked.connect(_dock.show_problems)
	add_control_to_dock(DOCK_SLOT_RIGHT_UL, _dock)


func _exit_tree() -> void:
	remove_control_from_docks(_dock)
	_dock.free()
	_watcher.free()
	remove_export_plugin(_check)
	for importer in _importers:
		remove_import_plugin(importer)


func _add_importer(importer: Importer, marker: String) -> void:
	importer.marker = marker
	add_import_plugin(importer)
	_importers.append(importer)


func _declare_settings() -> void:
	var settings := EditorInterface.get_editor_settings()
	var executable := {"name": Executable.SETTING, "type": TYPE_STRING, "hint": PROPERTY_HINT_GLOBAL_FILE}
	if not settings.has_setting(Executable.SETTING):
		settings.set_setting(Executable.SETTING, "")
	settings.set_initial_value(Executable.SETTING, "", false)
	settings.add_property_info(executable)
	_declare(Executable.SETTING, "", executable)
	_declare(ExportCheck.SETTING, ExportCheck.FAIL, {
		"name": ExportCheck.SETTING,
		"type": TYPE_INT,
		"hint": PROPERTY_HINT_ENUM,
		"hint_string": "Fail the Export,Warn,Ignore",
	})


func _declare(setting: String, value: Variant, info: Dictionary) -> void:
	if not ProjectSettings.has_setting(setting):
		ProjectSettings.set_setting(setting, value)
	ProjectSettings.set_initial_value(setting, value)
	ProjectSettings.set_as_basic(setting, true)
	ProjectSettings.add_property_info(info)
