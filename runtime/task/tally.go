package task

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
)

// Tally counts a task's rows and decides about the bad ones. Operators and outputs of one task share it.
type Tally struct {
	skip            bool
	committed, open Progress
	// place is the record at hand, for rows that carry no offset of their own.
	place fault.Place
}

// NewTally returns a tally; skip leaves bad rows out and counts them, else the first one is an error.
func NewTally(skip bool) *Tally { return &Tally{skip: skip} }

// Bad implements operator.BadRows. Only errors about the row itself can be skipped.
func (t *Tally) Bad(b *batch.Batch, i int, cause error) error {
	place := t.place
	if i >= 0 && i < len(b.Offsets) {
		place.Offset = b.Offsets[i]
		if b.Topic != "" {
			place.Topic, place.Partition = b.Topic, b.Partition
		}
	}
	return t.refuse(place, cause)
}

func (t *Tally) refuse(place fault.Place, cause error) error {
	if fault.KindOf(cause) != fault.Data {
		return cause
	}
	if t.skip {
		t.open.Bad++
		return nil
	}
	return (&fault.Error{Kind: fault.Data, Place: place, Message: "a row cannot be processed", Cause: cause}).
		Do("correct it at its producer, or let the job skip such rows (badRows: Skip)")
}

// Late implements operator.LateRows.
func (t *Tally) Late(n int, latenessMicros int64) {
	t.open.Late += int64(n)
	t.open.LatenessMicros = max(t.open.LatenessMicros, latenessMicros)
}

// Outputs returns the same decision for rows that were counted as going out already.
func (t *Tally) Outputs() operator.BadRows { return outputTally{t} }

type outputTally struct{ tally *Tally }

// Bad implements operator.BadRows.
func (o outputTally) Bad(b *batch.Batch, i int, cause error) error {
	o.tally.open.RowsOut--
	return o.tally.Bad(b, i, cause)
}

func (t *Tally) commit()   { t.committed, t.open = t.committed.Plus(t.open), Progress{} }
func (t *Tally) rollback() { t.open = Progress{} }
