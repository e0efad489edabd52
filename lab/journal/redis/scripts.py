"""What Redis decides by itself, in Lua: each script is carried out whole, or not at all.

Every key begins with `lab:`. The keys of a life of a room end with its epoch:

| key | what it holds |
|---|---|
| `meta` | version of these keys, the limits, the longest lease, the life that epochs are made of |
| `starts`, `lives`, `clock` | counters: of nodes, of lives of rooms, of rooms that became empty |
| `nodes` | the start of each node that has not been cleared away -> its name |
| `node:NAME` | the lease: the start of the node that has this name; Redis removes it in time |
| `done:START` | the last batch of a node and its results, for a batch that is sent twice |
| `at:START` | what to end when the node is dead: `MEMBER ROOM` |
| `wake:START` | a stream that ends the node's waiting for entries |
| `epochs` | room -> epoch |
| `rooms`, `empty` | the rooms in order of their names, and those without members in their order |
| `room:EPOCH` | `n`: entries appended, `noops`: those that changed nothing |
| `in:EPOCH` | who is in the room, or may be let in by an entry -> the number of its last `join` |
| `log:EPOCH` | the stream: the id of an entry is its number |
| `snaps:EPOCH` | number -> the snapshot after that entry |
| `marks:EPOCH` | these numbers in the order of their times |

A script without `allow-oom` is refused before it begins when Redis has no memory left (Redis, Lua
scripts, "Script flags").
"""

from __future__ import annotations

__pure__ = True

VERSION = 1
MOST_STARTS = 2**21 - 1
"""How often nodes can start on one database: the connections of a start have numbers below
`(start + 1) * recover.MEMBERS_PER_START`, and Lua and JavaScript count exactly up to 2^53."""
PREFIX = "lab:"
OUT = "OUT"
"""The first word of the error that a node gets once its lease is over."""

_SHARED = f"""
local p = '{PREFIX}'
local function leased(start)
  local name = redis.call('HGET', p .. 'nodes', start)
  return name and redis.call('GET', p .. 'node:' .. name) == start
end
local function append(epoch, start, token, data)
  local n = redis.call('HINCRBY', p .. 'room:' .. epoch, 'n', 1)
  redis.call('XADD', p .. 'log:' .. epoch, n .. '-0', 'o', start, 't', token, 'e', data)
  return n
end
local function release(room, epoch, start, member)
  redis.call('SREM', p .. 'at:' .. start, member .. ' ' .. room)
  local was = redis.call('HDEL', p .. 'in:' .. epoch, member)
  if was == 1 and redis.call('HLEN', p .. 'in:' .. epoch) == 0 then
    redis.call('ZADD', p .. 'empty', redis.call('INCR', p .. 'clock'), room)
  end
end
"""

CLAIM = f"""#!lua
local p = '{PREFIX}'
local version, limits, life, name, lease, first = unpack(ARGV)
local meta = redis.call('HMGET', p .. 'meta', 'version', 'limits', 'life', 'lease')
if meta[1] and meta[1] ~= version then return {{'version', meta[1]}} end
local others = redis.call('HLEN', p .. 'nodes')
if meta[1] and (redis.call('ZCARD', p .. 'rooms') > 0 or others > 0) then
  if meta[2] ~= limits then return {{'limits', meta[2]}} end
end
local ends = redis.call('PTTL', p .. 'node:' .. name)
if ends > 0 then return {{'name', ends}} end
local starts = tonumber(redis.call('GET', p .. 'starts') or 0)
if starts >= {MOST_STARTS} then return {{'starts', starts}} end
life = meta[3] or life
local longest = math.max(lease, others > 0 and meta[4] or 0)
redis.call('HSET', p .. 'meta', 'version', version, 'limits', limits, 'life', life)
redis.call('HSET', p .. 'meta', 'lease', longest)
local start = redis.call('INCR', p .. 'starts')
redis.call('SET', p .. 'node:' .. name, start, 'PX', first)
redis.call('HSET', p .. 'nodes', start, name)
return {{'ok', tostring(start)}}
"""
"""ARGV: version, limits, a life, the node's name, its lease and the first one in ms.

-> what is wrong, or its start.
"""

APPEND = f"""#!lua
{_SHARED}
local start, batch, most = ARGV[1], ARGV[2], tonumber(ARGV[3])
if not leased(start) then return redis.error_reply('{OUT} the lease is over') end
local done = redis.call('HMGET', p .. 'done:' .. start, 'batch', 'results')
if done[1] == batch then return cmsgpack.unpack(done[2]) end
local function forget(room)
  local epoch = redis.call('HGET', p .. 'epochs', room)
  redis.call('HDEL', p .. 'epochs', room)
  redis.call('ZREM', p .. 'rooms', room)
  local lease = redis.call('HGET', p .. 'meta', 'lease')
  for _, kind in ipairs({{'room:', 'log:', 'snaps:', 'marks:'}}) do
    redis.call('PEXPIRE', p .. kind .. epoch, lease)
  end
end
local function begin(room)
  if redis.call('ZCARD', p .. 'rooms') >= most then
    local oldest = redis.call('ZPOPMIN', p .. 'empty')
    if #oldest == 0 then return false end
    forget(oldest[1])
  end
  local lives = redis.call('INCR', p .. 'lives')
  local epoch = redis.call('HGET', p .. 'meta', 'life') .. '.' .. lives
  redis.call('HSET', p .. 'epochs', room, epoch)
  redis.call('ZADD', p .. 'rooms', 0, room)
  redis.call('HSET', p .. 'room:' .. epoch, 'n', 0, 'noops', 0)
  return epoch
end
local function report(room, epoch, member, noops, outside)
  local known = tonumber(redis.call('HGET', p .. 'room:' .. epoch, 'noops'))
  if tonumber(noops) > known then
    redis.call('HSET', p .. 'room:' .. epoch, 'noops', noops)
  end
  local joined = redis.call('HGET', p .. 'in:' .. epoch, member)
  if joined and tonumber(joined) <= tonumber(outside) then release(room, epoch, start, member) end
end
local results = {{}}
for at = 4, #ARGV, 5 do
  local kind, room, member, token, data = unpack(ARGV, at, at + 4)
  local epoch = redis.call('HGET', p .. 'epochs', room)
  local result = {{'out', 0}}
  if kind == 'join' then
    epoch = epoch or begin(room)
    if epoch then
      local n = redis.call('HGET', p .. 'room:' .. epoch, 'n') + 1
      redis.call('HSET', p .. 'in:' .. epoch, member, n)
      redis.call('SADD', p .. 'at:' .. start, member .. ' ' .. room)
      redis.call('ZREM', p .. 'empty', room)
    else
      result = {{'full', 0}}
    end
  end
  if kind == 'noop' then
    local noops, outside = string.match(data, '(%d+) (%d+)')
    if epoch == token then report(room, epoch, member, noops, outside) end
  elseif epoch and redis.call('HEXISTS', p .. 'in:' .. epoch, member) == 1 then
    result = {{epoch, append(epoch, start, token, data)}}
    if kind == 'leave' or kind == 'gone' then release(room, epoch, start, member) end
  end
  results[#results + 1] = result
end
redis.call('HSET', p .. 'done:' .. start, 'batch', batch, 'results', cmsgpack.pack(results))
return results
"""
"""ARGV: start, number of the batch, most rooms; a step: kind, room, member, token, data.

-> for each step its epoch and number, or `full` (no room can begin) or `out` (not in the room).
The kind `noop` appends nothing: it reports. Its token is the epoch, its data `NOOPS OUTSIDE`: after
entry `OUTSIDE` the member was not in the room; 0: it was.

The streams of a forgotten room stay for the longest lease: a node may have to read how it ended.
"""

BEAT = f"""#!lua flags=allow-oom
{_SHARED}
if not leased(ARGV[1]) then return redis.error_reply('{OUT} the lease is over') end
redis.call('PEXPIRE', p .. 'node:' .. redis.call('HGET', p .. 'nodes', ARGV[1]), ARGV[2])
local dead = {{}}
for _, start in ipairs(redis.call('HKEYS', p .. 'nodes')) do
  if not leased(start) then dead[#dead + 1] = start end
end
return dead
"""
"""ARGV: start, lease in ms. Prolongs the lease -> the starts of the nodes whose lease is over."""

CLEAR = f"""#!lua flags=allow-oom
{_SHARED}
local by, start, most = ARGV[1], ARGV[2], ARGV[3]
if leased(start) then return 0 end
local ended = redis.call('SPOP', p .. 'at:' .. start, most)
for _, each in ipairs(ended) do
  local member, room = string.match(each, '^(%d+) (.*)$')
  local epoch = redis.call('HGET', p .. 'epochs', room)
  append(epoch, by, 0, cmsgpack.pack({{'g', tonumber(member), 'lost'}}))
  release(room, epoch, start, member)
end
local left = redis.call('SCARD', p .. 'at:' .. start)
if left == 0 then
  redis.call('HDEL', p .. 'nodes', start)
  redis.call('DEL', p .. 'done:' .. start, p .. 'wake:' .. start)
end
return left
"""
"""ARGV: start of the node that asks, of the dead one, and a number of members. -> how many remain.

Each member departs once: what is popped is popped by one caller.
"""

LEAVE = f"""#!lua flags=allow-oom
{_SHARED}
if leased(ARGV[1]) then
  redis.call('DEL', p .. 'node:' .. redis.call('HGET', p .. 'nodes', ARGV[1]))
end
"""
"""ARGV: start. Gives the lease back."""

SNAPSHOT = f"""#!lua
local p = '{PREFIX}'
local room, epoch, n, data = unpack(ARGV)
local log, marks, snaps = p .. 'log:' .. epoch, p .. 'marks:' .. epoch, p .. 'snaps:' .. epoch
if redis.call('HGET', p .. 'epochs', room) ~= epoch then return end
local lease = redis.call('HGET', p .. 'meta', 'lease')
local seconds, more = unpack(redis.call('TIME'))
local now = seconds * 1000 + math.floor(more / 1000)
local last, at = unpack(redis.call('ZREVRANGE', marks, 0, 0, 'WITHSCORES'))
if last and (tonumber(last) >= tonumber(n) or now - at < lease / 4) then return end
redis.call('ZADD', marks, now, n)
redis.call('HSET', snaps, n, data)
local first = redis.call('ZREVRANGEBYSCORE', marks, now - lease, '-inf', 'LIMIT', 0, 1)[1]
if not first then return end
redis.call('XTRIM', log, 'MINID', (first + 1) .. '-0')
for _, mark in ipairs(redis.call('ZRANGE', marks, 0, -1)) do
  if mark == first then return end
  redis.call('ZREM', marks, mark)
  redis.call('HDEL', snaps, mark)
end
"""
"""ARGV: room, epoch, number, snapshot. Drops what no node has to read any more.

A node that still has its lease may be late by so much. So the newest snapshot that is older than
the longest lease stays, with all that came after it; and no more than four are saved in that time.
"""

LOAD = f"""#!lua flags=no-writes
local p = '{PREFIX}'
local epoch, wanted = ARGV[1], tonumber(ARGV[2])
local n, data = '0', ''
for _, mark in ipairs(redis.call('ZREVRANGE', p .. 'marks:' .. epoch, 0, -1)) do
  if tonumber(mark) < wanted then
    n, data = mark, redis.call('HGET', p .. 'snaps:' .. epoch, mark)
    break
  end
end
return {{n, data, redis.call('XRANGE', p .. 'log:' .. epoch, (n + 1) .. '-0', '+')}}
"""
"""ARGV: epoch, number of an entry. -> number and data of the last snapshot before this entry, and
the entries after the snapshot."""

LIST = f"""#!lua flags=no-writes
local p = '{PREFIX}'
local found = {{}}
local rooms = redis.call('ZRANGE', p .. 'rooms', ARGV[1], '+', 'BYLEX', 'LIMIT', 0, ARGV[2])
for _, room in ipairs(rooms) do
  local epoch = redis.call('HGET', p .. 'epochs', room)
  local counts = redis.call('HMGET', p .. 'room:' .. epoch, 'n', 'noops')
  local seq = tonumber(counts[1]) - tonumber(counts[2])
  found[#found + 1] = {{room, redis.call('HLEN', p .. 'in:' .. epoch), seq}}
end
return found
"""
"""ARGV: where to begin (as ZRANGE BYLEX has it), how many. -> name, members and `seq` of rooms."""
