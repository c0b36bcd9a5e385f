//go:build mutants

package worker

import (
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

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
	// SnapshotAhead lets a snapshot claim the position of the commit after its content.
	SnapshotAhead bool
	// ShortenToEnd deletes the whole changelog when a snapshot was taken.
	ShortenToEnd bool
	// OffsetsFirst commits offsets, where that is no transaction, before what they stand for is written.
	OffsetsFirst bool
	// HoldNothing writes the outputs of a job that delivers at most once before its offsets are committed.
	HoldNothing bool
	// WarmIsEnough opens a task from a warm copy without the rest of its changelog.
	WarmIsEnough bool
	// Reached is told of the moments of a commit.
	Reached func(Moment)
}

func (p Plants) offsetsFirst() bool { return p.OffsetsFirst }

func (p Plants) warmIsEnough() bool { return p.WarmIsEnough }

func (p Plants) holdsNothing() bool { return p.HoldNothing }

func (p Plants) reached(m Moment) {
	if p.Reached != nil {
		p.Reached(m)
	}
}

func (p Plants) rewindOnUnknown() bool { return p.RewindOnUnknown }

func (p Plants) applyEarly() bool { return p.ApplyEarly }

func (p Plants) keepRevoked() bool { return p.KeepRevoked }

func (p Plants) leavesOut(of part) bool { return p.LeaveUnmoved && of.meta.Offset == of.Meta().Offset }

func (p Plants) purgeAhead() bool { return p.PurgeAhead }

func (p Plants) task() task.Plants { return p.Task }

func (p Plants) frozen(f state.Frozen) state.Frozen {
	if !p.SnapshotAhead {
		return f
	}
	return plantedFrozen{f}
}

func (p Plants) shortenTo(offset int64) int64 {
	if !p.ShortenToEnd {
		return offset
	}
	return -1 // to Kafka: the high watermark
}

// plantedFrozen stands, so it says, behind the next commit's changes.
type plantedFrozen struct{ state.Frozen }

// Position passes over the marker of its commit and the changes of the next.
func (f plantedFrozen) Position() state.Position {
	at := f.Frozen.Position()
	at.Offset += 2
	at.Commit++
	return at
}
