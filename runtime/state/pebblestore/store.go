package pebblestore

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/cockroachdb/pebble/v2"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// positionVersion is the first byte of a stored position.
const positionVersion = 1

// store is one task's part of the database.
type store struct {
	backend       *Backend
	task          string
	prefix, upper []byte
	positionKey   []byte
	position      state.Position
	closed        bool
	// points looks keys up in what was there when it was made; nil where there was no look since the last write. It holds on to
	// memtables: whoever has read and does not write soon says Rest.
	points *pebble.Iterator

	// scratch
	key, end []byte
}

// Get returns the value of a key. An iterator looks at the filters of the lowest level, too, where most of the keys are that are
// not there; Pebble's own Get does not.
func (s *store) Get(key []byte) (value []byte, found bool, err error) {
	if s.closed {
		return nil, false, errClosed()
	}
	if s.points == nil {
		if s.points, err = s.backend.db.NewIter(&pebble.IterOptions{LowerBound: s.prefix, UpperBound: s.upper, UseL6Filters: true}); err != nil {
			s.points = nil
			return nil, false, s.failed(err, "read")
		}
	}
	s.key = s.full(s.key, key)
	if !s.points.SeekPrefixGE(s.key) {
		if err := s.points.Error(); err != nil {
			return nil, false, s.failed(err, "read")
		}
		return nil, false, nil
	}
	if value, err = s.points.ValueAndErr(); err != nil {
		return nil, false, s.failed(err, "read")
	}
	return value, true, nil
}

// Rest ends the looking up of keys in what was there.
func (s *store) Rest() error {
	if s.points == nil {
		return nil
	}
	err := s.points.Close()
	s.points = nil
	if err != nil {
		return s.failed(err, "read")
	}
	return nil
}

// Scan visits the keys in [lower, upper).
func (s *store) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	if s.closed {
		return errClosed()
	}
	bounds := &pebble.IterOptions{LowerBound: s.full(nil, lower), UpperBound: s.upper}
	if upper != nil {
		bounds.UpperBound = s.full(nil, upper)
	}
	it, err := s.backend.db.NewIter(bounds)
	if err != nil {
		return s.failed(err, "scan")
	}
	for ok := it.First(); ok; ok = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return errors.Join(s.failed(err, "scan"), it.Close())
		}
		if err := visit(it.Key()[len(s.prefix):], value); err != nil {
			return errors.Join(err, it.Close())
		}
	}
	if err := it.Close(); err != nil {
		return s.failed(err, "scan")
	}
	return nil
}

// Apply writes changes and position as one batch. It is durable, all of it, once a later flush is.
func (s *store) Apply(changes *state.Changes, at state.Position) error {
	if s.closed {
		return errClosed()
	}
	if err := errors.Join(s.Rest(), s.backend.damage.check(s.task)); err != nil {
		return err
	}
	b := s.backend.db.NewBatchWithSize(changes.Bytes() + changes.Len()*(len(s.prefix)+8))
	err := changes.Each(func(kind state.OpKind, key, value []byte) error {
		s.key = s.full(s.key, key)
		switch kind {
		case state.OpPut:
			return b.Set(s.key, value, nil)
		case state.OpDelete:
			return b.Delete(s.key, nil)
		case state.OpDeleteRange:
			upper := s.upper
			if len(value) > 0 {
				s.end = s.full(s.end, value)
				upper = s.end
			}
			return b.DeleteRange(s.key, upper, nil)
		default:
			return fault.New(fault.Bug, fault.Place{}, "unknown kind of write %d", kind)
		}
	})
	if err == nil {
		err = b.Set(s.positionKey, appendPosition(nil, at), nil)
	}
	if err == nil {
		err = s.backend.db.Apply(b, pebble.NoSync)
	}
	if err = errors.Join(err, b.Close()); err != nil {
		return s.failed(err, "write")
	}
	at.Meta = slices.Clone(at.Meta)
	s.position = at
	return nil
}

// Position returns what the last Apply said.
func (s *store) Position() state.Position { return s.position }

// Close releases the task; its data stay.
func (s *store) Close() error {
	s.backend.mu.Lock()
	defer s.backend.mu.Unlock()
	s.closed = true
	delete(s.backend.open, s.task)
	return s.Rest()
}

func (s *store) full(dst, key []byte) []byte { return append(append(dst[:0], s.prefix...), key...) }

func appendPosition(dst []byte, at state.Position) []byte {
	dst = append(dst, positionVersion)
	dst = binary.AppendVarint(dst, at.Offset)
	dst = binary.AppendVarint(dst, at.Commit)
	return append(dst, at.Meta...)
}

func (s *store) readPosition() error {
	b, closer, err := s.backend.db.Get(s.positionKey)
	if errors.Is(err, pebble.ErrNotFound) {
		return nil
	}
	if err != nil {
		return s.failed(err, "read the position")
	}
	at, ok := decodePosition(b)
	at.Meta = slices.Clone(at.Meta)
	if err := closer.Close(); err != nil {
		return s.failed(err, "read the position")
	}
	if !ok {
		return fault.New(fault.Corrupt, fault.Place{}, "the position of task %s is unreadable", s.task).Do("drop the task's local state")
	}
	s.position = at
	return nil
}

// decodePosition reads a stored position, whose Meta is part of what is read.
func decodePosition(b []byte) (at state.Position, ok bool) {
	if len(b) == 0 || b[0] != positionVersion {
		return at, false
	}
	var n, m int
	if at.Offset, n = binary.Varint(b[1:]); n <= 0 {
		return at, false
	}
	if at.Commit, m = binary.Varint(b[1+n:]); m <= 0 {
		return at, false
	}
	at.Meta = b[1+n+m:]
	return at, true
}

// failed classifies an error of Pebble. The caller's own errors pass.
func (s *store) failed(err error, doing string) error {
	if fault.KindOf(err) != fault.Unknown {
		return err
	}
	if damaged := s.backend.damage.check(s.task); damaged != nil && pebble.IsCorruptionError(err) {
		return damaged
	}
	kind := fault.Transient
	if pebble.IsCorruptionError(err) {
		kind = fault.Corrupt
	}
	return fault.Wrap(kind, err, "%s the state of task %s", doing, s.task)
}

func errClosed() error { return fault.New(fault.Bug, fault.Place{}, "a closed state store is used") }
