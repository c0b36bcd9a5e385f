package memory

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// aheadWrites is the number of writes that are looked up together, so that the processor waits for many cache lines at once.
const aheadWrites = 64

// store is a state.Store over what the backend keeps of a task.
type store struct {
	backend *Backend
	kept    *kept
	closed  bool
	// ahead are writes to buckets that have not been made yet.
	ahead []write
	// touched keeps the loops that only read from being left out.
	touched uint64
}

// write is a Put into a bucket.
type write struct {
	bucket      *bucket
	hash        uint64
	rest, value []byte
}

// Bucket gives the keys that begin with prefix and share length bytes more a hash table of their own.
func (s *store) Bucket(prefix []byte, length int) error {
	if s.closed {
		return errClosed()
	}
	return s.kept.data.declare(prefix, length)
}

// Get returns the value of a key.
func (s *store) Get(key []byte) (value []byte, found bool, err error) {
	if s.closed {
		return nil, false, errClosed()
	}
	value, found = s.kept.data.get(key)
	return value, found, nil
}

// Scan visits the keys in [lower, upper).
func (s *store) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	if s.closed {
		return errClosed()
	}
	return s.kept.data.scan(lower, upper, visit)
}

// Apply makes the changes.
func (s *store) Apply(changes *state.Changes, at state.Position) error {
	if s.closed {
		return errClosed()
	}
	err := changes.Each(s.apply)
	if err == nil {
		err = s.write()
	}
	if err != nil {
		return err
	}
	at.Meta = bytes.Clone(at.Meta)
	s.kept.position = at
	return nil
}

// apply makes one change, or puts it to those ahead.
func (s *store) apply(kind state.OpKind, key, value []byte) error {
	d := &s.kept.data
	if kind == state.OpPut {
		p := d.space(key)
		if p == nil {
			d.table.put(key, value)
			return nil
		}
		b, rest := p.bucket(key), p.rest(key)
		if s.ahead = append(s.ahead, write{b, b.hash(rest), rest, value}); len(s.ahead) < aheadWrites {
			return nil
		}
		return s.write()
	}
	if err := s.write(); err != nil {
		return err
	}
	switch kind {
	case state.OpDelete:
		return d.delete(key)
	case state.OpDeleteRange:
		if len(value) == 0 {
			value = nil
		}
		return d.deleteRange(key, value)
	default:
		return fault.New(fault.Bug, fault.Place{}, "unknown kind of write %d", kind)
	}
}

// write makes the writes ahead.
func (s *store) write() error {
	for i := range s.ahead {
		s.touched += s.ahead[i].bucket.touch(s.ahead[i].hash)
	}
	for i := range s.ahead {
		s.touched += uint64(s.ahead[i].bucket.touchEntry(s.ahead[i].hash))
	}
	for i := range s.ahead {
		w := &s.ahead[i]
		if err := w.bucket.put(w.hash, w.rest, w.value); err != nil {
			return err
		}
	}
	clear(s.ahead)
	s.ahead = s.ahead[:0]
	return nil
}

// Position returns what the last Apply said.
func (s *store) Position() state.Position { return s.kept.position }

// Close leaves the data with the backend.
func (s *store) Close() error {
	s.backend.mu.Lock()
	defer s.backend.mu.Unlock()
	if !s.closed {
		s.closed, s.kept.open = true, false
	}
	return nil
}

func errClosed() error { return fault.New(fault.Bug, fault.Place{}, "a closed state store is used") }
