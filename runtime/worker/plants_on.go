//go:build mutants

package worker

import "github.com/millrace/millrace/runtime/task"

// Plants are bugs that the tests plant and must then find. They exist only in builds with the tag "mutants".
type Plants struct {
	Task task.Plants
	// RewindOnUnknown takes an unknown outcome of a commit for an abort.
	RewindOnUnknown bool
	// ApplyEarly brings a commit into the state before the transaction has ended.
	ApplyEarly bool
	// KeepRevoked goes on committing tasks that the group has given to others.
	KeepRevoked bool
	// LeaveUnmoved leaves those tasks out of a commit whose offset is the one before.
	LeaveUnmoved bool
	// PurgeAhead deletes from the exchanges what was read and not committed yet.
	PurgeAhead bool
}

func (p Plants) rewindOnUnknown() bool { return p.RewindOnUnknown }

func (p Plants) applyEarly() bool { return p.ApplyEarly }

func (p Plants) keepRevoked() bool { return p.KeepRevoked }

func (p Plants) leavesOut(of part) bool { return p.LeaveUnmoved && of.meta.Offset == of.Meta().Offset }

func (p Plants) purgeAhead() bool { return p.PurgeAhead }

func (p Plants) task() task.Plants { return p.Task }
