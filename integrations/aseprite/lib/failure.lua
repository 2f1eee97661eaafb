-- Failures that a person can understand: a message, a remedy, the file concerned. Raised anywhere, shown in one place.

local failure = {}
failure.__index = failure

function failure.__tostring(self)
  local lines = { self.message }
  if self.file and not self.message:find(self.file, 1, true) then
    table.insert(lines, 1, self.file)
  end
  if self.remedy and self.remedy ~= "" then
    lines[#lines + 1] = self.remedy
  end
  return table.concat(lines, "\n")
end

-- Ends what is being done. `file` may be nil.
function failure.raise(message, remedy, file)
  error(setmetatable({ message = message, remedy = remedy, file = file }, failure))
end

-- The lines of a text, none of them longer than `width` bytes where it has spaces: alerts do not wrap.
function failure.lines(text, width)
  local lines = {}
  for paragraph in (text .. "\n"):gmatch("(.-)\r?\n") do
    local line = ""
    for word in paragraph:gmatch("%S+") do
      if line ~= "" and #line + #word + 1 > width then
        lines[#lines + 1] = line
        line = word
      else
        line = line == "" and word or line .. " " .. word
      end
    end
    lines[#lines + 1] = line
  end
  return lines
end

-- Shows what went wrong: an alert in the window, a line in the terminal in batch mode.
function failure.show(problem)
  if app.isUIAvailable then
    app.alert { title = "Pixforge", text = failure.lines(tostring(problem), 80), buttons = "OK" }
  else
    print("pixforge: " .. tostring(problem))
  end
end

-- Calls work(...) and shows what it raises. Returns true and the result, or false.
function failure.guard(work, ...)
  local done, result = pcall(work, ...)
  if not done then
    failure.show(result)
    return false
  end
  return true, result
end

return failure
