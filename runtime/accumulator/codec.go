package accumulator

import (
	"encoding/binary"
	"math"

	"github.com/millrace/millrace/runtime/fault"
)

// valueVersion is the first byte of stored accumulators.
const valueVersion = 1

// AppendValue appends the accumulators of an entry.
//
//	version  1 byte: 1
//	each step in order:
//	  COUNT                   uvarint
//	  others                  uvarint count, which is 0 or 1 for the extremes; at 0 nothing follows
//	  SUM of integers         8 bytes little-endian, two's complement
//	  SUM and AVG of DOUBLE   8 bytes little-endian, IEEE 754
//	  AVG of integers         16 bytes little-endian, two's complement
//	  MIN and MAX             8 bytes little-endian; of byte strings uvarint length, bytes
func (s *Set) AppendValue(dst []byte, m *Memory, at uint32) []byte {
	dst = append(dst, valueVersion)
	for i := range s.steps {
		st := &s.steps[i]
		w := m.Words[int(at)+st.offset:]
		dst = binary.AppendUvarint(dst, w[0])
		switch {
		case st.op == opCount || w[0] == 0:
		case st.op == opAvgInt:
			dst = binary.LittleEndian.AppendUint64(dst, w[1])
			dst = binary.LittleEndian.AppendUint64(dst, w[2])
		case st.op == opMinBytes || st.op == opMaxBytes:
			text := m.Text(w[1])
			dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
		default:
			dst = binary.LittleEndian.AppendUint64(dst, w[1])
		}
	}
	return dst
}

// ReadValue sets the accumulators of an entry and widens the memory's bounds.
func (s *Set) ReadValue(value []byte, m *Memory, at uint32) error {
	if len(value) == 0 || value[0] != valueVersion {
		return corrupt("an unknown layout of a group")
	}
	value = value[1:]
	for i := range s.steps {
		st := &s.steps[i]
		w := m.Words[int(at)+st.offset:]
		count, n := binary.Uvarint(value)
		if n <= 0 {
			return corrupt("a group that ends too early")
		}
		value = value[n:]
		if w[0] = count; st.op == opCount || count == 0 {
			continue
		}
		if st.op == opMinBytes || st.op == opMaxBytes {
			length, n := binary.Uvarint(value)
			if n <= 0 || length > uint64(len(value)-n) { //nolint:gosec // n is at most the length
				return corrupt("a group that ends too early")
			}
			value = value[n:]
			w[1] = m.Keep(value[:length])
			value = value[length:]
			continue
		}
		for k := 1; k < st.op.words(); k++ {
			if len(value) < 8 {
				return corrupt("a group that ends too early")
			}
			w[k] = binary.LittleEndian.Uint64(value)
			value = value[8:]
		}
		m.boundStored(st.op, w)
	}
	if len(value) != 0 {
		return corrupt("a group that is too long")
	}
	return nil
}

// boundStored widens the memory's bounds by a SUM that was read.
func (m *Memory) boundStored(o op, w []uint64) {
	switch o {
	case opSumInt:
		sum := int64(w[1])                    //nolint:gosec // bits
		m.addBound(uint64(max(sum, -sum)), 0) //nolint:gosec // the lowest integer gives 2^63
	case opSumFloat:
		m.addBound(0, math.Abs(math.Float64frombits(w[1])))
	default:
	}
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the state of an aggregate holds %s", what).
		Do("drop the local state, so that it is restored from the changelog")
}
