-- Dialogs, the extension's own object, and `os` as scripts see it. The test's `shown(dialog)` plays the user.

local K = ...
local define, proxy, check = K.define, K.proxy, K.check
local api, python, config = K.api, K.python, K.config

local function widget(kind)
  return function(dialog, named)
    local value = named.text
    if kind == "button" then value = false end
    if kind == "check" then value = named.selected or false end
    if kind == "combobox" then
      local known = false
      for _, option in ipairs(named.options) do known = known or option == named.option end
      if not known then error("the option " .. named.option .. " is not in the list", 2) end
      value = named.option
    end
    if kind == "number" then value = math.tointeger(tonumber(named.text)) or 0 end
    if kind == "file" then value = named.filename or "" end
    dialog.widgets[#dialog.widgets + 1] = { kind = kind, named = named }
    if named.id then
      if dialog.data[named.id] ~= nil then error("two widgets are called " .. named.id, 2) end
      dialog.data[named.id] = value
    end
    return proxy("Dialog", dialog)
  end
end

local dialog_methods = {
  show = function(dialog)
    dialog.closed = false
    python.shown(dialog)
    return proxy("Dialog", dialog)
  end,
  close = function(dialog) dialog.closed = true end,
  repaint = function(dialog) dialog.repainted = (dialog.repainted or 0) + 1 end,
}
for _, kind in ipairs { "button", "check", "combobox", "entry", "label", "number", "file", "canvas", "separator" } do
  dialog_methods[kind] = widget(kind)
end
define("Dialog", { methods = dialog_methods })

_ENV.Dialog = function(...)
  check("Dialog", ...)
  if not config.ui then return nil end
  local first = ...
  return proxy("Dialog", { title = type(first) == "table" and first.title or first, widgets = {}, data = {} })
end

define("GraphicsContext", { methods = { drawImage = function(context, image, source, target)
  table.insert(context.drawn, { width = image.width, height = image.height, x = target.x, y = target.y,
    to_width = target.width, to_height = target.height, from = source.width })
end } })

local plugin = { commands = {}, menus = {}, separators = 0, path = config.extension, name = "pixforge",
  preferences = config.preferences }
define("Plugin", { methods = {
  newCommand = function(p, named)
    if named.group and not api.groups[named.group] and not p.menus[named.group] then
      error("there is no menu group " .. named.group)
    end
    p.commands[named.id] = named
  end,
  newMenuGroup = function(p, named)
    if not api.groups[named.group] then error("there is no menu group " .. named.group) end
    p.menus[named.id] = named
  end,
  newMenuSeparator = function(p) p.separators = p.separators + 1 end,
} })

-- `os` and `io` as scripts see them.
os.rename, os.exit, os.tmpname = nil, nil, nil
if config.api < 33 then os.remove = function() error("unsupported function 'remove'") end end
local execute = os.execute
os.execute = function(command)
  if python.executed(command) then return true end
  return execute(command)
end
if config.environment then
  os.getenv = function(name) return config.environment[name] end
end

K.plugin, K.plugin_proxy = plugin, proxy("Plugin", plugin)
