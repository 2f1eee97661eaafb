-- The command line that os.execute hands to a shell. Pure: it is tested without Aseprite and without Windows.
--
-- All that varies of a job is in its file, so a command holds three paths and nothing else: the program, the job, the log.
--
-- POSIX: /bin/sh takes everything between single quotes as it is, but the single quote.
-- Windows: the C library runs `cmd.exe /c COMMAND`. cmd drops the first and the last quote of a COMMAND that starts with
-- one, so the whole is wrapped in one more pair. Between quotes it still expands %NAME%, and there is no escape for it on a
-- command line; the string is also read in the code page of the system, in which not every name can be written. Paths with
-- a percent sign or a letter beyond ASCII are therefore refused, but for the user's folder, which cmd itself can fill in.

local shell = {}

local function ascii(text)
  return not text:find("[^\32-\126]")
end

local function posix_quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Whether a path can stand in a command of Windows as it is.
function shell.plain(path)
  return ascii(path) and not path:find('[%%"]')
end

-- A path as cmd.exe takes it between quotes, or nil. `profile` is the user's folder (%USERPROFILE%), or nil.
function shell.windows_path(path, profile)
  if shell.plain(path) then return path end
  if profile and profile ~= "" and path:sub(1, #profile + 1) == profile .. "\\" then
    local rest = path:sub(#profile + 1)
    if shell.plain(rest) then return "%USERPROFILE%" .. rest end
  end
  return nil
end

-- The command that runs PROGRAM job JOB with both outputs in LOG, for /bin/sh.
function shell.posix(program, job, log)
  return posix_quoted(program) .. " job " .. posix_quoted(job) .. " >" .. posix_quoted(log) .. " 2>&1"
end

-- The same for cmd.exe; nil and the path at fault where one cannot be written. See windows_path for `profile`.
function shell.windows(program, job, log, profile)
  local parts = {}
  for index, path in ipairs { program, job, log } do
    parts[index] = shell.windows_path(path, profile)
    if not parts[index] then return nil, path end
  end
  return '""' .. parts[1] .. '" job "' .. parts[2] .. '" >"' .. parts[3] .. '" 2>&1"'
end

return shell
