// Package redisstore is the state backend on a Redis server (or one that speaks like it, such as Valkey): for jobs whose
// workers have no disk and whose state is larger than their memory.
//
// A task is one sorted set, whose members have one score, so that they stand in the order of their bytes:
//
//	key millrace:{JOB:STATE EPOCH:STAGE/PARTITION}
//	member                            what
//	'd' escaped key 0x00 0x01 value   a key of the task with its value
//	'o' number                        the owner: how often the task was opened
//	'p' position                      where the task stands, see remote.EncodePosition
//	't' position                      a write is going on, to there: see below
//
//	key millrace:job:{JOB}            the job's tasks, as STATE EPOCH:STAGE/PARTITION
//
// A zero byte of a key is escaped as 0x00 0xff; so no key is the beginning of another, and the order stays.
//
// One key, not a sorted set of names beside a hash of values: whatever happens to it (eviction, a flush, a backup) happens to
// state and position together, a load takes its place by RENAME, a scan brings keys and values at once, and it takes two
// thirds of the memory. The price is that an update costs Redis 6 µs instead of 1.4.
//
// Changes go as packed chunks into a script; a commit of several chunks is one transaction of the server (MULTI). Owner and
// position are compared in the script. Should it fail halfway, which no known reason makes it do, the set has no position any more, and
// is thrown away when the task is opened again.
package redisstore
