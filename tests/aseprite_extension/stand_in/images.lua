-- Images: `rows` of pixel strings.

local K = ...
local define, raw, proxy, constructor, class_of, copied, remember = K.define, K.raw, K.proxy, K.constructor, K.class_of, K.copied, K.remember
local python = K.python
local SIZES = { [0] = 4, [1] = 2, [2] = 1, [4] = 4 } -- bytes of a pixel by colour mode

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

local function clone(image)
  local copy = copied(image, {})
  copy.document = nil
  return proxy("Image", copy)
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
    clone = clone,
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
  if class_of(first) == "Image" then return clone(raw(first)) end
  return proxy("Image", blank(first, second, third or 0))
end)

K.blank = blank
K.rgba_of = rgba_of
K.draw = draw
