-- One of KEYS[1] was not used after all. ARGV: until one more, in microseconds.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local used = tonumber(redis.call('GET', KEYS[1]) or now) or now
used = used - tonumber(ARGV[1])
if used > now then
  redis.call('SET', KEYS[1], string.format('%.0f', used), 'PX', math.ceil((used - now) / 1000))
else
  redis.call('DEL', KEYS[1])
end
return {0, 0}
