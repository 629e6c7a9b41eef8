-- A node says that it is there and which resorts have used half of their allowance or were forgotten, and hears the same of all.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local at, life = string.format('%d', now), tonumber(ARGV[2])
redis.call('ZADD', KEYS[1], at, ARGV[1])
for index = 3, #ARGV do redis.call('ZADD', KEYS[2], at, ARGV[index]) end
for _, key in ipairs(KEYS) do
  redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('(%d', now - life))
  redis.call('PEXPIRE', key, life)
end
return { now, redis.call('ZCARD', KEYS[1]), redis.call('ZREVRANGE', KEYS[2], 0, 999) }
