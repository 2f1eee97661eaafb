-- Conversions without a window: `aseprite -b --script-param KEY=VALUE ... --script pixforge.lua`.

local bridge = require "lib/bridge"
local convert = require "lib/convert"
local failure = require "lib/failure"
local json = require "lib/json"
local workplace = require "lib/workplace"

local batch = {}

local KNOWN = { "in", "out", "preset", "set", "palette", "targets", "name", "overwrite", "program" }

local function split(text, pattern)
  local found = json.array()
  for part in (text or ""):gmatch(pattern) do found[#found + 1] = part end
  return found
end

local function value_of(text)
  if text == "true" or text == "false" then return text == "true" end
  return tonumber(text) or text
end

-- "grid.height=48;outline.mode=black" as a table.
local function settings_of(text)
  local set = {}
  for _, pair in ipairs(split(text, "[^;]+")) do
    local key, value = pair:match("^%s*([^=]-)%s*=%s*(.-)%s*$")
    if not key or key == "" then
      failure.raise('"' .. pair .. '" is no setting.', "Write set=KEY=VALUE, several with ; between them.")
    end
    set[key] = value_of(value)
  end
  return set
end

local function check(params)
  for key in pairs(params) do
    local known = false
    for _, name in ipairs(KNOWN) do known = known or name == key end
    if not known then
      failure.raise('There is no parameter "' .. key .. '".', "Known: " .. table.concat(KNOWN, ", "))
    end
  end
  if not params.out then failure.raise("Where the result goes is missing.", "Give --script-param out=FOLDER/.") end
end

local function absolute(path)
  if path:match("^/") or path:match("^%a:[/\\]") or path:match("^\\\\") then return path end
  local folder = path:match("[/\\]$") and "/" or ""
  return app.fs.joinPath(app.fs.currentPath, path) .. folder
end

local function job_of(params, source, project)
  local job = {
    sources = json.array { source },
    out = absolute(params.out),
    preset = params.preset,
    set = settings_of(params.set),
    name = params.name,
    project = project,
  }
  if job.preset and job.preset:match("%.toml$") then job.preset = absolute(job.preset) end
  if params.targets then job.targets = split(params.targets, "[^,%s]+") end
  if params.palette then job.set["palette.source"] = params.palette end
  if params.overwrite then job.overwrite = params.overwrite == "true" end
  return job
end

local function convert_file(params)
  local source = absolute(params["in"])
  return workplace.with(function(folder)
    return bridge.run(convert.program(), folder, job_of(params, source, app.fs.currentPath))
  end)
end

-- The sprite that the command line opened, in whatever format only Aseprite reads.
local function convert_open(params)
  local sprite = app.sprite
  if not sprite then
    failure.raise("There is no picture to convert.", "Give --script-param in=FILE, or name a file before --script.")
  end
  params.name = params.name or app.fs.fileTitle(sprite.filename)
  return convert.with_copy(sprite, function(folder, source)
    return bridge.run(convert.program(), folder, job_of(params, source, app.fs.currentPath))
  end)
end

-- Converts as the parameters say and prints the files that were written. Raises what went wrong.
function batch.run(params)
  check(params)
  local report = params["in"] and convert_file(params) or convert_open(params)
  for _, result in ipairs(report.results) do
    for _, file in ipairs(result.outputs) do print(result.status .. " " .. file) end
  end
end

return batch
