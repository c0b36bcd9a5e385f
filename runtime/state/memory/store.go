package memory

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// store is a state.Store over what the backend keeps of a task.
type store struct {
	backend *Backend
	kept    *kept
	closed  bool
}

// Get returns the value of a key.
func (s *store) Get(key []byte) (value []byte, found bool, err error) {
	if s.closed {
		return nil, false, errClosed()
	}
	value, found = s.kept.table.get(key)
	return value, found, nil
}

// Scan visits the keys in [lower, upper).
func (s *store) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	if s.closed {
		return errClosed()
	}
	return s.kept.table.scan(lower, upper, visit)
}

// Apply makes the changes.
func (s *store) Apply(changes *state.Changes, at state.Position) error {
	if s.closed {
		return errClosed()
	}
	t := &s.kept.table
	err := changes.Each(func(kind state.OpKind, key, value []byte) error {
		switch kind {
		case state.OpPut:
			t.put(key, value)
		case state.OpDelete:
			t.delete(key)
		case state.OpDeleteRange:
			if len(value) == 0 {
				value = nil
			}
			t.deleteRange(key, value)
		default:
			return fault.New(fault.Bug, fault.Place{}, "unknown kind of write %d", kind)
		}
		return nil
	})
	if err != nil {
		return err
	}
	at.Meta = bytes.Clone(at.Meta)
	s.kept.position = at
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
