-- Exports for engines: by a dialog, as last time, and whenever a sprite is saved.

local convert = require "lib/convert"
local dialog = require "lib/dialog"
local failure = require "lib/failure"
local settings = require "lib/settings"

local export = {}

local function saved_sprite()
  local sprite = app.sprite
  if app.fs.filePath(sprite.filename) == "" then
    failure.raise("This sprite has no file yet.", "Save it first: exports are remembered by the sprite's file.")
  end
  return sprite
end

local function tell(files)
  local lines = { "Exported:" }
  for index, file in ipairs(files) do
    if index > 12 then
      lines[#lines + 1] = string.format("and %d more", #files - 12)
      break
    end
    lines[#lines + 1] = file
  end
  app.alert { title = "Pixforge", text = lines, buttons = "OK" }
end

-- "Export to Godot..." and "Export...": asks until it is done or cancelled.
function export.ask(targets)
  local sprite = saved_sprite()
  local choices = settings.export_of(sprite.filename)
  while true do
    choices = dialog.export(sprite, targets, choices)
    if not choices then return end
    local done, files = failure.guard(convert.export, sprite, choices)
    if done then
      settings.remember_export(sprite.filename, choices)
      settings.remember("last export", choices)
      tell(files)
      return
    end
  end
end

-- "Export with last preset": as this sprite was exported last, else as any was, under this sprite's name.
function export.again()
  local sprite = saved_sprite()
  local choices = settings.export_of(sprite.filename)
  if not choices then
    choices = settings.recall("last export")
    if not choices.folder then return export.ask { "godot" } end
    choices.name, choices.on_save = app.fs.fileTitle(sprite.filename), false
  end
  local files = convert.export(sprite, choices)
  settings.remember_export(sprite.filename, choices)
  tell(files)
end

-- Whether the active sprite is exported whenever it is saved.
function export.on_save()
  local choices = app.sprite and settings.export_of(app.sprite.filename)
  return choices ~= nil and choices.on_save == true
end

-- Switches that; asks for the rest where the sprite was never exported.
function export.switch_on_save()
  local sprite = saved_sprite()
  local choices = settings.export_of(sprite.filename)
  if not choices then return export.ask { "godot" } end
  choices.on_save = not choices.on_save
  settings.remember_export(sprite.filename, choices)
end

local SAVES = { SaveFile = true, SaveFileAs = true }

-- After a command: exports the active sprite if the command saved it and it wants that. Silent but for failures.
function export.after_command(event)
  if not SAVES[event.name] or convert.busy then return end
  local sprite = app.sprite
  if not sprite or sprite.isModified or not export.on_save() then return end -- modified: the saving was cancelled
  failure.guard(convert.export, sprite, settings.export_of(sprite.filename))
end

return export
