-- What can be undone: the state of a document before every step.

local K = ...

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

local function remember(document, label)
  if K.transaction then
    if K.transaction.saved[document] then return end
    K.transaction.saved[document] = true
    label = K.transaction.label
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

K.copied = copied
K.remember = remember
K.restore = restore
