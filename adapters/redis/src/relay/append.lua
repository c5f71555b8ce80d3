-- Adds events to a stream, in order, each under its position; what is there already is left as it is.
-- KEYS[1]: the stream. ARGV: the head of the log, life in ms, then for each event its position, its document and its seal.
-- Answers {"done", n}: n times something that does not belong here was removed. {"beyond", id}: the stream ends beyond the head.
-- {"failed", reason}: nothing is known of the events.
local key, head, life = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local removed = 0
local at = 3
while at < #ARGV do
  local id = ARGV[at] .. '-0'
  local added = redis.pcall('XADD', key, id, 'e', ARGV[at + 1], 's', ARGV[at + 2])
  local reason = type(added) == 'table' and added.err
  if not reason then
    at = at + 3
  elseif string.find(reason, 'WRONGTYPE', 1, true) and removed == 0 then
    redis.call('DEL', key)
    removed = 1
  elseif string.find(reason, 'smaller', 1, true) or string.find(reason, 'exhausted', 1, true) then
    local last
    local about = redis.call('XINFO', 'STREAM', key)
    for field = 1, #about, 2 do
      if about[field] == 'last-generated-id' then last = about[field + 1] end
    end
    if tonumber(string.match(last, '^(%d+)')) > head then return { 'beyond', last } end
    at = at + 3
  else
    return { 'failed', reason }
  end
end
redis.call('PEXPIRE', key, life)
return { 'done', tostring(removed) }
