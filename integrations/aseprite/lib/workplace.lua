-- The temporary folder of one conversion.

local failure = require "lib/failure"
local host = require "lib/host"
local shell = require "lib/shell"

local workplace = {}

-- Folders for temporary files, the best first. On Windows Lua opens files by names in the system's code page, so that a
-- temporary folder below a user name such as Jörg cannot be used; the public ones always can.
local function roots()
  if not host.windows() then return { app.fs.tempPath } end
  local found = {}
  for _, root in ipairs { app.fs.tempPath, host.env("PUBLIC"), host.env("ProgramData") } do
    if root ~= "" and shell.plain(root) then found[#found + 1] = root end
  end
  return found
end

local function name()
  -- Where files cannot be removed, one folder is used again and again.
  if not host.can_remove() then return "pixforge-aseprite" end
  return string.format("pixforge-%d-%06d", os.time(), math.random(0, 999999))
end

-- Calls work(folder) with an empty temporary folder and removes it, whatever happens. Returns what work returns.
function workplace.with(work)
  local root = roots()[1]
  if not root then
    failure.raise(
      "There is no temporary folder whose name Aseprite's scripts can open.",
      "Set the environment variable TEMP to a folder such as C:\\Temp and start Aseprite again."
    )
  end
  local folder = host.folder(app.fs.joinPath(root, name()))
  local done, result = pcall(work, folder)
  if host.can_remove() then host.remove_folder(folder) end
  if not done then error(result, 0) end
  return result
end

return workplace
