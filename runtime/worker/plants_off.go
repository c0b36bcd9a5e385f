//go:build !mutants

package worker

import (
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/task"
)

// Plants are bugs that the tests plant and must then find. This build has none.
type Plants struct{}

func (Plants) rewindOnUnknown() bool { return false }

func (Plants) applyEarly() bool { return false }

func (Plants) keepRevoked() bool { return false }

func (Plants) leavesOut(part) bool { return false }

func (Plants) purgeAhead() bool { return false }

func (Plants) task() task.Plants { return task.Plants{} }

func (Plants) frozen(f state.Frozen) state.Frozen { return f }

func (Plants) shortenTo(offset int64) int64 { return offset }

func (Plants) offsetsFirst() bool { return false }

func (Plants) holdsNothing() bool { return false }

func (Plants) warmIsEnough() bool { return false }

func (Plants) reached(Moment) {}
