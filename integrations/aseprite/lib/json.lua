-- JSON text from and to plain Lua values.
--
-- Aseprite has a `json` of its own since API 25, but its arrays cannot be walked with ipairs in every version, an empty
-- table has one meaning only, and all numbers become floats. A job needs [], null and whole numbers.

local json = {}

-- null, where nil would drop the key.
json.null = setmetatable({}, { __tostring = function() return "null" end })

local ARRAY = {}

-- Marks a table as an array, also when it is empty.
function json.array(items)
  return setmetatable(items or {}, ARRAY)
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function quoted(text)
  return '"' .. text:gsub('[%c"\\\127]', function(char)
    return ESCAPES[char] or string.format("\\u%04x", char:byte())
  end) .. '"'
end

local function number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    error("JSON has no " .. tostring(value))
  end
  local whole = math.tointeger(value)
  return whole and string.format("%d", whole) or string.format("%.17g", value)
end

local encode

local function members(value)
  local keys = {}
  for key in pairs(value) do
    if type(key) ~= "string" then
      error("a key of a JSON object is text, not " .. type(key))
    end
    keys[#keys + 1] = key
  end
  table.sort(keys) -- the same job has the same bytes
  local parts = {}
  for _, key in ipairs(keys) do
    parts[#parts + 1] = quoted(key) .. ":" .. encode(value[key])
  end
  return "{" .. table.concat(parts, ",") .. "}"
end

function encode(value)
  local kind = type(value)
  if value == json.null then return "null" end
  if kind == "string" then return quoted(value) end
  if kind == "number" then return number(value) end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "table" then error("JSON has no " .. kind) end
  if getmetatable(value) == ARRAY or #value > 0 then
    local parts = {}
    for index = 1, #value do
      parts[index] = encode(value[index])
    end
    return "[" .. table.concat(parts, ",") .. "]"
  end
  return members(value)
end

-- The JSON text of a value; raises on what JSON cannot hold.
function json.encode(value)
  return encode(value)
end

local UNESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/" }
local WORDS = { ["true"] = true, ["false"] = false }
local DEEPEST = 200

local function wrong(place)
  error("not JSON at byte " .. place, 0)
end

-- A \uXXXX escape at `place`, with its second half if it is the first of a pair: the character and what follows it.
local function escaped(text, place)
  local high = tonumber(text:match("^\\u(%x%x%x%x)", place) or wrong(place), 16)
  place = place + 6
  if high >= 0xD800 and high < 0xDC00 then
    local low = tonumber(text:match("^\\u(%x%x%x%x)", place) or "0", 16)
    if low >= 0xDC00 and low < 0xE000 then
      return utf8.char(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)), place + 6
    end
  end
  if high >= 0xD800 and high < 0xE000 then
    return "\u{FFFD}", place -- half a pair is no character
  end
  return utf8.char(high), place
end

local function string_at(text, place)
  local parts = {}
  place = place + 1
  while true do
    local stop = text:find('["\\]', place) or wrong(place)
    parts[#parts + 1] = text:sub(place, stop - 1)
    if text:sub(stop, stop) == '"' then
      return table.concat(parts), stop + 1
    end
    local letter = text:sub(stop + 1, stop + 1)
    if letter == "u" then
      parts[#parts + 1], place = escaped(text, stop)
    else
      parts[#parts + 1] = UNESCAPES[letter] or wrong(stop)
      place = stop + 2
    end
  end
end

local function after_space(text, place)
  return text:find("[^ \t\r\n]", place) or #text + 1
end

local value_at

local function array_at(text, place, depth)
  local items = json.array()
  place = after_space(text, place + 1)
  if text:sub(place, place) == "]" then return items, place + 1 end
  while true do
    local item
    item, place = value_at(text, place, depth + 1)
    items[#items + 1] = item == nil and json.null or item
    place = after_space(text, place)
    local char = text:sub(place, place)
    if char == "]" then return items, place + 1 end
    if char ~= "," then wrong(place) end
    place = place + 1
  end
end

local function object_at(text, place, depth)
  local members_ = {}
  place = after_space(text, place + 1)
  if text:sub(place, place) == "}" then return members_, place + 1 end
  while true do
    place = after_space(text, place)
    if text:sub(place, place) ~= '"' then wrong(place) end
    local key
    key, place = string_at(text, place)
    place = after_space(text, place)
    if text:sub(place, place) ~= ":" then wrong(place) end
    members_[key], place = value_at(text, place + 1, depth + 1)
    place = after_space(text, place)
    local char = text:sub(place, place)
    if char == "}" then return members_, place + 1 end
    if char ~= "," then wrong(place) end
    place = place + 1
  end
end

function value_at(text, place, depth)
  if depth > DEEPEST then wrong(place) end
  place = after_space(text, place)
  local char = text:sub(place, place)
  if char == '"' then return string_at(text, place) end
  if char == "[" then return array_at(text, place, depth) end
  if char == "{" then return object_at(text, place, depth) end
  local word = text:match("^%a+", place)
  if word == "null" then return nil, place + 4 end
  if WORDS[word] ~= nil then return WORDS[word], place + #word end
  local digits = text:match("^%-?%d+%.?%d*[eE]?[%+%-]?%d*", place)
  local value = digits and tonumber(digits) or wrong(place)
  return value, place + #digits
end

-- The value of JSON text; null becomes nil in an object and json.null in an array. Raises on what is not JSON.
function json.decode(text)
  local value, place = value_at(text, 1, 0)
  if after_space(text, place) <= #text then wrong(place) end
  return value
end

return json
