-- Uses one of KEYS[1], by GCRA in microseconds of this Redis: {how far it is used up ahead of now, how long to wait}.
-- ARGV: until one more, how far ahead is borne.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local every, tolerance = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = tonumber(redis.call('GET', KEYS[1]) or now) or now
-- A clock that was set back, or a value that is not ours, keeps nobody waiting for long.
used = math.max(now, math.min(used, now + tolerance + every))
local wait = used - now - tolerance
if wait > 0 then
  return {used - now, wait}
end
used = used + every
redis.call('SET', KEYS[1], string.format('%.0f', used), 'PX', math.ceil((used - now) / 1000))
return {used - now, 0}
