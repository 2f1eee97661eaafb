-- A stand-in for Aseprite: sprites in memory, and a check of every name and argument against api.lua.
--
-- It proves the extension's own logic and that it keeps to the documented API; it is not Aseprite.
-- `python` is a table of functions that the tests give: load(path) and save(path, sprite), list(path), is_file(path),
-- is_folder(path), make_folders(path), remove_folder(path), and what the user does: shown(dialog), alert(text).

local api, python, config = ...

local classes = {} -- class -> { get = {}, set = {}, methods = {} }
local CLASS = setmetatable({}, { __mode = "k" })

local function class_of(value)
  local kind = type(value)
  if kind == "table" and CLASS[value] then return CLASS[value] end
  if kind == "number" then return math.type(value) == "float" and value % 1 ~= 0 and "number" or "integer" end
  return kind
end

local function fits(value, wanted)
  local found = class_of(value)
  for option in wanted:gmatch("[^|]+") do
    if option == found or (option == "number" and found == "integer") or (option == "nil" and value == nil) then
      return true
    end
  end
  return false
end

local function fits_table(arguments, schema)
  if type(arguments) ~= "table" or CLASS[arguments] then return false, "one table is wanted" end
  for key, value in pairs(arguments) do
    local wanted = schema[key]
    if not wanted then return false, "there is no argument " .. tostring(key) end
    if not fits(value, (wanted:gsub("!$", ""))) then
      return false, tostring(key) .. " is " .. class_of(value) .. ", not " .. wanted
    end
  end
  for key, wanted in pairs(schema) do
    if wanted:sub(-1) == "!" and arguments[key] == nil then return false, key .. " is missing" end
  end
  return true
end

local function fits_signature(signature, arguments)
  if type(signature[1]) == "table" then
    if arguments.n ~= 1 then return false, "one table is wanted" end
    return fits_table(arguments[1], signature[1])
  end
  if arguments.n > #signature then return false, "too many arguments" end
  for index, wanted in ipairs(signature) do
    local optional = wanted:sub(-1) == "?"
    local value = arguments[index]
    if not (optional and value == nil) and not fits(value, (wanted:gsub("%?$", ""))) then
      return false, "argument " .. index .. " is " .. class_of(value) .. ", not " .. wanted
    end
  end
  return true
end

local calls = {} -- every function of the API that was called

local function check(name, ...)
  local signatures = api.functions[name]
  if not signatures then error("Aseprite's API has no " .. name, 3) end
  local arguments, why = table.pack(...), ""
  for _, signature in ipairs(signatures) do
    local good, reason = fits_signature(signature, arguments)
    if good then
      calls[name] = (calls[name] or 0) + 1
      return
    end
    why = why .. "; " .. reason
  end
  error("Aseprite's API does not take this: " .. name .. why, 3)
end

-- A class: `own` has get, set and methods, each taking the raw table.
local function define(class, own)
  own.get, own.set, own.methods = own.get or {}, own.set or {}, own.methods or {}
  classes[class] = own
end

local RAW = setmetatable({}, { __mode = "k" })
local PROXY = setmetatable({}, { __mode = "k" })

local function raw(proxy)
  return RAW[proxy]
end

local function separator(class)
  return class:match("^app") and "." or ":"
end

local function proxy(class, data)
  if data == nil then return nil end
  if PROXY[data] then return PROXY[data] end
  local own, properties = classes[class], api.properties[class]
  local made = setmetatable({}, {
    __index = function(self, key)
      if own.methods[key] then
        local name = class .. separator(class) .. key
        if separator(class) == "." then
          return function(...)
            check(name, ...)
            return own.methods[key](...)
          end
        end
        return function(first, ...)
          if first ~= self then error(name .. " is called with a colon", 2) end
          check(name, ...)
          return own.methods[key](data, ...)
        end
      end
      if not properties[key] then error("Aseprite's API has no " .. class .. "." .. tostring(key), 2) end
      if own.get[key] then return own.get[key](data) end
      return data[key]
    end,
    __newindex = function(_, key, value)
      local access = properties[key]
      if not access then error("Aseprite's API has no " .. class .. "." .. tostring(key), 2) end
      local types = access:match("^rw (.+)$")
      if not types then error(class .. "." .. key .. " cannot be assigned", 2) end
      if not fits(value, types) then error(class .. "." .. key .. " takes " .. types .. ", not " .. class_of(value), 2) end
      if own.set[key] then own.set[key](data, value) else data[key] = value end
    end,
    __len = own.length and function() return own.length(data) end or nil,
    __eq = function(one, other) return RAW[one] == RAW[other] end,
  })
  CLASS[made], RAW[made], PROXY[data] = class, data, made
  return made
end

local function constructor(class, make)
  _ENV[class] = function(...)
    check(class, ...)
    return make(...)
  end
end

-- Undo ------------------------------------------------------------------------------------------------------------------

local function copied(value, seen)
  if type(value) ~= "table" then return value end
  if value.is_document and next(seen) then return value end -- the way back up is not copied
  if seen[value] then return seen[value] end
  local copy = {}
  seen[value] = copy
  for key, item in pairs(value) do
    if key ~= "undone" then copy[key] = key == "document" and item or copied(item, seen) end
  end
  return copy
end

local transaction

local function remember(document, label)
  if transaction then
    if transaction.saved[document] then return end
    transaction.saved[document] = true
    label = transaction.label
  end
  table.insert(document.undone, { label = label, state = copied(document, {}) })
  document.modified = true
end

local function restore(document, state)
  local undone = document.undone
  for key in pairs(document) do document[key] = nil end
  for key, value in pairs(state) do document[key] = value end
  document.undone = undone
end

-- Values ----------------------------------------------------------------------------------------------------------------

ColorMode = { RGB = 0, GRAY = 1, INDEXED = 2, TILEMAP = 4 }
local SIZES = { [0] = 4, [1] = 2, [2] = 1, [4] = 4 }

define("Point", {})
constructor("Point", function(x, y) return proxy("Point", { x = x or 0, y = y or 0 }) end)
define("Rectangle", { get = { isEmpty = function(r) return r.width <= 0 or r.height <= 0 end } })
constructor("Rectangle", function(x, y, width, height)
  return proxy("Rectangle", { x = x or 0, y = y or 0, width = width or 0, height = height or 0 })
end)

define("Color", {})
constructor("Color", function(named)
  local c = { red = named.r or named.red or 0, green = named.g or named.green or 0, blue = named.b or named.blue or 0 }
  c.alpha = named.a or named.alpha or 255
  return proxy("Color", c)
end)

local function color(r, g, b, a)
  return proxy("Color", { red = r, green = g, blue = b, alpha = a })
end

-- A palette: colours from 0, and the document it belongs to, if any.
local function bounds(palette, index)
  if index < 0 or index >= palette.size then error("palette index " .. index .. " of " .. palette.size, 3) end
end

define("Palette", {
  length = function(p) return p.size end,
  methods = {
    getColor = function(p, index)
      bounds(p, index)
      return color(table.unpack(p[index]))
    end,
    setColor = function(p, index, c)
      bounds(p, index)
      if p.document then remember(p.document, "Set colour") end
      p[index] = { c.red, c.green, c.blue, c.alpha }
    end,
    resize = function(p, size)
      if size < 0 or size > 256 then error("palette of " .. size) end
      if p.document then remember(p.document, "Resize palette") end
      for index = p.size, size - 1 do p[index] = { 0, 0, 0, 255 } end
      for index = size, p.size - 1 do p[index] = nil end
      p.size = size
    end,
  },
})

local function palette_of(colors)
  local made = { size = #colors }
  for index, each in ipairs(colors) do made[index - 1] = { table.unpack(each) } end
  return made
end

local function palette_copy(from)
  local made = { size = from.size }
  for index = 0, from.size - 1 do made[index] = { table.unpack(from[index]) } end
  return made
end

constructor("Palette", function(first)
  if class_of(first) == "Palette" then return proxy("Palette", palette_copy(raw(first))) end
  local colors = {}
  for index = 1, first or 256 do colors[index] = { 0, 0, 0, 255 } end
  return proxy("Palette", palette_of(colors))
end)

-- Images: `rows` of pixel strings ---------------------------------------------------------------------------------------

local function blank(width, height, mode, fill)
  local pixel = mode == 2 and string.char(fill or 0) or string.rep("\0", SIZES[mode])
  local rows = {}
  for y = 1, height do rows[y] = string.rep(pixel, width) end
  return { width = width, height = height, colorMode = mode, rows = rows, fill = fill or 0 }
end

-- Rows are padded to a multiple of 8 bytes, so that code which forgets about rowStride is found out.
local function stride(image)
  return (image.width * SIZES[image.colorMode] + 7) // 8 * 8
end

local function changes(image)
  if image.document then remember(image.document, "Change image") end
end

local function rgba_of(document, image, x, y)
  local size = SIZES[image.colorMode]
  local pixel = image.rows[y + 1]:sub(x * size + 1, x * size + size)
  if image.colorMode == 0 then return pixel:byte(1, 4) end
  if image.colorMode == 1 then
    local grey, alpha = pixel:byte(1, 2)
    return grey, grey, grey, alpha
  end
  local index = pixel:byte()
  if index == document.transparentColor or index >= document.palette.size then return 0, 0, 0, 0 end
  return table.unpack(document.palette[index])
end

local function draw(target, document, number)
  local pixels = {}
  for y = 1, target.height do
    pixels[y] = {}
    for x = 1, target.width do pixels[y][x] = target.rows[y]:sub(4 * x - 3, 4 * x) end
  end
  for _, layer in ipairs(document.layers) do
    local cel = layer.visible and layer.cels[number]
    if cel then
      for y = 0, cel.image.height - 1 do
        for x = 0, cel.image.width - 1 do
          local r, g, b, a = rgba_of(document, cel.image, x, y)
          local row = pixels[y + cel.y + 1]
          if a > 0 and row and row[x + cel.x + 1] then row[x + cel.x + 1] = string.char(r, g, b, a) end
        end
      end
    end
  end
  for y = 1, target.height do target.rows[y] = table.concat(pixels[y]) end
end

define("Image", {
  get = {
    bytes = function(image)
      local parts, length = {}, stride(image)
      for y, row in ipairs(image.rows) do parts[y] = row .. string.rep("\255", length - #row) end
      return table.concat(parts)
    end,
    rowStride = stride,
    bytesPerPixel = function(image) return SIZES[image.colorMode] end,
  },
  set = {
    bytes = function(image, text)
      local length, used = stride(image), image.width * SIZES[image.colorMode]
      if #text ~= length * image.height then error("bytes: " .. #text .. " for " .. length * image.height, 3) end
      changes(image)
      for y = 1, image.height do image.rows[y] = text:sub((y - 1) * length + 1, (y - 1) * length + used) end
    end,
  },
  methods = {
    clone = function(image)
      local copy = copied(image, {})
      copy.document = nil
      return proxy("Image", copy)
    end,
    clear = function(image)
      changes(image)
      image.rows = blank(image.width, image.height, image.colorMode, image.fill).rows
    end,
    drawSprite = function(image, sprite, number)
      local document = raw(sprite)
      if image.colorMode ~= 0 then error("the stub renders RGB images alone") end
      if not document.frames[number] then error("there is no frame " .. number) end
      changes(image)
      draw(image, document, number)
    end,
    isEmpty = function(image)
      local empty = blank(image.width, 1, image.colorMode, image.fill).rows[1]
      for _, row in ipairs(image.rows) do
        if image.colorMode == 0 then -- the mask colour of RGB is transparent black
          if row:gsub("...\0", "") ~= "" then return false end
        elseif row ~= empty then
          return false
        end
      end
      return true
    end,
    shrinkBounds = function(image)
      if image.colorMode ~= 0 then error("the stub measures RGB images alone") end
      local left, top, right, bottom = image.width, image.height, 0, 0
      for y, row in ipairs(image.rows) do
        for x = 1, image.width do
          if row:byte(4 * x) > 0 then
            left, top = math.min(left, x - 1), math.min(top, y - 1)
            right, bottom = math.max(right, x), math.max(bottom, y)
          end
        end
      end
      return Rectangle(left, top, math.max(0, right - left), math.max(0, bottom - top))
    end,
    resize = function(image, width, height)
      if width % image.width ~= 0 or height % image.height ~= 0 then error("the stub enlarges by whole factors") end
      changes(image)
      local size, across, down, rows = SIZES[image.colorMode], width // image.width, height // image.height, {}
      for _, row in ipairs(image.rows) do
        local wide = row:gsub(string.rep(".", size), function(pixel) return pixel:rep(across) end)
        for _ = 1, down do rows[#rows + 1] = wide end
      end
      image.rows, image.width, image.height = rows, width, height
    end,
    saveAs = function(image, named)
      local document = image.document or { transparentColor = 0, palette = raw(named.palette) }
      if image.colorMode == 2 and not named.palette then error("an indexed image is saved with a palette") end
      local pixels = {}
      for y = 0, image.height - 1 do
        for x = 0, image.width - 1 do pixels[#pixels + 1] = string.char(rgba_of(document, image, x, y)) end
      end
      python.save_picture(named.filename, image.width, image.height, table.concat(pixels))
      return true
    end,
  },
})

constructor("Image", function(first, second, third)
  if class_of(first) == "Image" then return classes.Image.methods.clone(raw(first)) end
  return proxy("Image", blank(first, second, third or 0))
end)

-- Sprites ---------------------------------------------------------------------------------------------------------------

local documents, active = {}, nil

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

local events = {}
local frame_number = 1

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
  documents[#documents + 1], active, frame_number = document, document, 1
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
      active = documents[1] -- not the one that was active before: nothing says so
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

-- The app ---------------------------------------------------------------------------------------------------------------

local function to_mode(document, mode)
  remember(document, "Change colour mode")
  for _, layer in ipairs(document.layers) do
    for _, cel in pairs(layer.cels) do
      local old, rows = cel.image, {}
      for y = 0, old.height - 1 do
        local row = {}
        for x = 0, old.width - 1 do
          local r, g, b, a = rgba_of(document, old, x, y)
          local pixel = string.char(r, g, b, a)
          if mode == 2 then
            local index = a == 0 and document.transparentColor or nil
            for each = 0, document.palette.size - 1 do
              local c = document.palette[each]
              if not index and c[1] == r and c[2] == g and c[3] == b and c[4] == a then index = each end
            end
            pixel = string.char(index or error("a colour that the palette lacks would be changed"))
          end
          row[x + 1] = pixel
        end
        rows[y + 1] = table.concat(row)
      end
      cel.image = { width = old.width, height = old.height, colorMode = mode, rows = rows, fill = 0 }
    end
  end
  document.colorMode = mode
end

define("app.command", { methods = { ChangePixelFormat = function(named)
  to_mode(active, ({ rgb = 0, indexed = 2 })[named.format] or error("no format " .. named.format))
end } })

define("Events", { methods = {
  on = function(_, name, call)
    if not api.events[name] then error("there is no event " .. name) end
    events[#events + 1] = { name = name, call = call }
    return #events
  end,
  off = function(_, listener)
    events[listener] = nil
  end,
} })

local SEP = config.separator

local function join(first, ...)
  local path = first
  for _, part in ipairs { ... } do
    path = path == "" and part or path:gsub("[/\\]+$", "") .. SEP .. part
  end
  return path
end

local function last_part(path) return path:match("[^/\\]*$") end

define("app.fs", { methods = {
  joinPath = join,
  filePath = function(path) return path:match("^(.*)[/\\][^/\\]*$") or "" end,
  fileName = last_part,
  fileTitle = function(path) return (last_part(path):gsub("%.[^.]*$", "")) end,
  fileExtension = function(path) return last_part(path):match("%.([^.]*)$") or "" end,
  isFile = function(path) return python.is_file(path) end,
  isDirectory = function(path) return python.is_folder(path) end,
  listFiles = function(path) return python.list(path) end,
  makeAllDirectories = function(path) return python.make_folders(path) end,
  removeDirectory = function(path) return python.remove_folder(path) end,
} })

define("app", {
  get = {
    apiVersion = function() return config.api end,
    isUIAvailable = function() return config.ui end,
    params = function() return config.params end,
    fs = function() return proxy("app.fs", config.fs) end,
    command = function() return proxy("app.command", config.command) end,
    events = function() return proxy("Events", events) end,
    sprite = function() return active and proxy("Sprite", active) end,
    frame = function() return active and frame_of(active, frame_number) end,
    cel = function()
      local layer = active and active.layers[#active.layers]
      return layer and cel_of(layer, frame_number)
    end,
  },
  set = {
    sprite = function(_, sprite) active = raw(sprite) end,
    frame = function(_, frame) frame_number = number_of(frame) end,
  },
  methods = {
    alert = function(what)
      local text = type(what) == "string" and what or what.text
      python.alert(type(text) == "table" and table.concat(text, "\n") or text)
      return 1
    end,
    open = load_sprite,
    transaction = function(label, work)
      if not work then label, work = "Transaction", label end
      if transaction then return work() end
      transaction = { label = label, saved = {} }
      local done, why = pcall(work)
      local saved = transaction.saved
      transaction = nil
      if not done then
        for document in pairs(saved) do restore(document, table.remove(document.undone).state) end
        error(why, 0)
      end
    end,
    undo = function()
      restore(active, (table.remove(active.undone) or error("nothing to undo")).state)
    end,
    refresh = function() end,
  },
})

app = proxy("app", {})
config.fs, config.command = config.paths, {}

-- Dialogs: the test's `shown(dialog)` plays the user ---------------------------------------------------------------------

local function widget(kind)
  return function(dialog, named)
    local value = named.text
    if kind == "button" then value = false end
    if kind == "check" then value = named.selected or false end
    if kind == "combobox" then
      local known = false
      for _, option in ipairs(named.options) do known = known or option == named.option end
      if not known then error("the option " .. named.option .. " is not in the list", 2) end
      value = named.option
    end
    if kind == "number" then value = math.tointeger(tonumber(named.text)) or 0 end
    if kind == "file" then value = named.filename or "" end
    dialog.widgets[#dialog.widgets + 1] = { kind = kind, named = named }
    if named.id then
      if dialog.data[named.id] ~= nil then error("two widgets are called " .. named.id, 2) end
      dialog.data[named.id] = value
    end
    return proxy("Dialog", dialog)
  end
end

local dialog_methods = {
  show = function(dialog)
    dialog.closed = false
    python.shown(dialog)
    return proxy("Dialog", dialog)
  end,
  close = function(dialog) dialog.closed = true end,
  repaint = function(dialog) dialog.repainted = (dialog.repainted or 0) + 1 end,
}
for _, kind in ipairs { "button", "check", "combobox", "entry", "label", "number", "file", "canvas", "separator" } do
  dialog_methods[kind] = widget(kind)
end
define("Dialog", { methods = dialog_methods })

_ENV.Dialog = function(...)
  check("Dialog", ...)
  if not config.ui then return nil end
  local first = ...
  return proxy("Dialog", { title = type(first) == "table" and first.title or first, widgets = {}, data = {} })
end

define("GraphicsContext", { methods = { drawImage = function(context, image, source, target)
  table.insert(context.drawn, { width = image.width, height = image.height, x = target.x, y = target.y,
    to_width = target.width, to_height = target.height, from = source.width })
end } })

local plugin = { commands = {}, menus = {}, separators = 0, path = config.extension, name = "pixforge",
  preferences = config.preferences }
define("Plugin", { methods = {
  newCommand = function(p, named)
    if named.group and not api.groups[named.group] and not p.menus[named.group] then
      error("there is no menu group " .. named.group)
    end
    p.commands[named.id] = named
  end,
  newMenuGroup = function(p, named)
    if not api.groups[named.group] then error("there is no menu group " .. named.group) end
    p.menus[named.id] = named
  end,
  newMenuSeparator = function(p) p.separators = p.separators + 1 end,
} })

-- `os` and `io` as scripts see them.
os.rename, os.exit, os.tmpname = nil, nil, nil
if config.api < 33 then os.remove = function() error("unsupported function 'remove'") end end
local execute = os.execute
os.execute = function(command)
  if python.executed(command) then return true end
  return execute(command)
end
if config.environment then
  os.getenv = function(name) return config.environment[name] end
end

return {
  calls = calls,
  plugin = plugin,
  plugin_proxy = proxy("Plugin", plugin),
  save = function() -- what File > Save does
    active.modified = false
    after "SaveFile"
  end,
  document = function() return active end,
  documents = documents,
  context = function(width, height)
    local context = { width = width, height = height, drawn = {} }
    return proxy("GraphicsContext", context), context
  end,
}
