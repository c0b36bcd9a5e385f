package aggregate

import (
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
)

const prefixWord = 8

// appendWindow appends what the keys of a window begin with.
func (c *Config) appendWindow(dst []byte, end, start int64) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(end)^1<<63) //nolint:gosec // bits
	if c.WindowStart >= 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(start)^1<<63) //nolint:gosec // bits
	}
	return dst
}

// prefixBytes is the length of what appendWindow appends.
func (c *Config) prefixBytes() int {
	if c.WindowStart >= 0 {
		return 2 * prefixWord
	}
	return prefixWord
}

// windowOf reads the beginning of a key.
func (c *Config) windowOf(prefix []byte) (end, start int64) {
	end = int64(binary.BigEndian.Uint64(prefix) ^ 1<<63) //nolint:gosec // bits
	if c.WindowStart >= 0 {
		start = int64(binary.BigEndian.Uint64(prefix[prefixWord:]) ^ 1<<63) //nolint:gosec // bits
	}
	return end, start
}

// appendPrefix appends what the keys of a table's window begin with.
func (a *Aggregate) appendPrefix(dst []byte, t *table) []byte {
	return a.config.appendWindow(dst, t.end, t.start)
}

func (a *Aggregate) prefixBytes() int { return a.config.prefixBytes() }

func (a *Aggregate) windowOf(prefix []byte) (end, start int64) { return a.config.windowOf(prefix) }

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the state of an aggregate holds %s", what).
		Do("drop the local state, so that it is restored from the changelog")
}
