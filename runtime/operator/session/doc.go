// Package session groups rows by keys into sessions, and emits a row a session when the watermark has passed its end.
//
// # What a session is
//
// A row of time t whose source partition stood at watermark w just before it is the closed interval [max(t, w), t+gap].
// The sessions of a key are the unions of intervals that touch; a session starts with its first row's time and ends gap
// after its last one's.
//
//	gap 10   t=0 ├─────────┤10
//	         t=10          ├─────────┤20      a distance of the gap itself: one session [0, 20)
//	         t=5, w=12       ├──┤15           came when [0, 10) was over in its own partition: does not reopen it
//
// For rows in time, t >= w, that is the plain rule: rows at most gap apart share a session. A row behind its partition's
// watermark counts from that watermark on; with t+gap <= w nothing is left of it, and the source has dropped it as late.
//
// # Why the result does not depend on timing
//
// Unions of intervals do not depend on the order in which rows come, so all that is to show is that a session that has
// fired misses no row. It fires when the task's watermark W is above its end. W is the least of the watermarks that the
// partitions have stated, and a partition's only grow, so every row that comes later has w >= W; its interval begins at
// max(t, w) >= W, beyond the session's end. Both are closed: at W = end, a row at that very time would still belong to
// it, so firing has to wait for more. (With allowance for the row's time alone, as if its interval were [t, t+gap], the
// answer would depend on how far the slowest partition happens to be: in the picture the third row would join the first
// two as long as another partition holds the task's watermark below 10.)
//
// The exception is a partition that was declared idle and wakes up: its rows can be behind the task's watermark, which
// then takes the place of their partition's, and drops those that are late by it.
//
// # How it is held
//
//	slots (hash │ entry) ─► entry [key │ tag │ next │ from │ start │ last │ accumulators…]
//	                                            └─► the next older session of the key
//
// An open-addressing table finds the newest session of a key, in which nearly every row falls; older ones that the
// watermark has not passed hang on it. Entries don't move, so that timers and the list of what changed name them by
// place. A timer is a bucket of ends (a sixteenth of the gap wide, or finer): a session enters the bucket of its end when
// it begins, and only when that bucket is due it is looked at, and fires or moves on to the bucket of the end that it has
// by then. So a row that lengthens a session touches no timer, and a watermark touches what is due and nothing else.
// Sessions that fire together are sorted by end and key.
//
// Flush writes the keys whose sessions changed:
//
//	key    's', the group's encoded key (batch.AppendKey)
//	value  1 byte (1: timers are in the state too), then for each session, newest first: uvarint length │ last 8 bytes
//	       big-endian, sign flipped │ uvarint last-start │ uvarint from-start │ accumulators (accumulator.Set)
//
// Above MemoryBytes the keys with the oldest last rows, half of all, are put out: their records stay in the state, with
// a timer 't', end, key for each session beside. A key that may have been put out (a bitmap of hashes says so) is read
// back when a row of it comes; a session that is due is fired from the state. After a restore all keys are read that
// had not been put out.
//
// Codec says what this is as rows, for savepoints: a row a session (savepoint.go).
package session
