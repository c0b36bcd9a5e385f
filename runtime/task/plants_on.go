//go:build mutants

package task

import (
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Plants are bugs that the tests plant and must then find. They exist only in builds with the tag "mutants".
type Plants struct {
	// ForgetWatermark restores a task without the watermark of its commit.
	ForgetWatermark bool
	// CutEarly cuts a task as soon as one of its channels is cut.
	CutEarly bool
	// ApplyUnconfirmed replays a commit although nothing says yet that its offset was committed.
	ApplyUnconfirmed bool
	// TrustAll replays what a worker has written that was given up.
	TrustAll bool
	// StaleLap rewrites values as of the commit before.
	StaleLap bool
}

func (p Plants) lapFrom(committed state.Store) scanner {
	if p.StaleLap {
		return committed
	}
	return nil
}

func (p Plants) appliesUnconfirmed() bool { return p.ApplyUnconfirmed }

func (p Plants) trustsAll() bool { return p.TrustAll }

func (p Plants) cutEarly() bool { return p.CutEarly }

func (p Plants) restored(m Meta) Meta {
	if p.ForgetWatermark {
		m.Watermark, m.Idle = types.NoWatermark, false
	}
	return m
}
