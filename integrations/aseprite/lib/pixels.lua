-- Pixels, palettes and colour modes.

local failure = require "lib/failure"

local pixels = {}

-- The opaque colours of a sprite's palette as "#rrggbb", each once.
function pixels.colors_of(sprite)
  local palette, seen, found = sprite.palettes[1], {}, {}
  for index = 0, #palette - 1 do
    local color = palette:getColor(index)
    local text = string.format("#%02x%02x%02x", color.red, color.green, color.blue)
    local empty = sprite.colorMode == ColorMode.INDEXED and index == sprite.transparentColor
    if color.alpha == 255 and not empty and not seen[text] then
      seen[text] = true
      found[#found + 1] = text
    end
  end
  return found
end

-- One frame of a sprite as an RGB image.
function pixels.render(sprite, number)
  local image = Image(sprite.width, sprite.height, ColorMode.RGB)
  image:clear()
  image:drawSprite(sprite, number)
  return image
end

-- The image enlarged by a whole factor, every pixel a block.
function pixels.enlarged(image, factor)
  if factor == 1 then return image end
  local copy = image:clone()
  copy:resize(copy.width * factor, copy.height * factor)
  return copy
end

-- The box that holds what any of the images shows: left, top, right, bottom; nil where they show nothing.
function pixels.shown(images)
  local left, top, right, bottom
  for _, image in ipairs(images) do
    local box = image:shrinkBounds()
    if box.width > 0 and box.height > 0 then
      left, top = math.min(left or box.x, box.x), math.min(top or box.y, box.y)
      right = math.max(right or 0, box.x + box.width)
      bottom = math.max(bottom or 0, box.y + box.height)
    end
  end
  return left, top, right, bottom
end

-- The indices of a palette by their colours, without the transparent entry.
local function index_of(palette, transparent)
  local known = {}
  for index = #palette - 1, 0, -1 do
    local color = palette:getColor(index)
    if index ~= transparent and color.alpha == 255 then
      known[string.char(color.red, color.green, color.blue)] = index
    end
  end
  return known
end

local function appended(palette, rgb)
  local index = #palette
  if index > 255 then
    failure.raise("The sprite's palette has no room for the new colours.",
      "Convert to the sprite's own palette, or make a new sprite of it.")
  end
  palette:resize(index + 1)
  palette:setColor(index, Color { r = rgb:byte(1), g = rgb:byte(2), b = rgb:byte(3), a = 255 })
  return index
end

-- RGB images as indexed ones by `palette` (a Palette of its own, not a sprite's), which gets the colours that it lacks.
-- `transparent` is the index of what is not opaque. Every colour stays what it is.
function pixels.indexed(images, palette, transparent)
  local known, found = index_of(palette, transparent), {}
  for number, image in ipairs(images) do
    local bytes, stride, rows = image.bytes, image.rowStride, {}
    for y = 0, image.height - 1 do
      local row = {}
      for x = 0, image.width - 1 do
        local place = y * stride + 4 * x
        local index = transparent
        if bytes:byte(place + 4) >= 128 then
          local rgb = bytes:sub(place + 1, place + 3)
          index = known[rgb] or appended(palette, rgb)
          known[rgb] = index
        end
        row[x + 1] = string.char(index)
      end
      rows[y + 1] = table.concat(row)
    end
    local made = Image(image.width, image.height, ColorMode.INDEXED)
    local padding = string.rep("\0", made.rowStride - image.width)
    for y, row in ipairs(rows) do rows[y] = row .. padding end
    made.bytes = table.concat(rows)
    found[number] = made
  end
  return found
end

return pixels
