package redisstore

import (
	"fmt"

	"github.com/redis/go-redis/v9"
)

// What the members of a set begin with; see the package's story.
const (
	dataSpace     = 'd'
	ownerSpace    = 'o'
	positionSpace = 'p'
)

// The kinds of a packed change: kind, length of key (4 bytes, big endian), key, length of value, value. A key is a stem
// (see stem), the bounds of a range are members.
const (
	packedPut    = 'P'
	packedDelete = 'D'
	packedRange  = 'R'
)

// held is what the scripts have in common.
//
//nolint:dupword // Lua ends each block with a word
const held = `
local function held(key, space)
  local found = redis.call('ZRANGEBYLEX', key, '[' .. space, '(' .. string.char(space:byte() + 1), 'LIMIT', 0, 1)[1]
  if found then return found:sub(2) end
  return ''
end
local function set(key, space, value)
  redis.call('ZREMRANGEBYLEX', key, '[' .. space, '(' .. string.char(space:byte() + 1))
  if value ~= '' then redis.call('ZADD', key, 0, space .. value) end
end
`

// The scripts answer with owner and position as they were found or made, and whether it was done.
//
//nolint:dupword // Lua ends each block with a word
const (
	claimScript = held + `
-- KEYS: task, the job's tasks. ARGV: the task's name there. The task gets its next owner; what is not whole goes.
local owner, at = held(KEYS[1], 'o'), held(KEYS[1], 'p')
owner = string.format('%.0f', (tonumber(owner) or 0) + 1)
redis.call('UNLINK', KEYS[1] .. ':load')
if at == '' then redis.call('UNLINK', KEYS[1]) end
set(KEYS[1], 'o', owner)
redis.call('SADD', KEYS[2], ARGV[1])
return {owner, at, 1}
`
	clearScript = held + `
-- KEYS: task. ARGV: owner. The task holds nothing any more.
local owner, at = held(KEYS[1], 'o'), held(KEYS[1], 'p')
if owner ~= ARGV[1] then return {owner, at, 0} end
redis.call('UNLINK', KEYS[1])
set(KEYS[1], 'o', owner)
return {owner, '', 1}
`
	applyScript = held + `
-- KEYS: task. ARGV: owner, position before, position after, first, last, packed changes.
local key, packed, at = KEYS[1], ARGV[6], 1
local owner, position = held(key, 'o'), held(key, 'p')
local goes_on = ARGV[4] == '1' and position == ARGV[2] or ARGV[4] ~= '1' and held(key, 't') == ARGV[3]
if owner ~= ARGV[1] or not goes_on then return {owner, position, 0} end
if ARGV[4] == '1' then
  set(key, 'p', '')
  set(key, 't', ARGV[3])
end
while at <= #packed do
  local kind, name, value
  kind, name, value, at = struct.unpack('>c1I4c0I4c0', packed, at)
  if kind == 'R' then
    redis.call('ZREMRANGEBYLEX', key, '[' .. name, '(' .. value)
  else
    redis.call('ZREMRANGEBYLEX', key, '[' .. name .. '\1', '(' .. name .. '\2')
    if kind == 'P' then redis.call('ZADD', key, 0, name .. '\1' .. value) end
  end
end
if ARGV[5] == '1' then
  set(key, 't', '')
  set(key, 'p', ARGV[3])
end
return {owner, ARGV[3], 1}
`
	stageScript = held + `
-- KEYS: task. ARGV: owner, first, packed puts. They go beside the task.
local owner, packed, at = held(KEYS[1], 'o'), ARGV[3], 1
if owner ~= ARGV[1] then return {owner, held(KEYS[1], 'p'), 0} end
local beside = KEYS[1] .. ':load'
if ARGV[2] == '1' then redis.call('UNLINK', beside) end
while at <= #packed do
  local kind, name, value
  kind, name, value, at = struct.unpack('>c1I4c0I4c0', packed, at)
  redis.call('ZADD', beside, 0, name .. '\1' .. value)
end
return {owner, '', 1}
`
	swapScript = held + `
-- KEYS: task. ARGV: owner, position before, position after, number of members. What was staged takes the task's place.
local owner, at = held(KEYS[1], 'o'), held(KEYS[1], 'p')
local beside = KEYS[1] .. ':load'
if owner ~= ARGV[1] or at ~= ARGV[2] or redis.call('ZCARD', beside) ~= tonumber(ARGV[4]) then return {owner, at, 0} end
set(beside, 'o', owner)
set(beside, 'p', ARGV[3])
redis.call('UNLINK', KEYS[1])
redis.call('RENAME', beside, KEYS[1])
return {owner, ARGV[3], 1}
`
	dropScript = `
-- KEYS: task, the job's tasks. ARGV: the task's name there.
redis.call('UNLINK', KEYS[1], KEYS[1] .. ':load')
redis.call('SREM', KEYS[2], ARGV[1])
return {'', '', 1}
`
)

// scripts are loaded where a server lacks them.
type scripts struct{ claim, clear, apply, stage, swap, drop *redis.Script }

func newScripts() scripts {
	return scripts{
		claim: redis.NewScript(claimScript), clear: redis.NewScript(clearScript), apply: redis.NewScript(applyScript),
		stage: redis.NewScript(stageScript), swap: redis.NewScript(swapScript), drop: redis.NewScript(dropScript),
	}
}

// taskKey names the sorted set of a task. The braces keep all of a task in one slot of a cluster.
func taskKey(job string, epoch int64, task string) string {
	return fmt.Sprintf("millrace:{%s:%d:%s}", job, epoch, task)
}

// jobKey names the set of a job's tasks, and member a task in it.
func jobKey(job string) string { return fmt.Sprintf("millrace:job:{%s}", job) }

func jobMember(epoch int64, task string) string { return fmt.Sprintf("%d:%s", epoch, task) }
