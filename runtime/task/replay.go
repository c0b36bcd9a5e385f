package task

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// Replay brings a store up to its changelog: hand it the records from store.Position().Offset on, read committed and in
// order, then Settle and Done. Changes are applied commit by commit.
//
// A commit that is part of a transaction is there or it isn't, and is applied at its meta record. One that is not may be in the
// log although its offset was never committed; what shows that it was is the next commit, which nobody writes before, or
// the offset itself. So it is held until then:
//
//	changes (owner, commit) ─► pending ─ meta ─► held ─┬─ the next commit's meta ─► applied
//	                                                   ├─ the same commit by a higher owner ─► replaced
//	                                                   └─ Settle: applied if the offset says so, else dropped
//
// A task is opened under a higher ownership epoch each time, and says so by its offset before it writes anything. So when
// a record of an owner is seen, every commit of lower owners that counts is complete, and what still comes from them was written
// by a worker that has been given up: it is passed over.
type Replay struct {
	// Plants are bugs for the tests that must find them; a build without the tag "mutants" has none.
	Plants Plants

	store   state.Store
	changes state.Changes
	open    bool // changes of a transaction whose meta record has not come yet

	owner   int64         // the highest that was seen
	commit  int64         // that pending belongs to
	pending state.Changes // of owner
	held    held
}

// held is a whole commit of which it is not known yet whether it counts.
type held struct {
	commit  int64 // 0: none
	owner   int64
	changes state.Changes
	at      state.Position
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
		meta, _, _, err := decodeMetaRecord(body)
		if err != nil {
			return err
		}
		if err := r.resolve(meta.Seq - 1); err != nil {
			return err
		}
		r.open, r.owner = false, max(r.owner, meta.Owner)
		err = r.store.Apply(&r.changes, state.Position{Offset: offset + 1, Commit: meta.Seq, Meta: body})
		r.changes.Reset()
		return err
	case changelogOwnedChanges:
		owner, commit, block, err := takeOwner(body)
		if err != nil || !r.take(owner, commit) {
			return err
		}
		return state.DecodeChanges(block, &r.pending)
	case changelogOwnedMeta:
		meta, _, _, err := decodeMetaRecord(body)
		if err != nil || !r.take(meta.Owner, meta.Seq) {
			return err
		}
		return r.hold(meta, state.Position{Offset: offset + 1, Commit: meta.Seq, Meta: body})
	default:
		return fault.New(fault.Corrupt, fault.Place{}, "a changelog record begins with %d, which this version does not know", kind)
	}
}

// take makes pending that of an owner's commit, and says whether what belongs to it may count.
func (r *Replay) take(owner, commit int64) bool {
	if owner < r.owner && !r.Plants.trustsAll() || commit <= r.store.Position().Commit {
		return false
	}
	if owner != r.owner || commit != r.commit {
		r.pending.Reset()
		r.owner, r.commit = owner, commit
	}
	return true
}

// hold keeps what is pending until it is known whether it counts.
func (r *Replay) hold(meta Meta, at state.Position) error {
	if err := r.resolve(meta.Seq - 1); err != nil {
		return err
	}
	if last := r.store.Position().Commit; meta.Seq != last+1 {
		return fault.New(fault.Corrupt, fault.Place{}, "the changelog goes from commit %d to commit %d", last, meta.Seq)
	}
	if r.Plants.appliesUnconfirmed() {
		return r.store.Apply(&r.pending, at)
	}
	h := &r.held
	h.commit, h.owner, h.at = meta.Seq, meta.Owner, at
	h.at.Meta = bytes.Clone(at.Meta)
	h.changes, r.pending = r.pending, h.changes
	r.pending.Reset()
	r.commit = 0
	return nil
}

// resolve ends the waiting of the held commit: it counts if it is at most the last one that does.
func (r *Replay) resolve(last int64) error {
	h := &r.held
	if h.commit == 0 {
		return nil
	}
	counts := h.commit <= last
	h.commit = 0
	if !counts {
		return nil
	}
	return r.store.Apply(&h.changes, h.at)
}

// Settle says, at the log's end, what the task's committed offset says; the zero Meta where none is committed.
func (r *Replay) Settle(offset Meta) error {
	if r.held.owner > offset.Owner {
		r.held.commit = 0 // CheckRestore will see that it is missing
	}
	return r.resolve(offset.Seq)
}

// Done says that the log's end was reached. A transaction without its meta record there is a Corrupt error: transactions
// are whole. What is only held, or pending, is not.
func (r *Replay) Done() error {
	if r.open {
		return fault.New(fault.Corrupt, fault.Place{}, "the changelog ends inside a commit")
	}
	return nil
}
