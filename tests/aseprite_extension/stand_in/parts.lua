-- What a sprite is made of: frames, cels, layers, tags, slices.

local K = ...
local define, raw, proxy, class_of, copied, remember, color = K.define, K.raw, K.proxy, K.class_of, K.copied, K.remember, K.color

local function number_of(frame)
  return class_of(frame) == "Frame" and raw(frame).number or frame
end

local function frame_of(document, number)
  if not document.frames[number] then error("there is no frame " .. tostring(number), 3) end
  local frame = document.frames[number]
  frame.document, frame.number = document, number
  return proxy("Frame", frame)
end

local function list(items, wrap)
  local found = {}
  for index, item in ipairs(items) do found[index] = wrap(item) end
  return found
end

local function cel_of(layer, number)
  local cel = layer.cels[number]
  if not cel then return nil end
  cel.document, cel.layer_raw, cel.number = layer.document, layer, number
  return proxy("Cel", cel)
end

define("Frame", {
  get = {
    sprite = function(frame) return proxy("Sprite", frame.document) end,
    frameNumber = function(frame) return frame.number end,
  },
  set = { duration = function(frame, seconds)
    remember(frame.document, "Duration")
    frame.duration = seconds
  end },
})

define("Cel", {
  get = {
    sprite = function(cel) return proxy("Sprite", cel.document) end,
    layer = function(cel) return proxy("Layer", cel.layer_raw) end,
    frame = function(cel) return frame_of(cel.document, cel.number) end,
    frameNumber = function(cel) return cel.number end,
    position = function(cel) return proxy("Point", { x = cel.x, y = cel.y }) end,
    image = function(cel)
      cel.image.document = cel.document
      return proxy("Image", cel.image)
    end,
  },
  set = { image = function(cel, image)
    local data = raw(image)
    if data.colorMode ~= cel.document.colorMode then error("an image of another colour mode", 3) end
    remember(cel.document, "Set image")
    cel.image = copied(data, {})
  end },
})

local function sets(name)
  return function(object, value)
    remember(object.document, "Set " .. name)
    object[name] = value
  end
end

define("Layer", {
  get = {
    sprite = function(layer) return proxy("Sprite", layer.document) end,
    isTilemap = function(layer) return layer.tilemap or false end,
    isImage = function() return true end,
    isGroup = function() return false end,
    isVisible = function(layer) return layer.visible end,
  },
  set = { name = sets "name" },
  methods = { cel = function(layer, frame) return cel_of(layer, number_of(frame)) end },
})

define("Tag", {
  get = {
    fromFrame = function(tag) return frame_of(tag.document, tag.from) end,
    toFrame = function(tag) return frame_of(tag.document, tag.to) end,
    color = function(tag) return color(table.unpack(tag.rgba)) end,
  },
  set = {
    name = sets "name", aniDir = sets "aniDir", repeats = sets "repeats",
    color = function(tag, c)
      remember(tag.document, "Tag colour")
      tag.rgba = { c.red, c.green, c.blue, c.alpha }
    end,
  },
})

local function box(values)
  return values and proxy("Rectangle", { x = values[1], y = values[2], width = values[3], height = values[4] })
end

local function rectangle_of(key)
  return function(slice) return box(slice[key .. "_box"]) end, function(slice, r)
    remember(slice.document, "Slice " .. key)
    slice[key .. "_box"] = r and { r.x, r.y, r.width, r.height }
  end
end

local get_bounds, set_bounds = rectangle_of("bounds")
local get_center, set_center = rectangle_of("center")

define("Slice", {
  get = {
    bounds = get_bounds, center = get_center,
    pivot = function(slice) return slice.at and proxy("Point", { x = slice.at[1], y = slice.at[2] }) end,
    color = function(slice) return color(table.unpack(slice.rgba)) end,
  },
  set = {
    bounds = set_bounds, center = set_center, name = sets "name", data = sets "data",
    pivot = function(slice, point)
      remember(slice.document, "Slice pivot")
      slice.at = point and { point.x, point.y }
    end,
    color = function(slice, c)
      remember(slice.document, "Slice colour")
      slice.rgba = { c.red, c.green, c.blue, c.alpha }
    end,
  },
})

K.number_of = number_of
K.frame_of = frame_of
K.list = list
K.cel_of = cel_of
