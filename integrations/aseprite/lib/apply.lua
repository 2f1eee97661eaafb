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

-- How to lay the result over the drawing: a whole factor, and where its corner goes. A preset may have cut the border off, so
-- what both show decides, not the canvas.
local function overlay(sprite, taken)
  local drawn = {}
  for number = 1, #sprite.frames do drawn[number] = pixels.render(sprite, number) end
  local left, top, right, bottom = pixels.shown(drawn)
  local l, t, r, b = pixels.shown(taken.images)
  if not left or not l then return 1, Point(0, 0) end
  local times = math.max(1, math.floor(math.min((right - left) / (r - l), (bottom - top) / (b - t)) + 0.5))
  local x = math.floor((left + right - (l + r) * times) / 2 + 0.5)
  local y = math.floor((top + bottom - (t + b) * times) / 2 + 0.5)
  return times, Point(x, y)
end

local function check_frames(sprite, taken)
  if #taken.images ~= #sprite.frames then
    failure.raise(string.format("The result has %d frames, the sprite %d.", #taken.images, #sprite.frames),
      "Make a new sprite of it.")
  end
end

-- A new layer on top, at the sprite's corner; with `enlarge` over the drawing, by a whole factor about as large.
function apply.as_layer(sprite, taken, enlarge)
  check_frames(sprite, taken)
  app.transaction("Pixforge: new layer", function()
    local images, times, at = {}, 1, Point(0, 0)
    if enlarge then times, at = overlay(sprite, taken) end
    for number, image in ipairs(taken.images) do images[number] = pixels.enlarged(image, times) end
    local layer = sprite:newLayer()
    layer.name = "Pixforge"
    put(sprite, layer, fitted(sprite, images), at)
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

local function scaled(r, across, down)
  local x, y = math.floor(r.x * across + 0.5), math.floor(r.y * down + 0.5)
  local right, bottom = math.floor((r.x + r.width) * across + 0.5), math.floor((r.y + r.height) * down + 0.5)
  return Rectangle(x, y, math.max(1, right - x), math.max(1, bottom - y))
end

-- Gives `to` the area of the slice `from` (which may be the same) in a canvas that shrank.
local function scale_slice(from, to, across, down)
  local center, pivot = from.center, from.pivot
  to.bounds = scaled(from.bounds, across, down)
  if center then to.center = scaled(center, across, down) end
  if pivot then to.pivot = Point(math.floor(pivot.x * across + 0.5), math.floor(pivot.y * down + 0.5)) end
end

local function copy_slices(from, to)
  local across, down = to.width / from.width, to.height / from.height
  for _, slice in ipairs(from.slices) do
    if slice.bounds then
      local copy = to:newSlice(scaled(slice.bounds, across, down))
      copy.name, copy.color, copy.data = slice.name, slice.color, slice.data
      scale_slice(slice, copy, across, down)
    end
  end
end

-- A sprite of its own with the frames' times, tags, slices and the palette; it has no file yet. Returns it.
-- `whole`: the result is of the whole canvas, not of a cel.
function apply.as_sprite(sprite, taken, whole)
  local made = Sprite(taken.width, taken.height, ColorMode.RGB)
  app.transaction("Pixforge: new sprite", function()
    made:setPalette(result.palette(taken))
    for number = 2, #taken.images do made:newEmptyFrame(number) end
    for number, seconds in ipairs(taken.durations) do made.frames[number].duration = seconds end
    local layer = made.layers[1]
    layer.name = "Pixforge"
    put(made, layer, taken.images, Point(0, 0))
    copy_tags(sprite, made)
    if whole then copy_slices(sprite, made) end
  end)
  return made
end

-- The palette with an entry 0 for what is transparent.
local function with_transparent(palette)
  local shifted = Palette(#palette + 1)
  shifted:setColor(0, Color { r = 0, g = 0, b = 0, a = 0 })
  for index = 0, #palette - 1 do shifted:setColor(index + 1, palette:getColor(index)) end
  return shifted
end

-- The result's palette, and its images as the sprite takes them. An indexed sprite stays one, by exact indices: Aseprite's
-- own conversion may take a near colour for the right one.
local function dressed(sprite, taken)
  local palette = result.palette(taken)
  if sprite.colorMode ~= ColorMode.INDEXED then return palette, taken.images end
  if #palette > 255 then
    failure.raise("An indexed sprite has no room for 256 colours and transparency.",
      "Give fewer colours, or make a new sprite of it.")
  end
  palette = with_transparent(palette)
  return palette, pixels.indexed(taken.images, palette, 0)
end

-- The sprite becomes the result: its layers go, its frames, times and tags stay, slices shrink with it.
function apply.in_place(sprite, taken)
  check_frames(sprite, taken)
  app.sprite = sprite -- commands work on the active sprite
  app.transaction("Pixforge: in place", function()
    if sprite.colorMode == ColorMode.GRAY then app.command.ChangePixelFormat { format = "rgb" } end
    local palette, images = dressed(sprite, taken)
    local old = {}
    for index, layer in ipairs(sprite.layers) do old[index] = layer end
    local across, down = taken.width / sprite.width, taken.height / sprite.height
    local layer = sprite:newLayer()
    layer.name = "Pixforge"
    for _, gone in ipairs(old) do sprite:deleteLayer(gone) end
    sprite:crop(0, 0, taken.width, taken.height)
    if sprite.colorMode == ColorMode.INDEXED then sprite.transparentColor = 0 end
    sprite:setPalette(palette)
    put(sprite, layer, images, Point(0, 0))
    for _, slice in ipairs(sprite.slices) do
      if slice.bounds then scale_slice(slice, slice, across, down) end
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
  if way == apply.SPRITE then return apply.as_sprite(sprite, taken, true) end
  if way == apply.PLACE then return apply.in_place(sprite, taken) end
  return apply.as_layer(sprite, taken, enlarge)
end

return apply
