package aggregate

import (
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
)

const prefixWord = 8

// appendPrefix appends what the keys of a window begin with.
func (a *Aggregate) appendPrefix(dst []byte, t *table) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(t.end)^1<<63) //nolint:gosec // bits
	if a.config.WindowStart >= 0 {
		dst = binary.BigEndian.AppendUint64(dst, uint64(t.start)^1<<63) //nolint:gosec // bits
	}
	return dst
}

// prefixBytes is the length of what appendPrefix appends.
func (a *Aggregate) prefixBytes() int {
	if a.config.WindowStart >= 0 {
		return 2 * prefixWord
	}
	return prefixWord
}

// windowOf reads a prefix.
func (a *Aggregate) windowOf(prefix []byte) (end, start int64) {
	end = int64(binary.BigEndian.Uint64(prefix) ^ 1<<63) //nolint:gosec // bits
	if a.config.WindowStart >= 0 {
		start = int64(binary.BigEndian.Uint64(prefix[prefixWord:]) ^ 1<<63) //nolint:gosec // bits
	}
	return end, start
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the state of an aggregate holds %s", what).
		Do("drop the local state, so that it is restored from the changelog")
}
