-- The dialogs. They show and ask; what is done is in `convert`, `apply` and `export`.

local apply = require "lib/apply"
local convert = require "lib/convert"
local failure = require "lib/failure"
local json = require "lib/json"
local locate = require "lib/locate"
local pixels = require "lib/pixels"
local preview = require "lib/preview"
local settings = require "lib/settings"

local dialog = {}

dialog.PLAIN = "None of your own yet"
dialog.AS_IT_IS = "None: the pixels as they are"

local function names(first, items)
  local found = {}
  for _, name in ipairs(first) do found[#found + 1] = name end
  for _, item in ipairs(items) do found[#found + 1] = type(item) == "table" and item.name or item end
  return found
end

local function contains(list, value)
  for _, item in ipairs(list) do
    if item == value then return true end
  end
  return false
end

-- `value` if the list has it, else the list's first.
local function one_of(list, value)
  return contains(list, value) and value or list[1]
end

local function presets_for(offers, direction)
  local found = {}
  for _, preset in ipairs(offers.presets) do
    if preset.direction == direction then found[#found + 1] = preset end
  end
  return found
end

local function methods_for(offers, direction)
  local found = {}
  for _, method in ipairs(offers.methods) do
    if contains(method.directions, direction) and #method.missing == 0 then found[#found + 1] = method end
  end
  return found
end

local function path_of(offers, name)
  for _, preset in ipairs(offers.presets) do
    if preset.name == name then return preset.path end
  end
  return name
end

-- Presets to choose from; where there is none of this direction, one that stands for the method's own settings.
local function choosable(offers, direction)
  local found = presets_for(offers, direction)
  return #found > 0 and found or { { name = dialog.PLAIN, path = offers.default_preset } }
end

-- What the widgets say, as plain choices (see convert.keys). Text fields may hold nonsense: convert.keys says so.
local function read(data, offers, direction)
  local plain = data.preset == dialog.PLAIN
  return {
    direction = plain and direction or nil,
    first_method = plain and methods_for(offers, direction)[1].name or nil,
    preset_name = data.preset,
    preset = path_of(offers, plain and offers.default_preset or data.preset),
    method = data.method,
    height = math.tointeger(data.height) or 0,
    cell = data.cell or "",
    palette = data.palette,
    colors = math.tointeger(data.colors) or 0,
    outline = data.outline,
    way = data.way,
    enlarge = data.enlarge or false,
  }
end

local function add_choices(dlg, offers, choices, direction)
  local presets = names({}, choosable(offers, direction))
  local methods = names({ convert.PRESET }, methods_for(offers, direction))
  dlg:combobox { id = "preset", label = "Preset", options = presets,
    option = one_of(presets, choices.preset_name or offers.default_preset) }
  dlg:combobox { id = "method", label = "Method", options = methods, option = one_of(methods, choices.method) }
  if direction == "to-pixel" then
    local palettes = names({ convert.PRESET, convert.OWN, convert.FIT }, offers.palettes)
    local outlines = names({ convert.PRESET }, offers.outlines)
    dlg:number { id = "height", label = "Height in cells (0: preset)", text = tostring(choices.height or 0), decimals = 0 }
    dlg:combobox { id = "palette", label = "Palette", options = palettes, option = one_of(palettes, choices.palette) }
    dlg:number { id = "colors", label = "Colours (0: preset)", text = tostring(choices.colors or 0), decimals = 0 }
    dlg:combobox { id = "outline", label = "Outline", options = outlines, option = one_of(outlines, choices.outline) }
  end
  dlg:entry { id = "cell", label = "Pixels a cell", text = choices.cell or "" }
end

-- The convert dialog, once. Returns the choices and, if it was made for them, the previewed result; or nil for Cancel.
local function ask(title, offers, choices, direction, before, work)
  local dlg = Dialog { title = title }
  local shown, made_for
  add_choices(dlg, offers, choices, direction)
  local ways = apply.WAYS
  dlg:combobox { id = "way", label = "Result", options = ways,
    option = one_of(ways, choices.way or (direction == "to-drawing" and apply.SPRITE or nil)) }
  dlg:check { id = "enlarge", text = "Lay a new layer over the drawing, enlarged", selected = choices.enlarge or false }
  dlg:canvas { id = "preview", width = preview.WIDTH, height = preview.HEIGHT, onpaint = function(event)
    preview.paint(event.context, before, shown and shown.images[math.min(#shown.images, app.frame.frameNumber)])
  end }
  dlg:button { text = "Preview", onclick = function()
    failure.guard(function()
      local wanted = read(dlg.data, offers, direction)
      shown = work(wanted)
      made_for = json.encode(wanted)
      dlg:repaint()
    end)
  end }
  dlg:button { id = "confirm", text = "Convert", focus = true }
  dlg:button { id = "cancel", text = "Cancel" }
  dlg:show()
  if not dlg.data.confirm then return nil end
  local wanted = read(dlg.data, offers, direction)
  return wanted, made_for == json.encode(wanted) and shown or nil
end

-- Asks until it is done or cancelled: a failure is shown, and the dialog comes back with what was chosen.
-- work(choices) converts, finish(result, choices) puts the result where it belongs.
local function converse(title, sprite, direction, before, work, finish)
  local memory = "last " .. direction
  local offers = convert.offers(sprite)
  if #methods_for(offers, direction) == 0 then
    failure.raise('No method that is installed converts "' .. direction .. '".', "`pixforge doctor` says what is missing.")
  end
  local choices, ready = settings.recall(memory), nil
  while true do
    choices, ready = ask(title, offers, choices, direction, before, work)
    if not choices then return end
    if failure.guard(function() finish(ready or work(choices), choices) end) then
      settings.remember(memory, choices)
      return
    end
  end
end

-- "Convert sprite..." and "Restore to drawing...".
function dialog.convert_sprite(direction)
  local sprite = app.sprite
  local title = direction == "to-pixel" and "Pixforge: convert sprite" or "Pixforge: restore to drawing"
  converse(title, sprite, direction, pixels.render(sprite, app.frame.frameNumber),
    function(choices) return convert.sprite(sprite, choices) end,
    function(result, choices) apply.to_sprite(sprite, result, choices.way, choices.enlarge) end)
end

-- "Convert cel...".
function dialog.convert_cel()
  local cel = app.cel
  converse("Pixforge: convert cel", cel.sprite, "to-pixel", pixels.render(cel.sprite, cel.frameNumber),
    function(choices) return convert.cel(cel, choices) end,
    function(result, choices) apply.to_cel(cel, result, choices.way) end)
end

-- Asks how to export. Returns {folder, name, targets, preset, on_save}, or nil for Cancel.
function dialog.export(sprite, targets, before)
  local offers = convert.offers(sprite)
  local presets = names({ dialog.AS_IT_IS }, presets_for(offers, "to-pixel"))
  local known = before or {}
  local title = app.fs.fileTitle(sprite.filename)
  local file = known.folder and app.fs.joinPath(known.folder, known.name)
    or app.fs.joinPath(app.fs.filePath(sprite.filename), title)
  local dlg = Dialog { title = "Pixforge: export" }
  dlg:combobox { id = "preset", label = "Conversion", options = presets, option = one_of(presets, known.preset_name) }
  dlg:entry { id = "targets", label = "Targets", text = table.concat(known.targets or targets, ", ") }
  dlg:label { text = "Known: " .. table.concat(offers.targets, ", ") }
  dlg:file { id = "file", label = "Folder and name", title = "Where the files go", save = true, entry = true,
    filename = file }
  dlg:check { id = "on_save", text = "Export again whenever this sprite is saved", selected = known.on_save or false }
  dlg:button { id = "confirm", text = "Export", focus = true }
  dlg:button { id = "cancel", text = "Cancel" }
  dlg:show()
  local data = dlg.data
  if not data.confirm then return nil end
  local wanted = {}
  for target in data.targets:gmatch("[^,%s]+") do wanted[#wanted + 1] = target end
  return {
    folder = app.fs.filePath(data.file),
    name = app.fs.fileTitle(data.file),
    targets = wanted,
    preset_name = data.preset,
    preset = data.preset == dialog.AS_IT_IS and "" or path_of(offers, data.preset),
    on_save = data.on_save,
  }
end

-- "Settings...": where the program is.
function dialog.settings()
  local found, path = pcall(convert.program)
  local dlg = Dialog { title = "Pixforge: settings" }
  dlg:label { text = found and "Found: " .. path or "Not found yet: choose the program below." }
  dlg:file { id = "program", label = "pixforge program", title = "The pixforge program", open = true, entry = true,
    filename = settings.program() }
  dlg:label { text = "Empty: beside the extension, on the PATH, in the usual folders." }
  dlg:button { id = "confirm", text = "OK", focus = true }
  dlg:button { id = "cancel", text = "Cancel" }
  dlg:show()
  if not dlg.data.confirm then return end
  local before = settings.program()
  settings.set_program(dlg.data.program)
  local works, offers = failure.guard(convert.offers, app.sprite)
  if works then
    app.alert { title = "Pixforge", text = { "pixforge " .. offers.pixforge .. " answers.", locate.SETTING }, buttons = "OK" }
  elseif dlg.data.program ~= "" then
    settings.set_program(before)
  end
end

return dialog
