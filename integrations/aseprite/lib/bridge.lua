-- A job for the pixforge program, and its answer.

local failure = require "lib/failure"
local host = require "lib/host"
local json = require "lib/json"
local locate = require "lib/locate"
local shell = require "lib/shell"

local bridge = {}

local function command(program, job, log)
  if not host.windows() then return shell.posix(program, job, log) end
  local text, path = shell.windows(program, job, log, locate.profile())
  if not text then
    failure.raise("Aseprite cannot start a program by this path on Windows.",
      "Move pixforge to a folder without percent signs and letters beyond ASCII, and choose it in " .. locate.SETTING, path)
  end
  return text
end

-- The last lines of what the program said, for a case in which it did not write its report.
local function tail(log)
  local text = (host.read(log) or ""):gsub("%s+$", "")
  return #text > 600 and "..." .. text:sub(-600) or text
end

local function raise(problem)
  failure.raise(problem.message, problem.remedy, problem.file)
end

-- Carries out a job (the keys of pixforge's job file) in a temporary folder and returns the report.
-- Raises the program's own error, message and remedy, where it failed.
function bridge.run(program, folder, job)
  local file, log = app.fs.joinPath(folder, "job.json"), app.fs.joinPath(folder, "log.txt")
  local report = app.fs.joinPath(folder, "report.json")
  job.version, job.report = 1, "report.json"
  host.write(report, "") -- an old answer must not pass for this one
  host.write(log, "")
  host.write(file, json.encode(job))
  host.execute(command(program, file, log))
  local read, answer = pcall(json.decode, host.read(report) or "")
  if not read or type(answer) ~= "table" then
    failure.raise("The pixforge program gave no answer.\n" .. tail(log),
      "Check that it starts in a terminal, or choose another one in " .. locate.SETTING, program)
  end
  if answer.error then raise(answer.error) end
  for _, result in ipairs(answer.results or {}) do
    if result.error then raise(result.error) end
  end
  return answer
end

return bridge
