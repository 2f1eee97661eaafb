-- Where the pixforge program is.

local failure = require "lib/failure"
local host = require "lib/host"

local locate = {}

locate.SETTING = "Sprite > Pixforge > Settings..."

local function program()
  return host.windows() and "pixforge.exe" or "pixforge"
end

-- The user's folder on Windows, as Aseprite writes it (UTF-8), or nil.
function locate.profile()
  return app.fs.userConfigPath:match("^(.*)\\AppData\\Roaming\\")
end

local function beside(folder)
  return { app.fs.joinPath(folder, program()), app.fs.joinPath(folder, "pixforge", program()) }
end

local function on_path()
  local found = {}
  for folder in host.env("PATH"):gmatch(host.windows() and "[^;]+" or "[^:]+") do
    folder = folder:gsub('^"(.*)"$', "%1")
    found[#found + 1] = app.fs.joinPath(folder, program())
  end
  return found
end

local function usual()
  local folders = {}
  if host.windows() then
    local profile = locate.profile() or host.env("USERPROFILE")
    folders = {
      profile .. "\\AppData\\Local\\Programs\\pixforge",
      host.env("ProgramFiles") .. "\\pixforge",
      profile .. "\\.local\\bin",
    }
  else
    -- Programs that are started from the Dock or a desktop do not see the PATH of the terminal.
    local home = host.env("HOME")
    folders = {
      home .. "/.local/bin", "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin", "/opt/pixforge",
      "/Applications/pixforge", home .. "/Applications/pixforge",
    }
  end
  local found = {}
  for _, folder in ipairs(folders) do
    found[#found + 1] = app.fs.joinPath(folder, program())
  end
  return found
end

-- The path of the program. `chosen` is the setting ("" for none), `extension` the folder of the extension.
-- Raises where there is none; the message says where to set it.
function locate.find(chosen, extension)
  if chosen ~= "" then
    if app.fs.isFile(chosen) then return chosen end
    failure.raise("The pixforge program is set to this file, but it is not there.",
      "Choose it again in " .. locate.SETTING, chosen)
  end
  for _, places in ipairs { beside(extension), on_path(), usual() } do
    for _, path in ipairs(places) do
      if app.fs.isFile(path) then return path end
    end
  end
  failure.raise(
    "The pixforge program was not found: not beside the extension, not on the PATH, not in the usual folders.",
    "Install it, or choose the file " .. program() .. " in " .. locate.SETTING
  )
end

return locate
