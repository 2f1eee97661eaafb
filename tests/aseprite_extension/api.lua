-- The part of Aseprite's scripting API that the stub knows, transcribed from its documentation.
--
-- Source: github.com/aseprite/api, the pages app.md, app_fs.md, app_command.md, command/ChangePixelFormat.md, cel.md,
-- color.md, colormode.md, dialog.md, events.md, frame.md, graphicscontext.md, image.md, layer.md, palette.md, plugin.md,
-- point.md, rectangle.md, slice.md, sprite.md, tag.md and Changes.md as of Aseprite 1.3.14 (API 33).
-- That app.sprite can be assigned is not in app.md; it is in Aseprite's source (src/app/script/app_object.cpp,
-- App_set_sprite), as is which functions of `os` are missing (src/app/script/security.cpp).
--
-- properties: "r" can be read, "rw" can also be assigned; after a space the types that may be assigned.
-- functions: alternatives, each a list of argument types; "?" at the end of a type: may be left out; a table: named
-- arguments in one table, all of which may be left out unless the type ends in "!".

local WIDGET = { id = "string", label = "string", focus = "boolean", enabled = "boolean", visible = "boolean",
  hexpand = "boolean", vexpand = "boolean" }

local function widget(own)
  local all = {}
  for key, value in pairs(WIDGET) do all[key] = value end
  for key, value in pairs(own) do all[key] = value end
  return { { all } }
end

return {
  properties = {
    app = {
      apiVersion = "r", version = "r", isUIAvailable = "r", params = "r", sprites = "r", site = "r", range = "r",
      fs = "r", os = "r", command = "r", events = "r", preferences = "r", pixelColor = "r", theme = "r", uiScale = "r",
      sprite = "rw Sprite", layer = "rw Layer", frame = "rw Frame|integer", cel = "rw Cel", image = "r", tag = "r",
      fgColor = "rw Color", bgColor = "rw Color", editor = "r", window = "r",
    },
    ["app.fs"] = {
      pathSeparator = "r", currentPath = "r", appPath = "r", tempPath = "r", userDocsPath = "r", userConfigPath = "r",
    },
    ["app.command"] = {},
    Sprite = {
      width = "rw integer", height = "rw integer", bounds = "r", gridBounds = "rw Rectangle", pixelRatio = "rw Size",
      selection = "rw Selection", filename = "rw string", isModified = "r", colorMode = "r", spec = "r", frames = "r",
      palettes = "r", layers = "r", cels = "r", tags = "r", slices = "r", backgroundLayer = "r",
      transparentColor = "rw integer", color = "rw Color", data = "rw string", properties = "r", events = "r",
    },
    Image = {
      id = "r", version = "r", width = "r", height = "r", bounds = "r", colorMode = "r", spec = "r", cel = "r",
      bytes = "rw string", rowStride = "r", bytesPerPixel = "r",
    },
    Layer = {
      sprite = "r", name = "rw string", opacity = "rw integer", blendMode = "rw integer", layers = "r",
      parent = "rw Sprite|Layer", stackIndex = "rw integer", isImage = "r", isGroup = "r", isTilemap = "r",
      isTransparent = "r", isBackground = "r", isEditable = "rw boolean", isVisible = "rw boolean",
      isContinuous = "rw boolean", isCollapsed = "rw boolean", isExpanded = "rw boolean", isReference = "r", cels = "r",
      color = "rw Color", data = "rw string", uuid = "r",
    },
    Cel = {
      sprite = "r", layer = "r", frame = "rw Frame|integer", frameNumber = "rw integer", image = "rw Image",
      bounds = "r", position = "rw Point", opacity = "rw integer", zIndex = "rw integer", color = "rw Color",
      data = "rw string", properties = "r",
    },
    Frame = { sprite = "r", frameNumber = "r", duration = "rw number", previous = "r", next = "r" },
    Tag = {
      sprite = "r", fromFrame = "rw Frame|integer", toFrame = "rw Frame|integer", frames = "r", name = "rw string",
      aniDir = "rw integer", color = "rw Color", repeats = "rw integer", data = "rw string", properties = "r",
    },
    Slice = {
      sprite = "r", name = "rw string", bounds = "rw Rectangle", center = "rw Rectangle|nil", pivot = "rw Point|nil",
      color = "rw Color", data = "rw string", properties = "r",
    },
    Palette = { frame = "r" },
    Color = {
      alpha = "rw integer", red = "rw integer", green = "rw integer", blue = "rw integer", index = "rw integer",
      gray = "rw integer", rgbaPixel = "r", grayPixel = "r",
    },
    Point = { x = "rw number", y = "rw number" },
    Rectangle = { x = "rw number", y = "rw number", width = "rw number", height = "rw number", isEmpty = "r" },
    Dialog = { data = "rw table", bounds = "rw Rectangle" },
    GraphicsContext = {
      width = "r", height = "r", antialias = "rw boolean", color = "rw Color", strokeWidth = "rw number",
      blendMode = "rw integer", opacity = "rw integer", theme = "r",
    },
    Plugin = { name = "r", displayName = "r", version = "r", path = "r", preferences = "rw table" },
    Events = {},
  },

  functions = {
    ["app.alert"] = {
      { "string" }, { { title = "string", text = "string|table", buttons = "string|table" } },
    },
    ["app.open"] = { { "string" } },
    ["app.transaction"] = { { "function" }, { "string", "function" } },
    ["app.refresh"] = { {} },
    ["app.undo"] = { {} },
    ["app.redo"] = { {} },
    ["app.command.ChangePixelFormat"] = {
      { { format = "string", dithering = "string", ["dithering-matrix"] = "string", rgbmap = "string", toGray = "string",
          fitCriteria = "string" } },
    },
    ["app.fs.filePath"] = { { "string" } },
    ["app.fs.fileName"] = { { "string" } },
    ["app.fs.fileExtension"] = { { "string" } },
    ["app.fs.fileTitle"] = { { "string" } },
    ["app.fs.filePathAndTitle"] = { { "string" } },
    ["app.fs.normalizePath"] = { { "string" } },
    ["app.fs.joinPath"] = { { "string", "string?", "string?", "string?" } },
    ["app.fs.isFile"] = { { "string" } },
    ["app.fs.isDirectory"] = { { "string" } },
    ["app.fs.fileSize"] = { { "string" } },
    ["app.fs.listFiles"] = { { "string" } },
    ["app.fs.makeDirectory"] = { { "string" } },
    ["app.fs.makeAllDirectories"] = { { "string" } },
    ["app.fs.removeDirectory"] = { { "string" } },

    ["Sprite"] = {
      { "integer", "integer", "integer?" }, { "Sprite" }, { { fromFile = "string!", oneFrame = "boolean" } },
    },
    ["Sprite:resize"] = { { "integer", "integer" } },
    ["Sprite:crop"] = { { "integer", "integer", "integer", "integer" }, { "Rectangle" } },
    ["Sprite:saveAs"] = { { "string" } },
    ["Sprite:saveCopyAs"] = { { "string" } },
    ["Sprite:close"] = { {} },
    ["Sprite:loadPalette"] = { { "string" } },
    ["Sprite:setPalette"] = { { "Palette" } },
    ["Sprite:newLayer"] = { {} },
    ["Sprite:newGroup"] = { {} },
    ["Sprite:deleteLayer"] = { { "Layer" }, { "string" } },
    ["Sprite:newFrame"] = { { "Frame|integer" } },
    ["Sprite:newEmptyFrame"] = { { "integer" } },
    ["Sprite:deleteFrame"] = { { "Frame|integer" } },
    ["Sprite:newCel"] = { { "Layer", "Frame|integer" }, { "Layer", "Frame|integer", "Image", "Point" } },
    ["Sprite:deleteCel"] = { { "Cel" }, { "Layer", "Frame|integer" } },
    ["Sprite:newTag"] = { { "Frame|integer", "Frame|integer" } },
    ["Sprite:deleteTag"] = { { "Tag" }, { "string" } },
    ["Sprite:newSlice"] = { {}, { "Rectangle" } },
    ["Sprite:deleteSlice"] = { { "Slice" }, { "string" } },
    ["Sprite:flatten"] = { {} },

    ["Image"] = {
      { "integer", "integer", "integer?" }, { "Sprite" }, { "Image" }, { "Image", "Rectangle" },
      { { fromFile = "string!" } },
    },
    ["Image:clone"] = { {} },
    ["Image:clear"] = { {}, { "Rectangle", "Color?" } },
    ["Image:drawPixel"] = { { "integer", "integer", "integer|Color" } },
    ["Image:getPixel"] = { { "integer", "integer" } },
    ["Image:drawImage"] = { { "Image", "Point?", "integer?", "integer?" } },
    ["Image:drawSprite"] = { { "Sprite", "integer", "Point?" } },
    ["Image:isEqual"] = { { "Image" } },
    ["Image:isEmpty"] = { {} },
    ["Image:shrinkBounds"] = { {}, { "Color|integer" } },
    ["Image:isPlain"] = { { "Color|integer" } },
    ["Image:saveAs"] = { { "string" }, { { filename = "string!", palette = "Palette" } } },
    ["Image:resize"] = { { "integer", "integer" }, { { width = "integer", height = "integer", method = "string" } } },

    ["Layer:cel"] = { { "Frame|integer" } },

    ["Palette"] = { {}, { "integer" }, { "Palette" }, { { fromFile = "string!" } } },
    ["Palette:resize"] = { { "integer" } },
    ["Palette:getColor"] = { { "integer" } },
    ["Palette:setColor"] = { { "integer", "Color|integer" } },
    ["Palette:saveAs"] = { { "string" } },

    ["Color"] = {
      { { r = "integer", g = "integer", b = "integer", a = "integer", red = "integer", green = "integer",
          blue = "integer", alpha = "integer", gray = "integer", index = "integer" } },
      { "integer" },
    },
    ["Point"] = { {}, { "Point" }, { "number", "number" } },
    ["Rectangle"] = { {}, { "Rectangle" }, { "number", "number", "number", "number" } },

    ["Dialog"] = {
      {}, { "string" }, { { title = "string", notitlebar = "boolean", parent = "Dialog", onclose = "function" } },
    },
    ["Dialog:button"] = widget { text = "string", selected = "boolean", onclick = "function" },
    ["Dialog:check"] = widget { text = "string", selected = "boolean", onclick = "function" },
    ["Dialog:combobox"] = widget { option = "string!", options = "table!", onchange = "function" },
    ["Dialog:entry"] = widget { text = "string", onchange = "function" },
    ["Dialog:label"] = widget { text = "string" },
    ["Dialog:number"] = widget { text = "string", decimals = "integer", onchange = "function" },
    ["Dialog:slider"] = widget { min = "integer", max = "integer", value = "integer", onchange = "function",
      onrelease = "function" },
    ["Dialog:separator"] = widget { text = "string" },
    ["Dialog:file"] = widget { title = "string", open = "boolean", save = "boolean", load = "boolean",
      entry = "boolean", filename = "string|table", filetypes = "table", onchange = "function" },
    ["Dialog:canvas"] = widget { width = "integer", height = "integer", autoscaling = "boolean", onpaint = "function",
      onkeydown = "function", onkeyup = "function", onmousemove = "function", onmousedown = "function",
      onmouseup = "function", ondblclick = "function", onwheel = "function", ontouchmagnify = "function" },
    ["Dialog:newrow"] = { {}, { { always = "boolean" } } },
    ["Dialog:modify"] = widget { text = "string", title = "string", option = "string", options = "table" },
    ["Dialog:repaint"] = { {} },
    ["Dialog:close"] = { {} },
    ["Dialog:show"] = { {}, { { wait = "boolean", bounds = "Rectangle", autoscrollbars = "boolean", hand = "boolean" } } },

    ["GraphicsContext:drawImage"] = {
      { "Image", "number", "number" }, { "Image", "Rectangle", "Rectangle" },
      { "Image", "number", "number", "number", "number", "number", "number", "number", "number" },
    },
    ["GraphicsContext:fillRect"] = { { "Rectangle" } },
    ["GraphicsContext:strokeRect"] = { { "Rectangle" } },
    ["GraphicsContext:fillText"] = { { "string", "number", "number" } },

    ["Plugin:newCommand"] = {
      { { id = "string!", title = "string!", group = "string", onclick = "function!", onenabled = "function",
          onchecked = "function" } },
    },
    ["Plugin:newMenuGroup"] = { { { id = "string!", title = "string!", group = "string!" } } },
    ["Plugin:newMenuSeparator"] = { { { group = "string!" } } },

    ["Events:on"] = { { "string", "function" } },
    ["Events:off"] = { { "function" }, { "integer" } },
  },

  -- Names of app.events that are documented.
  events = {
    sitechange = true, beforesitechange = true, fgcolorchange = true, bgcolorchange = true, beforecommand = true,
    aftercommand = true,
  },

  -- Groups of menus that Aseprite's data/gui.xml has (those that extensions use here).
  groups = { sprite_crop = true, cel_popup_properties = true, file_export_1 = true, edit_fx = true },
}
