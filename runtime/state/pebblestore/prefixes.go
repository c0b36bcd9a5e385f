package pebblestore

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"

	"github.com/millrace/millrace/runtime/state"
)

// Prefixes implements state.Prefixer: one iterator goes from each beginning to the next.
func (s *store) Prefixes(prefix []byte, length int, visit func(found []byte) error) error {
	if s.closed {
		return errClosed()
	}
	lower := s.full(nil, prefix)
	upper := state.Successor(s.full(nil, prefix))
	if upper == nil {
		upper = s.upper
	}
	it, err := s.backend.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return s.failed(err, "scan")
	}
	wanted := len(lower) + length
	var found []byte
	for ok := it.First(); ok; {
		if len(it.Key()) < wanted {
			ok = it.Next()
			continue
		}
		found = append(found[:0], it.Key()[:wanted]...)
		if err := visit(found[len(s.prefix):]); err != nil {
			return errors.Join(err, it.Close())
		}
		next := state.Successor(found)
		ok = next != nil && it.SeekGE(next)
	}
	if err := it.Close(); err != nil {
		return s.failed(err, "scan")
	}
	return nil
}
