-- Counts requests of a resort in a window of limits. One hash: `window`, when the window began; `total`, how many requests were
-- admitted in it; and under the id of each node, how many of them that node admitted. What this server has lost is restored
-- from what the node states: how many requests it admitted in that window, and the total that it knows of.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local node, count = ARGV[1], tonumber(ARGV[2])
local length, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local stated, admitted, known = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local fields, kept = redis.call('HGETALL', KEYS[1]), {}
for at = 1, #fields, 2 do kept[fields[at]] = tonumber(fields[at + 1]) end

-- A window that somebody saw begin has begun, although this server's clock may be a little behind. One that lies further ahead was
-- opened before the clock was set back, and is void.
local window = now - now % length
for _, seen in ipairs({ kept.window or 0, stated }) do
  if seen > window and seen <= now + 2000 then window = seen end
end
if kept.window ~= window then
  redis.call('DEL', KEYS[1])
  kept = {}
end
if stated ~= window then
  admitted, known, count = 0, 0, math.max(count, 0)
end

local own, total = kept[node], kept.total or 0
if not own or own < admitted then
  own, total = admitted, math.max(total, known)
end
local sum = own
for name, value in pairs(kept) do
  if name ~= node and name ~= 'window' and name ~= 'total' then sum = sum + value end
end
total = math.max(total, sum)
if count > 0 and total + count > limit then count = 0 end
own, total = own + count, total + count

redis.call('HSET', KEYS[1], 'window', string.format('%d', window), 'total', total, node, own)
redis.call('PEXPIREAT', KEYS[1], string.format('%d', window + 3 * length))
return { now, window, count, total, own }
