package accumulator

import (
	"encoding/binary"

	"github.com/millrace/millrace/runtime/fault"
)

// valueVersion is the first byte of stored accumulators. Those of version 1 are read as well: its SUM of integers had 8
// bytes alone, its AVG 16.
const (
	valueVersion    = 2
	valueVersionOld = 1
)

// AppendValue appends the accumulators of an entry.
//
//	version  1 byte: 2
//	each step in order:
//	  COUNT                   uvarint
//	  others                  uvarint count, which is 0 or 1 for the extremes; at 0 nothing follows
//	  SUM, AVG of integers    low half: 8 bytes little-endian, two's complement; varint: high half less the low one's sign
//	  SUM, AVG of DOUBLE      8 bytes little-endian, IEEE 754
//	  MIN and MAX             8 bytes little-endian; of byte strings uvarint length, bytes
func (s *Set) AppendValue(dst []byte, m *Memory, at uint32) []byte {
	dst = append(dst, valueVersion)
	for i := range s.steps {
		st := &s.steps[i]
		w := m.Words[int(at)+st.offset:]
		dst = binary.AppendUvarint(dst, w[0])
		switch {
		case st.op == opCount || w[0] == 0:
		case st.op == opSumInt || st.op == opAvgInt:
			dst = binary.LittleEndian.AppendUint64(dst, w[1])
			dst = binary.AppendVarint(dst, int64(w[2]-sign(w[1]))) //nolint:gosec // two's complement
		case st.op == opMinBytes || st.op == opMaxBytes:
			text := m.Text(w[1])
			dst = append(binary.AppendUvarint(dst, uint64(len(text))), text...)
		default:
			dst = binary.LittleEndian.AppendUint64(dst, w[1])
		}
	}
	return dst
}

// ReadValue sets the accumulators of an entry.
func (s *Set) ReadValue(value []byte, m *Memory, at uint32) error {
	if len(value) == 0 || value[0] != valueVersion && value[0] != valueVersionOld {
		return corrupt("an unknown layout of a group")
	}
	old, value := value[0] == valueVersionOld, value[1:]
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
		var ok bool
		if value, ok = st.read(value, old, m, w); !ok {
			return corrupt("a group that ends too early")
		}
	}
	if len(value) != 0 {
		return corrupt("a group that is too long")
	}
	return nil
}

// read sets the words behind the count and returns what follows them.
func (s *step) read(value []byte, old bool, m *Memory, w []uint64) (rest []byte, ok bool) {
	if s.op == opMinBytes || s.op == opMaxBytes {
		length, n := binary.Uvarint(value)
		if n <= 0 || length > uint64(len(value)-n) { //nolint:gosec // n is at most the length
			return nil, false
		}
		value = value[n:]
		w[1] = m.Keep(value[:length])
		return value[length:], true
	}
	if len(value) < 8 {
		return nil, false
	}
	w[1], value = binary.LittleEndian.Uint64(value), value[8:]
	switch {
	case s.op != opSumInt && s.op != opAvgInt:
		return value, true
	case old && s.op == opSumInt:
		w[2] = sign(w[1])
		return value, true
	case old && len(value) >= 8:
		w[2] = binary.LittleEndian.Uint64(value)
		return value[8:], true
	case old:
		return nil, false
	}
	high, n := binary.Varint(value)
	if n <= 0 {
		return nil, false
	}
	w[2] = sign(w[1]) + uint64(high) //nolint:gosec // two's complement
	return value[n:], true
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "the state of an aggregate holds %s", what).
		Do("drop the local state, so that it is restored from the changelog")
}
