// Package worker runs a compiled plan: it joins the job's group, runs a task for each partition that the group gives it,
// and commits all of them together, in one Kafka transaction, or without one where the job delivers at least or at most once
// (see confirm).
//
//	Run ─┬─ hand-over   the epoch's first offsets (worker 0; the others wait for them)
//	     └─ session ─┬─ join ─► open: replay the changelog ─► poll ─► tasks ─► commit ─┐
//	                 │                                         ▲                       │
//	                 │                                         └───────────────────────┘
//	                 └─ revoked: commit, hand the task on      lost: drop everything
//
// With a store of snapshots, a task opens from the newest one when its local store is gone or behind the changelog's
// beginning. One snapshot at a time is taken, on a goroutine of its own, while the loop goes on; it ends with its task.
//
// A session ends when its membership or its producer is of no use any more: the broker was away for longer than the
// transaction timeout, the group has given our partitions to others. The next session finds the truth in Kafka: the
// committed offsets say where to go on, the changelogs what the state is. Only another epoch, another process with our
// ordinal, or an error that trying again can't heal ends Run.
//
// All tasks of a worker run on one goroutine. The group's callbacks come in on another; they and the loop take turns.
package worker
