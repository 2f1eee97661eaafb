@tool
extends RefCounted
## Finds the pixforge program: the editor's setting, the project's, the environment, PATH, the usual places.

const SETTING := "pixforge/executable"
const VARIABLE := "PIXFORGE"
const WHERE := (
	"Editor > Editor Settings > Pixforge > Executable (this machine),"
	+ " Project > Project Settings > General > Pixforge > Executable (everybody),"
	+ " or the environment variable PIXFORGE"
)

## The program, or "" where there is none.
var path := ""
## What is wrong and where to set it right, or "".
var problem := ""


## Looks for the program. A place that is named but wrong is a problem, never passed over in silence.
static func find() -> RefCounted:
	var found: RefCounted = new()
	for named: Array in _named_places():
		var place: String = ProjectSettings.globalize_path(named[1])
		if FileAccess.file_exists(place):
			found.path = place
		else:
			found.problem = "%s names \"%s\", and there is no such file. Set it in: %s." % [named[0], place, WHERE]
		return found
	for folder: String in _folders():
		var place := folder.path_join(_file_name())
		if FileAccess.file_exists(place):
			found.path = place
			return found
	found.problem = "the program \"pixforge\" was not found. Install it, or set where it is in: %s." % WHERE
	return found


## Text that changes when another program, or another build of it, is found; "" without one.
func fingerprint() -> String:
	return "" if path.is_empty() else "%s %d" % [path, FileAccess.get_modified_time(path)]


static func _named_places() -> Array[Array]:
	var places: Array[Array] = []
	var settings := EditorInterface.get_editor_settings()
	if settings != null and settings.has_setting(SETTING):
		places.append(["the editor setting " + SETTING, settings.get_setting(SETTING)])
	places.append(["the project setting " + SETTING, ProjectSettings.get_setting(SETTING, "")])
	places.append(["the environment variable " + VARIABLE, OS.get_environment(VARIABLE)])
	return places.filter(func(place: Array) -> bool: return not str(place[1]).is_empty())


static func _file_name() -> String:
	return "pixforge.exe" if OS.get_name() == "Windows" else "pixforge"


static func _folders() -> PackedStringArray:
	var is_windows := OS.get_name() == "Windows"
	var folders := OS.get_environment("PATH").split(";" if is_windows else ":", false)
	if is_windows:
		folders.append(OS.get_environment("LOCALAPPDATA").path_join("Programs/pixforge"))
		folders.append(OS.get_environment("ProgramFiles").path_join("pixforge"))
	else:
		# A program started from a desktop has a short PATH.
		folders.append(OS.get_environment("HOME").path_join(".local/bin"))
		folders.append_array(PackedStringArray(["/usr/local/bin", "/opt/homebrew/bin", "/opt/pixforge"]))
	return folders
