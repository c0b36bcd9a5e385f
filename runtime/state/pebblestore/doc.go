// Package pebblestore is the state backend on a local disk: one Pebble for all tasks of a worker.
//
//	key                                          value
//	's'                                          the stamp: whose state this is, as JSON
//	'p' task                                     the task's Position: layout version, offset, commit (varints), meta
//	'd' length of task (uvarint) task key        the value of the task's key
//
// Pebble's own log is off: the changelog is the log. Every Apply is one Pebble batch with the task's position inside, and
// a batch lives in one memtable, which reaches the disk whole or not at all. So after a crash the store stands at some
// earlier commit, data and position together, and the task replays the changelog from there. Close flushes.
//
// The directory is a cache, never the truth: it is thrown away, and said so in the log, when its stamp is another job's
// or plan's, when it has none because the first flush never happened, or when Pebble finds it corrupt: on opening at once,
// and else, where the checksum of a block that is read does not fit, by Close. From then on writes and what reads of it are
// Corrupt errors (damage.go); the worker ends by them, and the next one restores what is lost.
package pebblestore
