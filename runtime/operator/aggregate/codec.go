package aggregate

import (
	"encoding/binary"
	"math"

	"github.com/millrace/millrace/runtime/fault"
)

// valueVersion is the first byte of a stored group.
const valueVersion = 1

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

// appendValue appends the accumulators of an entry.
//
//	version  1 byte: 1
//	each step in order:
//	  COUNT                   uvarint
//	  others                  uvarint count, which is 0 or 1 for the extremes; at 0 nothing follows
//	  SUM of integers         8 bytes little-endian, two's complement
//	  SUM and AVG of DOUBLE   8 bytes little-endian, IEEE 754
//	  AVG of integers         16 bytes little-endian, two's complement
//	  MIN and MAX             8 bytes little-endian; of byte strings uvarint length, bytes
func (a *Aggregate) appendValue(dst []byte, t *table, at uint32) []byte {
	dst = append(dst, valueVersion)
	for i := range a.steps {
		s := &a.steps[i]
		w := t.words[int(at)+s.offset:]
		dst = binary.AppendUvarint(dst, w[0])
		switch {
		case s.op == opCount || w[0] == 0:
		case s.op == opAvgInt:
			dst = binary.LittleEndian.AppendUint64(dst, w[1])
			dst = binary.LittleEndian.AppendUint64(dst, w[2])
		case s.op == opMinBytes || s.op == opMaxBytes:
			text := t.text(w[1])
			dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
		default:
			dst = binary.LittleEndian.AppendUint64(dst, w[1])
		}
	}
	return dst
}

// readValue sets the accumulators of an entry and widens the table's bounds.
func (a *Aggregate) readValue(value []byte, t *table, at uint32) error {
	if len(value) == 0 || value[0] != valueVersion {
		return corrupt("an unknown layout of a group")
	}
	value = value[1:]
	for i := range a.steps {
		s := &a.steps[i]
		w := t.words[int(at)+s.offset:]
		count, n := binary.Uvarint(value)
		if n <= 0 {
			return corrupt("a group that ends too early")
		}
		value = value[n:]
		if w[0] = count; s.op == opCount || count == 0 {
			continue
		}
		if s.op == opMinBytes || s.op == opMaxBytes {
			length, n := binary.Uvarint(value)
			if n <= 0 || length > uint64(len(value)-n) { //nolint:gosec // n is at most the length
				return corrupt("a group that ends too early")
			}
			value = value[n:]
			w[1] = t.keep(value[:length])
			value = value[length:]
			continue
		}
		for k := 1; k < s.op.words(); k++ {
			if len(value) < 8 {
				return corrupt("a group that ends too early")
			}
			w[k] = binary.LittleEndian.Uint64(value)
			value = value[8:]
		}
		t.boundStored(s, w)
	}
	if len(value) != 0 {
		return corrupt("a group that is too long")
	}
	return nil
}

// boundStored widens the table's bounds by a SUM that was read.
func (t *table) boundStored(s *step, w []uint64) {
	switch s.op {
	case opSumInt:
		sum := int64(w[1])                    //nolint:gosec // bits
		t.addBound(uint64(max(sum, -sum)), 0) //nolint:gosec // the lowest integer gives 2^63
	case opSumFloat:
		t.addBound(0, math.Abs(math.Float64frombits(w[1])))
	default:
	}
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the state of an aggregate holds %s", what).
		Do("drop the local state, so that it is restored from the changelog")
}
