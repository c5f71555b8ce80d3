-- Adds entries to a stream, each under the position of its last event; what is there already is left as it is. What comes late,
-- behind later events, is added under the next id behind the last one.
-- KEYS[1]: the stream. ARGV: the head of the log, life in ms, then for each entry its position, how many names and values of fields
-- follow, and those.
-- Answers {"done", n}: n times something that does not belong here was removed. {"beyond", id}: the stream ends beyond the head.
-- {"failed", reason}: nothing is known of the events.
local key, head, life = KEYS[1], tonumber(ARGV[1]), ARGV[2]
local removed = 0

-- Where the stream ends, in two parts.
local function last()
  local about = redis.call('XINFO', 'STREAM', key)
  for field = 1, #about, 2 do
    if about[field] == 'last-generated-id' then return string.match(about[field + 1], '^(%d+)-(%d+)$') end
  end
end

-- The same, once something has come late.
local place, number
local at = 3
while at < #ARGV do
  local id, from, to = ARGV[at] .. '-0', at + 2, at + 1 + ARGV[at + 1]
  local late = place and tonumber(ARGV[at]) <= tonumber(place)
  local added = not late and redis.pcall('XADD', key, id, unpack(ARGV, from, to))
  local reason = type(added) == 'table' and added.err
  if not late and not reason then
    at, place = to + 1, nil
  elseif reason and string.find(reason, 'WRONGTYPE', 1, true) and removed == 0 then
    redis.call('DEL', key)
    removed = 1
  elseif late or string.find(reason, 'smaller', 1, true) or string.find(reason, 'exhausted', 1, true) then
    if not late then place, number = last() end
    if tonumber(place) > head then return { 'beyond', place .. '-' .. number } end
    if #redis.call('XRANGE', key, id, id) == 0 then
      number = string.format('%.0f', tonumber(number) + 1)
      -- Where no id can follow, it is left to the log.
      redis.pcall('XADD', key, place .. '-' .. number, unpack(ARGV, from, to))
    end
    at = to + 1
  else
    return { 'failed', reason }
  end
end
redis.call('PEXPIRE', key, life)
return { 'done', tostring(removed) }
