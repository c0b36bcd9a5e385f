package memory

import (
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/state"
)

// frozenChunkBytes is the size of the pieces that a copy is made of: one large slice would be copied again each time it grew.
const frozenChunkBytes = 1 << 20

// frozen is a copy of a store's content: chunks of uvarint key length, key, uvarint value length, value.
type frozen struct {
	position state.Position
	chunks   [][]byte
}

// Freeze copies the content.
func (s *store) Freeze(maxCopyBytes int) (state.Frozen, error) {
	if s.closed {
		return nil, errClosed()
	}
	f := &frozen{position: s.kept.position}
	size := 0
	err := s.kept.data.scan(nil, nil, func(key, value []byte) error {
		if size += len(key) + len(value); size > maxCopyBytes {
			return fault.New(fault.User, fault.Place{}, "the state of a task in memory is more than %d bytes, the most that is copied for a snapshot", maxCopyBytes).
				Do("keep state in pebble, or raise maxParallelism so that tasks are smaller")
		}
		f.add(key, value)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (f *frozen) add(key, value []byte) {
	most := 2*binary.MaxVarintLen32 + len(key) + len(value)
	last := len(f.chunks) - 1
	if last < 0 || len(f.chunks[last])+most > cap(f.chunks[last]) {
		f.chunks = append(f.chunks, make([]byte, 0, max(most, frozenChunkBytes)))
		last++
	}
	c := binary.AppendUvarint(f.chunks[last], uint64(len(key)))
	c = append(c, key...)
	c = binary.AppendUvarint(c, uint64(len(value)))
	f.chunks[last] = append(c, value...)
}

// Position says which commit it is.
func (f *frozen) Position() state.Position { return f.position }

// Each visits all keys.
func (f *frozen) Each(visit func(key, value []byte) error) error {
	for _, c := range f.chunks {
		for len(c) > 0 {
			var key, value []byte
			key, c = takeBytes(c)
			value, c = takeBytes(c)
			if err := visit(key, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeBytes takes what add has written.
func takeBytes(c []byte) (taken, rest []byte) {
	n, used := binary.Uvarint(c)
	end := used + int(n) //nolint:gosec // a length
	return c[used:end:end], c[end:]
}

// Close drops the copy.
func (f *frozen) Close() error {
	f.chunks = nil
	return nil
}
