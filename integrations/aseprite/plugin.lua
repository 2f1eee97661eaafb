-- The extension: commands in menus, and the hook for saving. Needs Aseprite 1.3 (API 24).

local dialog = require "lib/dialog"
local export = require "lib/export"
local failure = require "lib/failure"
local settings = require "lib/settings"

local MENU = "pixforge_menu"
local OLDEST_API = 24

local listener

local function has_sprite()
  return app.sprite ~= nil
end

local function has_cel()
  return app.cel ~= nil
end

local function guarded(work, ...)
  local arguments = table.pack(...)
  return function() failure.guard(work, table.unpack(arguments, 1, arguments.n)) end
end

local function add_commands(plugin)
  local function command(id, title, enabled, onclick, group, onchecked)
    plugin:newCommand {
      id = id, title = title, group = group or MENU, onclick = onclick, onenabled = enabled, onchecked = onchecked,
    }
  end
  plugin:newMenuGroup { id = MENU, title = "Pixforge", group = "sprite_crop" }
  command("PixforgeConvertSprite", "Convert sprite...", has_sprite, guarded(dialog.convert_sprite, "to-pixel"))
  command("PixforgeConvertCel", "Convert cel...", has_cel, guarded(dialog.convert_cel))
  command("PixforgeRestore", "Restore to drawing...", has_sprite, guarded(dialog.convert_sprite, "to-drawing"))
  plugin:newMenuSeparator { group = MENU }
  command("PixforgeExportGodot", "Export to Godot...", has_sprite, guarded(export.ask, { "godot" }))
  command("PixforgeExportAgain", "Export with last preset", has_sprite, guarded(export.again))
  command("PixforgeExportOnSave", "Export on save", has_sprite, guarded(export.switch_on_save), nil, export.on_save)
  plugin:newMenuSeparator { group = MENU }
  command("PixforgeSettings", "Settings...", nil, guarded(dialog.settings))
  command("PixforgeConvertCelPopup", "Pixforge: convert cel...", has_cel, guarded(dialog.convert_cel),
    "cel_popup_properties")
end

function init(plugin)
  if (app.apiVersion or 0) < OLDEST_API then
    print("Pixforge needs Aseprite 1.3 or newer.")
    return
  end
  settings.bind(plugin)
  add_commands(plugin)
  listener = app.events:on("aftercommand", export.after_command)
end

function exit(_plugin)
  if listener then app.events:off(listener) end
end
