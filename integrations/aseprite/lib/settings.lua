-- What is remembered between sessions. Kept as JSON text in the extension's preferences, so that any value survives.

local json = require "lib/json"

local settings = {}

local store, folder = {}, ""

-- Binds the preferences of the extension and its folder.
function settings.bind(plugin)
  store, folder = plugin.preferences, plugin.path
end

-- The same without an extension, in batch mode: nothing is remembered.
function settings.bind_script(path, program)
  store, folder = { program = program or "" }, path
end

-- The folder of the extension.
function settings.folder()
  return folder
end

-- The program that the user chose, or "".
function settings.program()
  return store.program or ""
end

function settings.set_program(path)
  store.program = path
end

-- The table remembered under a name, or an empty one.
function settings.recall(name)
  local read, value = pcall(json.decode, store[name] or "")
  return read and type(value) == "table" and value or {}
end

function settings.remember(name, value)
  store[name] = json.encode(value)
end

-- How the sprite of a file was exported last, or nil.
function settings.export_of(file)
  return settings.recall("exports")[file]
end

function settings.remember_export(file, choices)
  local all = settings.recall("exports")
  all[file] = choices
  settings.remember("exports", all)
end

return settings
