-- Choices to a job, a job to a result.

local bridge = require "lib/bridge"
local failure = require "lib/failure"
local host = require "lib/host"
local json = require "lib/json"
local locate = require "lib/locate"
local pixels = require "lib/pixels"
local result = require "lib/result"
local settings = require "lib/settings"
local workplace = require "lib/workplace"

local convert = {}

convert.PRESET, convert.OWN, convert.FIT = "As the preset says", "This sprite's palette", "Fit to the picture"

-- True while the extension itself saves a copy, so that the hook for saving stays out of it.
convert.busy = false

function convert.program()
  return locate.find(settings.program(), settings.folder())
end

local function chosen(value)
  return value ~= nil and value ~= "" and value ~= 0 and value ~= convert.PRESET
end

-- The keys of a job that the choices of the dialog stand for. `sprite` gives its palette.
function convert.keys(choices, sprite)
  local set = {}
  if choices.direction then -- no preset of this direction: what it would say at least
    set.direction, set["method.name"], set["grid.cell"] = choices.direction, choices.first_method, 4
  end
  if chosen(choices.method) then set["method.name"] = choices.method end
  if chosen(choices.height) then set["grid.height"] = choices.height end
  if chosen(choices.cell) then
    local cell = choices.cell == "auto" and "auto" or tonumber(choices.cell)
    set["grid.cell"] = cell or failure.raise('A cell is a number of pixels or "auto", not "' .. choices.cell .. '".',
      "Leave it empty to go by the preset.")
  end
  if set["grid.height"] and set["grid.cell"] then
    failure.raise("Height and cell exclude each other.", "Leave one of them empty.")
  end
  if chosen(choices.colors) then set["palette.colors"] = choices.colors end
  if chosen(choices.outline) then set["outline.mode"] = choices.outline end
  local job = { preset = choices.preset, set = set }
  if choices.palette == convert.OWN then
    job.palette = json.array(pixels.colors_of(sprite))
  elseif choices.palette == convert.FIT then
    set["palette.source"] = "fit"
  elseif chosen(choices.palette) then
    set["palette.source"] = choices.palette
  end
  return job
end

-- Saves with `save(file)` a picture for pixforge and raises if nothing came of it.
local function saved(file, save)
  local before = convert.busy
  convert.busy = true
  local done, why = pcall(save, file)
  convert.busy = before
  if not done then error(why, 0) end
  if not app.fs.isFile(file) then
    failure.raise("Aseprite did not save the sprite for pixforge.", "Allow the script to write files, and try again.", file)
  end
  return file
end

-- Calls work(folder, source) with a copy of the whole sprite on the disk.
function convert.with_copy(sprite, work)
  return workplace.with(function(folder)
    local source = saved(app.fs.joinPath(folder, "source.aseprite"), function(file) host.save_sprite(sprite, file) end)
    return work(folder, source)
  end)
end

local function run(folder, source, keys, active)
  -- What comes back is a sprite, whatever the preset writes else.
  keys.set["export.tiles"], keys.set["export.preview"] = json.null, 0
  local job = {
    sources = json.array { source },
    out = app.fs.joinPath(folder, "out") .. "/",
    name = "result",
    targets = json.array { "aseprite" },
    overwrite = true,
    preset = keys.preset,
    set = keys.set,
    palette = keys.palette,
  }
  local report = bridge.run(convert.program(), folder, job)
  return result.take(report.results[1].outputs[1], active)
end

-- Converts all frames of a sprite (see result.take).
function convert.sprite(sprite, choices)
  local keys = convert.keys(choices, sprite)
  return convert.with_copy(sprite, function(folder, source) return run(folder, source, keys, sprite) end)
end

-- Converts the picture of one cel.
function convert.cel(cel, choices)
  local sprite = cel.sprite
  if cel.layer.isTilemap then
    failure.raise("A tilemap's cel holds tiles, not pixels.", "Convert the whole sprite instead.")
  end
  local keys = convert.keys(choices, sprite)
  return workplace.with(function(folder)
    local source = saved(app.fs.joinPath(folder, "cel.png"), function(file)
      host.save_image(cel.image, file, sprite.palettes[1])
    end)
    return run(folder, source, keys, sprite)
  end)
end

-- What the program offers: presets, methods, palettes, targets (see `pixforge job --describe`), with the presets of the
-- project that `sprite` lies in.
function convert.offers(sprite)
  local place = sprite and app.fs.filePath(sprite.filename) or ""
  return workplace.with(function(folder)
    local job = { describe = true }
    if place ~= "" and app.fs.isDirectory(place) then job.project = place end
    return bridge.run(convert.program(), folder, job)
  end)
end

-- Writes the sprite for an engine. choices: folder, name, targets, preset ("" exports the pixels as they are).
-- Returns the files.
function convert.export(sprite, choices)
  return convert.with_copy(sprite, function(folder, source)
    host.folder(choices.folder)
    local job = {
      sources = json.array { source },
      out = choices.folder .. "/",
      name = choices.name,
      targets = json.array(choices.targets),
      preset = choices.preset ~= "" and choices.preset or json.null,
    }
    return bridge.run(convert.program(), folder, job).results[1].outputs
  end)
end

return convert
