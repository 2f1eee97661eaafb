-- The app: commands, events, files, transactions.

local K = ...
local define, raw, proxy, remember, restore, rgba_of, number_of, frame_of, cel_of = K.define, K.raw, K.proxy, K.remember, K.restore, K.rgba_of, K.number_of, K.frame_of, K.cel_of
local api, python, config, events = K.api, K.python, K.config, K.events

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
  to_mode(K.active, ({ rgb = 0, indexed = 2 })[named.format] or error("no format " .. named.format))
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
    sprite = function() return K.active and proxy("Sprite", K.active) end,
    frame = function() return K.active and frame_of(K.active, K.frame_number) end,
    cel = function()
      local layer = K.active and K.active.layers[#K.active.layers]
      return layer and cel_of(layer, K.frame_number)
    end,
  },
  set = {
    sprite = function(_, sprite) K.active = raw(sprite) end,
    frame = function(_, frame) K.frame_number = number_of(frame) end,
  },
  methods = {
    alert = function(what)
      local text = type(what) == "string" and what or what.text
      python.alert(type(text) == "table" and table.concat(text, "\n") or text)
      return 1
    end,
    open = K.load_sprite,
    transaction = function(label, work)
      if not work then label, work = "Transaction", label end
      if K.transaction then return work() end
      K.transaction = { label = label, saved = {} }
      local done, why = pcall(work)
      local saved = K.transaction.saved
      K.transaction = nil
      if not done then
        for document in pairs(saved) do restore(document, table.remove(document.undone).state) end
        error(why, 0)
      end
    end,
    undo = function()
      restore(K.active, (table.remove(K.active.undone) or error("nothing to undo")).state)
    end,
    refresh = function() end,
  },
})

app = proxy("app", {})
config.fs, config.command = config.paths, {}
