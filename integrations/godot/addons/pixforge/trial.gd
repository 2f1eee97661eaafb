@tool
extends RefCounted
## A conversion to look at: the picture before and after, made in a thread so that the editor goes on.

const Catalog := preload("catalog.gd")
const Choices := preload("choices.gd")
const Conversion := preload("conversion.gd")
const Importer := preload("importer.gd")

## Both pictures, and what went wrong or "".
signal finished(before: Image, after: Image, problem: String)

var _thread: Thread


## Starts; false while another one is under way.
func start(source: String, preset: String) -> bool:
	if _thread != null:
		return false
	_thread = Thread.new()
	_thread.start(_work.bind(source, preset))
	return true


## Waits for the thread; to be called before the end.
func join() -> void:
	if _thread != null:
		_thread.wait_to_finish()
		_thread = null


func _work(source: String, preset: String) -> void:
	var before: Image = null
	if source.get_extension().to_lower() in Importer.GODOTS:
		before = Image.load_from_file(ProjectSettings.globalize_path(source))
	else:
		before = _convert(source, Catalog.NO_PRESET)[0]
	var made := _convert(source, preset)
	_end.call_deferred(before, made[0], made[1])


func _end(before: Image, after: Image, problem: String) -> void:
	join()
	finished.emit(before, after, problem)


static func _convert(source: String, preset: String) -> Array:
	var made: Conversion = Conversion.run(source, {Choices.PRESET: preset}, Conversion.PNG)
	var path := made.output_with("/" + Conversion.NAME + ".png")
	var image: Image = Image.load_from_file(path) if made.problem.is_empty() and not path.is_empty() else null
	made.clean()
	return [image, made.problem]
