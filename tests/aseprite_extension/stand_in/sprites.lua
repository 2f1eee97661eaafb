-- Sprites, and which of them is active.

local K = ...
local define, raw, proxy, constructor, copied, remember = K.define, K.raw, K.proxy, K.constructor, K.copied, K.remember
local blank, palette_of, palette_copy = K.blank, K.palette_of, K.palette_copy
local number_of, frame_of, list, cel_of = K.number_of, K.frame_of, K.list, K.cel_of
local python = K.python
local documents = {}

local events = {}
K.frame_number = 1

local function after(name)
  for _, listener in pairs(events) do
    if listener.name == "aftercommand" then listener.call { name = name, params = {} } end
  end
end

local function new_document(width, height, mode)
  local document = {
    is_document = true, width = width, height = height, colorMode = mode, filename = "", frames = { { duration = 0.1 } },
    layers = {}, tags = {}, slices = {}, transparentColor = 0, undone = {}, modified = false,
  }
  local colors = {}
  for index = 1, 256 do colors[index] = { 0, 0, 0, 255 } end
  document.palette = palette_of(colors)
  document.palette.document = document
  documents[#documents + 1], K.active, K.frame_number = document, document, 1
  return document
end

local function add_layer(document, name)
  local layer = { name = name, cels = {}, visible = true, document = document }
  table.insert(document.layers, layer)
  return layer
end

define("Sprite", {
  get = {
    frames = function(s)
      local found = {}
      for number = 1, #s.frames do found[number] = frame_of(s, number) end
      return found
    end,
    layers = function(s) return list(s.layers, function(layer) return proxy("Layer", layer) end) end,
    tags = function(s) return list(s.tags, function(tag) return proxy("Tag", tag) end) end,
    slices = function(s) return list(s.slices, function(slice) return proxy("Slice", slice) end) end,
    palettes = function(s) return { proxy("Palette", s.palette) } end,
    isModified = function(s) return s.modified end,
    bounds = function(s) return Rectangle(0, 0, s.width, s.height) end,
  },
  set = { transparentColor = function(s, index)
    remember(s, "Transparent colour")
    s.transparentColor = index
  end },
  methods = {
    saveCopyAs = function(s, path)
      python.save(path, s)
      after "SaveFileCopyAs"
      return true
    end,
    close = function(s)
      for index, document in ipairs(documents) do
        if document == s then table.remove(documents, index) end
      end
      K.active = documents[1] -- not the one that was active before: nothing says so
    end,
    setPalette = function(s, palette)
      remember(s, "Set palette")
      s.palette = palette_copy(raw(palette))
      s.palette.document = s
    end,
    newLayer = function(s)
      remember(s, "New layer")
      return proxy("Layer", add_layer(s, "Layer " .. #s.layers + 1))
    end,
    deleteLayer = function(s, layer)
      remember(s, "Delete layer")
      for index, each in ipairs(s.layers) do
        if each == raw(layer) then
          table.remove(s.layers, index)
          if #s.layers == 0 then error("a sprite keeps at least one layer") end
          return
        end
      end
      error("layer not found")
    end,
    newEmptyFrame = function(s, number)
      remember(s, "New frame")
      if number ~= #s.frames + 1 then error("the stub adds frames at the end") end
      table.insert(s.frames, { duration = 0.1 })
      return frame_of(s, number)
    end,
    newCel = function(s, layer, frame, image, position)
      local number, data = number_of(frame), raw(image)
      frame_of(s, number)
      if raw(layer).document ~= s then error("the layer is of another sprite") end
      if data.colorMode ~= s.colorMode then error("an image of another colour mode") end
      remember(s, "New cel")
      raw(layer).cels[number] = { image = copied(data, {}), x = position.x, y = position.y }
      return cel_of(raw(layer), number)
    end,
    newTag = function(s, from, to)
      remember(s, "New tag")
      local tag = { from = number_of(from), to = number_of(to), name = "", aniDir = 0, repeats = 0, rgba = { 0, 0, 0, 255 },
        document = s }
      table.insert(s.tags, tag)
      return proxy("Tag", tag)
    end,
    newSlice = function(s, r)
      remember(s, "New slice")
      local slice = { name = "Slice", data = "", rgba = { 0, 0, 255, 255 }, document = s,
        bounds_box = { r.x, r.y, r.width, r.height } }
      table.insert(s.slices, slice)
      return proxy("Slice", slice)
    end,
    crop = function(s, x, y, width, height)
      remember(s, "Crop")
      for _, layer in ipairs(s.layers) do
        for _, cel in pairs(layer.cels) do cel.x, cel.y = cel.x - x, cel.y - y end
      end
      s.width, s.height = width, height
    end,
  },
})

local function load_sprite(path)
  local data = python.load(path)
  if not data then return nil end
  local document = new_document(data.width, data.height, data.mode)
  document.filename, document.transparentColor = path, data.transparent
  document.palette = palette_of(data.palette)
  document.palette.document = document
  document.frames = {}
  for number, milliseconds in ipairs(data.durations) do document.frames[number] = { duration = milliseconds / 1000 } end
  for _, each in ipairs(data.layers) do
    local layer = add_layer(document, each.name)
    for _, cel in ipairs(each.cels) do
      local image = blank(cel.width, cel.height, data.mode)
      image.rows = cel.rows
      layer.cels[cel.frame] = { image = image, x = cel.x, y = cel.y }
    end
  end
  for _, tag in ipairs(data.tags) do
    tag.document = document
    table.insert(document.tags, tag)
  end
  for _, slice in ipairs(data.slices) do
    slice.document = document
    table.insert(document.slices, slice)
  end
  return proxy("Sprite", document)
end

constructor("Sprite", function(first, second, third)
  if type(first) == "table" and first.fromFile then return load_sprite(first.fromFile) end
  local document = new_document(first, second, third or 0)
  local layer = add_layer(document, "Layer 1")
  layer.cels[1] = { image = blank(first, second, document.colorMode), x = 0, y = 0 }
  return proxy("Sprite", document)
end)

K.documents = documents
K.events = events
K.after = after
K.load_sprite = load_sprite
