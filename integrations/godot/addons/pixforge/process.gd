@tool
extends RefCounted
## Runs a program without a shell: spaces, quotes, $HOME and backticks in arguments arrive as they are.

## Exit code; 127 where the program cannot be started.
var code := 127
## What it printed.
var output := ""
var errors := ""


## Runs a program to its end. What it prints is kept, not shown.
static func run(program: String, arguments: PackedStringArray) -> RefCounted:
	var done: RefCounted = new()
	var child := OS.execute_with_pipe(program, arguments)
	if child.is_empty():
		return done
	var stdout: FileAccess = child["stdio"]
	var stderr: FileAccess = child["stderr"]
	done.output = _read_all(stdout)
	done.errors = _read_all(stderr)
	var pid: int = child["pid"]
	while OS.is_process_running(pid):
		OS.delay_msec(1)
	done.code = OS.get_process_exit_code(pid)
	return done


static func _read_all(pipe: FileAccess) -> String:
	var bytes := PackedByteArray()
	while true:
		var piece := pipe.get_buffer(65536)
		if piece.is_empty():
			return bytes.get_string_from_utf8()
		bytes.append_array(piece)
	return ""
