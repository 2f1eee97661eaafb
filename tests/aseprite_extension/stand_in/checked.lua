-- Every name and argument is held against api.lua; a class of the API is a proxy before a plain table.

local K = ...
local api = K.api

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

K.class_of = class_of
K.check = check
K.calls = calls
K.define = define
K.raw = raw
K.proxy = proxy
K.constructor = constructor
