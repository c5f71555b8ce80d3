-- Answers where a stream ends: its last id, "none" without one, "other" if the key is something else.
-- KEYS[1]: the stream. ARGV[1]: if it ends there, it is removed.
local kind = redis.call('TYPE', KEYS[1]).ok
local ends = 'other'
if kind == 'none' then return 'none' end
if kind == 'stream' then
  local about = redis.call('XINFO', 'STREAM', KEYS[1])
  for field = 1, #about, 2 do
    if about[field] == 'last-generated-id' then ends = about[field + 1] end
  end
end
if ends == ARGV[1] then redis.call('DEL', KEYS[1]) end
return ends
