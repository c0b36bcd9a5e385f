package task

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// Replay brings a store up to its changelog: hand it the records from store.Position().Offset on, read committed and in
// order. Changes are applied commit by commit, at each meta record.
type Replay struct {
	store   state.Store
	changes state.Changes
	open    bool // changes of a commit whose meta record has not come yet
}

// NewReplay returns a replay into a store.
func NewReplay(store state.Store) *Replay { return &Replay{store: store} }

// Add takes the next changelog record.
func (r *Replay) Add(offset int64, value []byte) error {
	if len(value) == 0 {
		return fault.New(fault.Corrupt, fault.Place{}, "a changelog record is empty")
	}
	kind, body := value[0], value[1:]
	switch kind {
	case changelogChanges:
		r.open = true
		return state.DecodeChanges(body, &r.changes)
	case changelogMeta:
		meta, _, err := decodeMetaRecord(body)
		if err != nil {
			return err
		}
		r.open = false
		err = r.store.Apply(&r.changes, state.Position{Offset: offset + 1, Commit: meta.Seq, Meta: body})
		r.changes.Reset()
		return err
	default:
		return fault.New(fault.Corrupt, fault.Place{}, "a changelog record begins with %d, which this version does not know", kind)
	}
}

// Done says that the log's end was reached. A commit without its meta record there is a Corrupt error: transactions
// are whole.
func (r *Replay) Done() error {
	if r.open {
		return fault.New(fault.Corrupt, fault.Place{}, "the changelog ends inside a commit")
	}
	return nil
}
