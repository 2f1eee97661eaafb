-- Failures that a person can understand: a message, a remedy, the file concerned. Raised anywhere, shown in one place.

local failure = {}
failure.__index = failure

-- The parts of what is said: the file (if the message does not name it), the message, the remedy.
local function parts(problem)
  if getmetatable(problem) ~= failure then return { message = tostring(problem) } end
  local told = problem.file and not problem.message:find(problem.file, 1, true)
  return { file = told and problem.file or nil, message = problem.message, remedy = problem.remedy }
end

function failure.__tostring(self)
  local told, lines = parts(self), {}
  if told.file then lines[1] = told.file end
  lines[#lines + 1] = told.message
  if told.remedy and told.remedy ~= "" then lines[#lines + 1] = told.remedy end
  return table.concat(lines, "\n")
end

-- Ends what is being done. `file` may be nil.
function failure.raise(message, remedy, file)
  error(setmetatable({ message = message, remedy = remedy, file = file }, failure))
end

local WIDTH = 80

-- Adds the lines of a text, none longer than WIDTH bytes where it has spaces: alerts do not wrap.
local function wrap(lines, text)
  for paragraph in (text .. "\n"):gmatch("(.-)\r?\n") do
    local line = ""
    for word in paragraph:gmatch("%S+") do
      if line ~= "" and #line + #word + 1 > WIDTH then
        lines[#lines + 1] = line
        line = word
      else
        line = line == "" and word or line .. " " .. word
      end
    end
    lines[#lines + 1] = line
  end
end

-- What an alert shows, line by line; a path stays in one piece.
local function alert_lines(problem)
  local told, lines = parts(problem), {}
  if told.file then lines[1] = told.file end
  wrap(lines, told.message)
  if told.remedy and told.remedy ~= "" then wrap(lines, told.remedy) end
  return lines
end

-- Shows what went wrong: an alert in the window, a line in the terminal in batch mode.
function failure.show(problem)
  if app.isUIAvailable then
    app.alert { title = "Pixforge", text = alert_lines(problem), buttons = "OK" }
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
