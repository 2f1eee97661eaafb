-- What pixforge made of a sprite, out of the file into memory.

local failure = require "lib/failure"
local host = require "lib/host"
local pixels = require "lib/pixels"

local result = {}

-- Opens an .aseprite file that pixforge wrote, takes it in and closes it; `active` is the active sprite afterwards.
-- Returns { width, height, images (RGB, one a frame), durations (seconds), palette (a Palette of its own), colors }.
function result.take(file, active)
  local made = host.open_sprite(file)
  if not made then
    failure.raise("Aseprite could not open what pixforge made.", "Try again, or open the file by hand.", file)
  end
  local taken = {
    width = made.width,
    height = made.height,
    images = {},
    durations = {},
    palette = Palette(made.palettes[1]),
    colors = pixels.colors_of(made),
  }
  for number, frame in ipairs(made.frames) do
    taken.images[number] = pixels.render(made, number)
    taken.durations[number] = frame.duration
  end
  made:close()
  if active then app.sprite = active end
  return taken
end

-- A palette of the result's colours alone.
function result.palette(taken)
  local palette = Palette(math.max(1, #taken.colors))
  for index, text in ipairs(taken.colors) do
    local red, green, blue = text:match("#(%x%x)(%x%x)(%x%x)")
    palette:setColor(index - 1, Color { r = tonumber(red, 16), g = tonumber(green, 16), b = tonumber(blue, 16), a = 255 })
  end
  return palette
end

return result
