package pebblestore

import (
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// Kept returns where the closed stores stand.
func (b *Backend) Kept() (map[string]state.Position, error) {
	it, err := b.db.NewIter(&pebble.IterOptions{LowerBound: []byte{positionKey}, UpperBound: state.Successor([]byte{positionKey})})
	if err != nil {
		return nil, fault.Wrap(fault.Transient, err, "list the local state")
	}
	found := map[string]state.Position{}
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, fault.Wrap(fault.Transient, errors.Join(err, it.Close()), "list the local state")
		}
		if at, ok := decodePosition(value); ok && at.Commit > 0 {
			at.Meta = slices.Clone(at.Meta)
			found[string(it.Key()[1:])] = at
		}
	}
	if err := it.Close(); err != nil {
		return nil, fault.Wrap(fault.Transient, err, "list the local state")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for task := range b.open {
		delete(found, task)
	}
	return found, nil
}

// Size returns about how much of the disk the task takes; what was written a moment ago is not in it.
func (s *store) Size() (int64, error) {
	if s.closed {
		return 0, errClosed()
	}
	n, err := s.backend.db.EstimateDiskUsage(s.prefix, s.upper)
	if err != nil {
		return 0, s.failed(err, "measure")
	}
	return int64(n), nil //nolint:gosec // no disk is that large
}
