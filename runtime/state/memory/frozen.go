package memory

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// Freeze copies the content.
func (s *store) Freeze(maxCopyBytes int) (state.Frozen, error) {
	if s.closed {
		return nil, errClosed()
	}
	c := state.NewCopy(s.kept.position)
	err := s.kept.data.scan(nil, nil, func(key, value []byte) error {
		if c.Bytes()+len(key)+len(value) > maxCopyBytes {
			return fault.New(fault.User, fault.Place{}, "the state of a task in memory is more than %d bytes, the most that is copied for a snapshot", maxCopyBytes).
				Do("keep state in pebble, or raise maxParallelism so that tasks are smaller")
		}
		c.Add(key, value)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return c, nil
}
