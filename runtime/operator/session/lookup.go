package session

import (
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Lookup reads the sessions that are committed of a key; it is an operator.Lookup. They are one record.
type Lookup struct {
	// of is an operator that never gets a row: it says how records are written, and its scratch entry is the session at hand.
	of     *Session
	prefix []byte
	kinds  []types.Kind
	key    []byte
}

// NewLookup returns the lookup of sessions whose rows are distributed by their keys. Prefix is that of the operator's keys in
// the store.
func NewLookup(c Config, prefix []byte) (*Lookup, error) {
	of, err := New(c, nil, nil)
	if err != nil {
		return nil, err
	}
	of.table = newTable(of.set.Stride())
	l := &Lookup{of: of, prefix: append(slices.Clone(prefix), recordSpace)}
	for _, call := range c.Calls {
		l.kinds = append(l.kinds, call.Kind)
	}
	return l, nil
}

// Look implements operator.Lookup.
func (l *Lookup) Look(store state.Store, key *batch.Batch, bounds operator.Bounds) (*operator.Found, error) {
	found := operator.NewFound(l.kinds)
	l.key = append(l.key[:0], l.prefix...)
	for i := range key.Columns {
		l.key = key.Columns[i].AppendKey(l.key, 0)
	}
	record, ok, err := store.Get(l.key)
	if err != nil || !ok {
		return found, err
	}
	_, rest, err := openRecord(record)
	if err != nil {
		return nil, err
	}
	var list [][]byte // newest first
	for len(rest) > 0 {
		var stored []byte
		if stored, rest, err = cutSession(rest); err != nil {
			return nil, err
		}
		list = append(list, stored)
	}
	t := &l.of.table
	for _, stored := range slices.Backward(list) {
		if found.Full(bounds) {
			found.More = true
			return found, nil
		}
		t.Arena = t.Arena[:0]
		if err := readSession(l.of.set, stored, &t.Memory, 0); err != nil {
			return nil, err
		}
		found.Window(t.start(0), l.of.end(0))
		if problem := l.of.set.Check(&t.Memory, 0); problem != nil {
			found.Problem(problem)
			continue
		}
		l.of.set.AppendResults(found.Values.Columns, &t.Memory, 0)
	}
	return found, nil
}
