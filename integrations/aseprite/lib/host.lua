-- Everything that touches files and programs, in one file: Aseprite asks for permission once for every script FILE that
-- opens, saves, makes or runs something, so that one "Give full trust" here is enough. None of these calls is a tail call:
-- Aseprite looks for the caller on the stack.

local failure = require "lib/failure"

local host = {}

function host.windows()
  return app.fs.pathSeparator == "\\"
end

-- A file's bytes, or nil.
function host.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

-- Writes a file; raises where it cannot.
function host.write(path, text)
  local file, why = io.open(path, "wb")
  if not file then
    failure.raise("The file cannot be written: " .. tostring(why), "Free some space, or allow the script to write.", path)
  end
  file:write(text)
  file:close()
end

-- Runs a command. What it returns differs between versions of Aseprite, so nothing is returned: look for the report.
function host.execute(command)
  os.execute(command)
end

-- Saves a copy of a sprite; its own file and state stay.
function host.save_sprite(sprite, path)
  sprite:saveCopyAs(path)
end

-- Saves an image; `palette` is that of an indexed one.
function host.save_image(image, path, palette)
  image:saveAs { filename = path, palette = palette }
end

-- Opens a sprite, which becomes the active one; nil where it cannot.
function host.open_sprite(path)
  local sprite = Sprite { fromFile = path }
  return sprite
end

-- An environment variable, or "".
function host.env(name)
  return os.getenv(name) or ""
end

-- Whether files can be removed: os.remove is there since API 33.
function host.can_remove()
  return (app.apiVersion or 0) >= 33
end

-- Removes a folder that `host.folder` made, with all that is in it.
function host.remove_folder(path)
  for _, name in ipairs(app.fs.listFiles(path)) do
    local inside = app.fs.joinPath(path, name)
    if app.fs.isDirectory(inside) then
      host.remove_folder(inside)
    else
      os.remove(inside)
    end
  end
  app.fs.removeDirectory(path)
end

-- Makes a folder and those above it; raises where it cannot.
function host.folder(path)
  if not app.fs.isDirectory(path) and not app.fs.makeAllDirectories(path) then
    failure.raise("The folder cannot be made.", "Check its name and who may write there.", path)
  end
  return path
end

return host
