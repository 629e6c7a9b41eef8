-- Gives a node some of a resort's allowance for this window. One hash: the window, the process that wrote it, until when
-- nothing is given, and per node its last question's number and all that it obtained in the window.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local run, node, number = ARGV[1], 'n:' .. ARGV[2], tonumber(ARGV[3])
local length, limit, nodes, grace = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local stated, obtained, held = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local waiting = tonumber(ARGV[11])

local fields, kept = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #fields, 2 do kept[fields[at]] = fields[at + 1] end
local before, hold = tonumber(kept.window), tonumber(kept.hold or 0)

-- A window that somebody saw has begun, when this server's clock is not far behind. One further ahead was opened before the clock
-- was set back, and begins anew.
local window = now - now % length
for _, seen in ipairs({ before or 0, stated }) do
  if seen > window and seen <= now + 2000 then window = seen end
end

-- A process that has just begun may have forgotten what it gave, one that throws keys away for want of memory may have at any
-- time, and one that took over may have missed some: nothing is given until every node had time to say what it obtained. A
-- master that comes back to its cluster refuses everything for its first two seconds (CLUSTER_WRITABLE_DELAY), so that nobody
-- can have told it anything by then.
if not before then
  local info = redis.call('INFO', 'server')
  local up = tonumber(string.match(info, 'uptime_in_seconds:(%d+)')) * 1000
  local young = string.find(info, 'redis_mode:cluster', 1, true) and grace + 3000 or grace
  local evicted = tonumber(string.match(redis.call('INFO', 'stats'), 'evicted_keys:(%d+)'))
  if evicted > 0 then up = 0 end
  if up < young then hold = now + math.min(grace, young - up) end
elseif kept.run ~= run then
  hold = now + grace
end

-- It was deleted, if a node that obtained something in this window is not known here.
if stated == window and obtained > 0 and not kept[node] then hold = math.max(hold, now + grace) end

if before ~= window then
  redis.call('DEL', KEYS[1])
  kept = {}
end
local last = kept[node] and tonumber(string.match(kept[node], '^%d+'))
if last and last >= number then return { 'late' } end
if stated ~= window then obtained, held = 0, 0 end

local others = 0
for name, value in pairs(kept) do
  if name ~= node and string.sub(name, 1, 2) == 'n:' then
    others = others + tonumber(string.match(value, '%d+$'))
  end
end

local free = math.max(0, limit - others - obtained)
local slice = math.floor(limit / 100 / nodes)
if free * 4 > limit then slice = math.floor(limit / 100) end
local granted = 0
if now >= hold then granted = math.max(0, math.min(waiting + slice - held, free)) end

local text = string.format
redis.call('HSET', KEYS[1], 'window', text('%d', window), 'run', run, 'hold', text('%d', hold),
  node, text('%d:%d', number, obtained + granted))
redis.call('PEXPIREAT', KEYS[1], text('%d', window + 3 * length))
return { now, window, granted, free - granted, others, math.max(0, hold - now) }
