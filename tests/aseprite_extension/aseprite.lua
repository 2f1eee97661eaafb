-- A stand-in for Aseprite: sprites in memory, and a check of every name and argument against api.lua.
--
-- It proves the extension's own logic and that it keeps to the documented API; it is not Aseprite.
-- `python` is a table of functions that the tests give: load(path) and save(path, sprite), list(path), is_file(path),
-- is_folder(path), make_folders(path), remove_folder(path), and what the user does: shown(dialog), alert(text).

local api, python, config, load_part = ...

local K = { api = api, python = python, config = config } -- what the parts share
for _, name in ipairs { "checked", "undo", "values", "images", "parts", "sprites", "app", "window" } do
  load_part(name)(K)
end

return {
  calls = K.calls,
  plugin = K.plugin,
  plugin_proxy = K.plugin_proxy,
  save = function() -- what File > Save does
    K.active.modified = false
    K.after "SaveFile"
  end,
  document = function() return K.active end,
  documents = K.documents,
  context = function(width, height)
    local context = { width = width, height = height, drawn = {} }
    return K.proxy("GraphicsContext", context), context
  end,
}
