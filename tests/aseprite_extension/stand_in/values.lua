-- Points, rectangles, colours, palettes.

local K = ...
local define, raw, proxy, constructor, class_of, remember = K.define, K.raw, K.proxy, K.constructor, K.class_of, K.remember

ColorMode = { RGB = 0, GRAY = 1, INDEXED = 2, TILEMAP = 4 }

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

K.color = color
K.palette_of = palette_of
K.palette_copy = palette_copy
