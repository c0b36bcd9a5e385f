package state

import "encoding/binary"

// copyChunkBytes is the size of the pieces that a copy is made of: one large slice would be copied again each time it grew.
const copyChunkBytes = 1 << 20

// Copy is a Frozen in memory: chunks of uvarint key length, key, uvarint value length, value. The zero value is empty.
type Copy struct {
	at     Position
	chunks [][]byte
	size   int
}

// NewCopy returns an empty copy that stands at a position.
func NewCopy(at Position) *Copy { return &Copy{at: at} }

// Add copies a key, which comes after all others, and its value.
func (c *Copy) Add(key, value []byte) {
	most := 2*binary.MaxVarintLen32 + len(key) + len(value)
	last := len(c.chunks) - 1
	if last < 0 || len(c.chunks[last])+most > cap(c.chunks[last]) {
		c.chunks = append(c.chunks, make([]byte, 0, max(most, copyChunkBytes)))
		last++
	}
	b := binary.AppendUvarint(c.chunks[last], uint64(len(key)))
	b = append(b, key...)
	b = binary.AppendUvarint(b, uint64(len(value)))
	c.chunks[last] = append(b, value...)
	c.size += len(key) + len(value)
}

// Bytes returns the size of all keys and values.
func (c *Copy) Bytes() int { return c.size }

// Position says which commit it is.
func (c *Copy) Position() Position { return c.at }

// Each visits all keys.
func (c *Copy) Each(visit func(key, value []byte) error) error {
	for _, b := range c.chunks {
		for len(b) > 0 {
			var key, value []byte
			key, b = takeCopied(b)
			value, b = takeCopied(b)
			if err := visit(key, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// takeCopied takes what Add has written.
func takeCopied(b []byte) (taken, rest []byte) {
	n, used := binary.Uvarint(b)
	end := used + int(n) //nolint:gosec // a length
	return b[used:end:end], b[end:]
}

// Close drops the copy.
func (c *Copy) Close() error {
	c.chunks = nil
	return nil
}
