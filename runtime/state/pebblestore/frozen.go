package pebblestore

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/millrace/millrace/runtime/state"
)

// frozen is a task's part of the database as it was: a Pebble snapshot. What is overwritten meanwhile stays on the disk
// until it is closed.
type frozen struct {
	of       *store // its bounds and names; they do not change
	position state.Position
	snapshot *pebble.Snapshot
}

// Freeze copies nothing.
func (s *store) Freeze(int) (state.Frozen, error) {
	if s.closed {
		return nil, errClosed()
	}
	return &frozen{of: s, position: s.position, snapshot: s.backend.db.NewSnapshot()}, nil
}

// Position says which commit it is.
func (f *frozen) Position() state.Position { return f.position }

// Each visits all keys.
func (f *frozen) Each(visit func(key, value []byte) error) error {
	it, err := f.snapshot.NewIter(&pebble.IterOptions{LowerBound: f.of.prefix, UpperBound: f.of.upper})
	if err != nil {
		return f.of.failed(err, "scan")
	}
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return errors.Join(f.of.failed(err, "scan"), it.Close())
		}
		if err := visit(it.Key()[len(f.of.prefix):], value); err != nil {
			return errors.Join(err, it.Close())
		}
	}
	if err := it.Close(); err != nil {
		return f.of.failed(err, "scan")
	}
	return nil
}

// Close gives the snapshot back.
func (f *frozen) Close() error {
	if err := f.snapshot.Close(); err != nil {
		return f.of.failed(err, "release a snapshot of")
	}
	return nil
}
