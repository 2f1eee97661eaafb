-- The result into the sprite: as a new layer, as a new sprite, or in its place. Each is one step to undo.

local failure = require "lib/failure"
local pixels = require "lib/pixels"
local result = require "lib/result"

local apply = {}

apply.LAYER, apply.SPRITE, apply.PLACE = "New layer", "New sprite", "In place"
apply.WAYS = { apply.LAYER, apply.SPRITE, apply.PLACE }

-- The images as the sprite needs them; an indexed sprite's palette gets the colours that it lacks.
local function fitted(sprite, images)
  if sprite.colorMode == ColorMode.RGB then return images end
  if sprite.colorMode ~= ColorMode.INDEXED then
    failure.raise("A layer in colour does not fit into a grayscale sprite.",
      "Make a new sprite, or choose Sprite > Color Mode > RGB first.")
  end
  local palette = Palette(sprite.palettes[1])
  local before = #palette
  local found = pixels.indexed(images, palette, sprite.transparentColor)
  if #palette > before then sprite:setPalette(palette) end
  return found
end

local function put(sprite, layer, images, at)
  for number, image in ipairs(images) do
    if not image:isEmpty() then sprite:newCel(layer, number, image, at) end
  end
end

-- How often the result fits into the sprite, in whole times.
local function factor(sprite, taken)
  return math.max(1, math.min(sprite.width // taken.width, sprite.height // taken.height))
end

local function check_frames(sprite, taken)
  if #taken.images ~= #sprite.frames then
    failure.raise(string.format("The result has %d frames, the sprite %d.", #taken.images, #sprite.frames),
      "Make a new sprite of it.")
  end
end

-- A new layer on top; with `enlarge` as large as a whole factor lets it be in the sprite.
function apply.as_layer(sprite, taken, enlarge)
  check_frames(sprite, taken)
  app.transaction("Pixforge: new layer", function()
    local images = {}
    local times = enlarge and factor(sprite, taken) or 1
    for number, image in ipairs(taken.images) do images[number] = pixels.enlarged(image, times) end
    local layer = sprite:newLayer()
    layer.name = "Pixforge"
    put(sprite, layer, fitted(sprite, images), Point(0, 0))
  end)
end

local function copy_tags(from, to)
  for _, tag in ipairs(from.tags) do
    if tag.toFrame.frameNumber <= #to.frames then
      local copy = to:newTag(tag.fromFrame.frameNumber, tag.toFrame.frameNumber)
      copy.name, copy.aniDir, copy.color = tag.name, tag.aniDir, tag.color
      copy.repeats = tag.repeats
    end
  end
end

-- A sprite of its own with the frames' times, the tags and the palette; it has no file yet. Returns it.
function apply.as_sprite(sprite, taken)
  local made = Sprite(taken.width, taken.height, ColorMode.RGB)
  app.transaction("Pixforge: new sprite", function()
    made:setPalette(result.palette(taken))
    for number = 2, #taken.images do made:newEmptyFrame(number) end
    for number, seconds in ipairs(taken.durations) do made.frames[number].duration = seconds end
    local layer = made.layers[1]
    layer.name = "Pixforge"
    put(made, layer, taken.images, Point(0, 0))
    copy_tags(sprite, made)
  end)
  return made
end

local function scale_slices(sprite, across, down)
  for _, slice in ipairs(sprite.slices) do
    local old = slice.bounds
    if old then
      local x, y = math.floor(old.x * across + 0.5), math.floor(old.y * down + 0.5)
      local right, bottom = (old.x + old.width) * across, (old.y + old.height) * down
      slice.bounds = Rectangle(x, y,
        math.max(1, math.floor(right + 0.5) - x), math.max(1, math.floor(bottom + 0.5) - y))
    end
  end
end

local function to_mode(format)
  app.command.ChangePixelFormat { format = format, dithering = "" }
end

-- The sprite becomes the result: its layers go, its frames, times and tags stay, slices shrink with it.
function apply.in_place(sprite, taken)
  check_frames(sprite, taken)
  app.sprite = sprite -- commands work on the active sprite
  app.transaction("Pixforge: in place", function()
    local mode = sprite.colorMode
    if mode ~= ColorMode.RGB then to_mode("rgb") end
    local old = {}
    for index, layer in ipairs(sprite.layers) do old[index] = layer end
    local across, down = taken.width / sprite.width, taken.height / sprite.height
    local layer = sprite:newLayer()
    layer.name = "Pixforge"
    for _, gone in ipairs(old) do sprite:deleteLayer(gone) end
    sprite:crop(0, 0, taken.width, taken.height)
    put(sprite, layer, taken.images, Point(0, 0))
    scale_slices(sprite, across, down)
    local palette = result.palette(taken)
    if mode == ColorMode.INDEXED and #palette < 256 then
      -- Entry 0 is what an indexed sprite shows as transparent.
      local shifted = Palette(#palette + 1)
      shifted:setColor(0, Color { r = 0, g = 0, b = 0, a = 0 })
      for index = 0, #palette - 1 do shifted:setColor(index + 1, palette:getColor(index)) end
      sprite:setPalette(shifted)
      to_mode("indexed")
    else
      sprite:setPalette(palette)
    end
  end)
end

-- The result of one cel: in its place, on a new layer above, or as a sprite.
function apply.to_cel(cel, taken, way)
  local sprite = cel.sprite
  if way == apply.SPRITE then return apply.as_sprite(sprite, taken) end
  app.transaction("Pixforge: convert cel", function()
    local image = fitted(sprite, taken.images)[1]
    if way == apply.PLACE then
      cel.image = image
      return
    end
    local layer = sprite:newLayer()
    layer.name = "Pixforge"
    sprite:newCel(layer, cel.frameNumber, image, cel.position)
  end)
end

-- The result of a whole sprite, in the way that was chosen.
function apply.to_sprite(sprite, taken, way, enlarge)
  if way == apply.SPRITE then return apply.as_sprite(sprite, taken) end
  if way == apply.PLACE then return apply.in_place(sprite, taken) end
  return apply.as_layer(sprite, taken, enlarge)
end

return apply
