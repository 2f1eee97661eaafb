-- Before and after, side by side in a dialog's canvas.

local preview = {}

preview.WIDTH, preview.HEIGHT = 300, 150

-- Where an image of width x height lies in a box: enlarged by a whole factor, or shrunk to fit. x, y, width, height.
function preview.place(width, height, left, top, box_width, box_height)
  local scale = math.min(box_width / width, box_height / height)
  if scale >= 1 then scale = math.floor(scale) end
  local w, h = math.max(1, math.floor(width * scale)), math.max(1, math.floor(height * scale))
  return left + (box_width - w) // 2, top + (box_height - h) // 2, w, h
end

local function draw(context, image, left, width)
  local x, y, w, h = preview.place(image.width, image.height, left, 0, width, context.height)
  context:drawImage(image, Rectangle(0, 0, image.width, image.height), Rectangle(x, y, w, h))
end

-- Paints the two images, either of which may be nil.
function preview.paint(context, before, after)
  local half = context.width // 2
  if before then draw(context, before, 0, half - 2) end
  if after then draw(context, after, half + 2, context.width - half - 2) end
end

return preview
