// Package command is what is asked of a running job, and what became of it: records in a topic of one partition, which every
// worker reads from its beginning. So a command reaches workers that nobody can reach, and outlives all of them.
//
//	operator, CLI ─► {savepoint} ─┐            ┌─► every worker: cut the sources, write the shares
//	                              ├─► control ─┤
//	coordinator ─► {cut} {done} ──┘            └─► the coordinator: count what is committed, write the manifest
//
// The coordinator is whoever runs the plan's first task. What it goes by are the offsets that the group has committed, not what
// it remembers: another one that takes its place finds the same, and goes on. Should two of them work for a moment, they
// write the same.
//
// A drain is asked for in the same way, and has no end but its own: {drain} ─► every worker ends its sources ─► {draining}, {drained}.
//
// Log is the state that the records make; it is a pure function of them and of the time.
package command
