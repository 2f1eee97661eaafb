-- Batch use: aseprite -b --script-param in=hero.aseprite --script-param out=sprites/ --script pixforge.lua
-- Parameters: in, out, preset, set (KEY=VALUE;...), palette, targets (a,b), name, overwrite, program.

local batch = require "lib/batch"
local failure = require "lib/failure"
local settings = require "lib/settings"

settings.bind_script(app.fs.filePath(debug.getinfo(1, "S").source:sub(2)), app.params.program)
local done, problem = pcall(batch.run, app.params)
if not done then
  failure.show(problem)
  error("pixforge: nothing was converted", 0) -- Aseprite ends with an error
end
