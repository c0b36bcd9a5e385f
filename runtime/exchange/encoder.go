package exchange

import (
	"encoding/binary"
	"hash/crc32"
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

const (
	layoutVersion byte = 1
	layoutSaid    byte = 2 // as 1, and marks state owners or cuts: a reader of 1 alone must not miss them
	flagNulls     byte = 1
	crcBytes           = 4
	// maxColumnOverhead is what a column takes besides its values and NULL bits: kind, flags, base and width.
	maxColumnOverhead = 11
)

// encoder appends records. It keeps scratch memory.
type encoder struct {
	ints   []int64
	crc    *crc32.Table
	kinds  []byte
	fixed  int   // bytes of a row's fixed-width values and NULL marks, at most
	varied []int // positions of the columns with lengths of their own
}

func newEncoder(kinds []types.Kind) encoder {
	e := encoder{crc: crc32.MakeTable(crc32.Castagnoli)}
	for i, k := range kinds {
		e.kinds = append(e.kinds, wireKind(k))
		switch k.Storage() {
		case types.StoreBool:
			e.fixed += 2
		case types.StoreBytes:
			e.fixed += 5 // a length takes 4 bytes
			e.varied = append(e.varied, i)
		case types.StoreInt64, types.StoreFloat64, types.StoreNone:
			e.fixed += 9
		}
	}
	return e
}

// rowBytes returns an upper bound of a row's part of a record.
func (e *encoder) rowBytes(b *batch.Batch, row int) int {
	n := e.fixed
	for _, c := range e.varied {
		if v := &b.Columns[c]; !v.IsNull(row) {
			n += int(v.Views[row].Length)
		}
	}
	return n
}

// bound returns an upper bound of the size of a record with rows of these bytes.
func (e *encoder) bound(marks, rowBytes int) int {
	const header = 1 + 5*binary.MaxVarintLen64
	return header + marks*(binary.MaxVarintLen32+1+3*binary.MaxVarintLen64) + len(e.kinds)*maxColumnOverhead + rowBytes + crcBytes
}

// append appends a record with all rows of b, whose selection is not looked at.
func (e *encoder) append(dst []byte, h Header, b *batch.Batch) []byte {
	start := len(dst)
	dst = append(dst, h.layout())
	dst = binary.AppendUvarint(dst, uint64(h.JobEpoch)) //nolint:gosec // epochs are not negative
	dst = binary.AppendUvarint(dst, uint64(h.Channels)) //nolint:gosec // a count
	dst = binary.AppendUvarint(dst, uint64(len(h.Marks)))
	for _, m := range h.Marks {
		dst = binary.AppendUvarint(dst, uint64(m.Channel)) //nolint:gosec // a partition number
		dst = m.AppendSaid(dst)
		dst = binary.AppendVarint(dst, int64(m.Watermark))
	}
	dst = binary.AppendUvarint(dst, uint64(h.Rows)) //nolint:gosec // a count
	dst = binary.AppendUvarint(dst, uint64(len(e.kinds)))
	for c := range e.kinds {
		dst = e.appendColumn(dst, e.kinds[c], &b.Columns[c], h.Rows)
	}
	return binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], e.crc))
}

func (e *encoder) appendColumn(dst []byte, kind byte, v *batch.Vector, rows int) []byte {
	nulls := v.Null
	if nulls == nil {
		dst = append(dst, kind, 0)
	} else {
		dst = appendBits(append(dst, kind, flagNulls), nulls[:rows])
	}
	switch v.Kind.Storage() {
	case types.StoreBool:
		return appendBits(dst, v.Bool[:rows])
	case types.StoreInt64:
		return e.appendInts(dst, v.Int64[:rows], nulls)
	case types.StoreFloat64:
		for _, f := range v.Float64[:rows] {
			dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
		}
		return dst
	case types.StoreBytes:
		return e.appendStrings(dst, v, rows)
	case types.StoreNone:
		return dst
	default:
		return dst
	}
}

func (e *encoder) appendStrings(dst []byte, v *batch.Vector, rows int) []byte {
	lengths := e.ints[:0]
	for i := range rows {
		n := int64(0)
		if !v.IsNull(i) {
			n = int64(v.Views[i].Length)
		}
		lengths = append(lengths, n)
	}
	dst = e.appendInts(dst, lengths, nil)
	e.ints = lengths
	for i := range rows {
		if !v.IsNull(i) {
			dst = append(dst, v.Bytes(i)...)
		}
	}
	return dst
}

// appendInts writes values as distances from the smallest, in as few bytes as all of them need. The value of a NULL is
// written as the smallest.
func (e *encoder) appendInts(dst []byte, values []int64, nulls []bool) []byte {
	low, width := spread(values, nulls)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(low)) //nolint:gosec // the bits are meant
	dst = append(dst, width)
	if nulls != nil {
		e.ints = append(e.ints[:0], values...)
		for i := range e.ints {
			if nulls[i] {
				e.ints[i] = low
			}
		}
		values = e.ints
	}
	switch width {
	case 1:
		for _, x := range values {
			dst = append(dst, byte(x-low)) //nolint:gosec // fits by the width
		}
	case 2:
		for _, x := range values {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(x-low)) //nolint:gosec // fits by the width
		}
	case 4:
		for _, x := range values {
			dst = binary.LittleEndian.AppendUint32(dst, uint32(x-low)) //nolint:gosec // fits by the width
		}
	case 8:
		for _, x := range values {
			dst = binary.LittleEndian.AppendUint64(dst, uint64(x-low)) //nolint:gosec // the bits are meant
		}
	}
	return dst
}

// spread returns the smallest value and the width of the largest distance from it.
func spread(values []int64, nulls []bool) (low int64, width byte) {
	low, high := int64(math.MaxInt64), int64(math.MinInt64)
	for i, x := range values {
		if nulls == nil || !nulls[i] {
			low, high = min(low, x), max(high, x)
		}
	}
	if low > high { // no value at all
		return 0, 0
	}
	return low, widthOf(uint64(high) - uint64(low)) //nolint:gosec // distances wrap
}

func widthOf(distance uint64) byte {
	switch {
	case distance == 0:
		return 0
	case distance <= math.MaxUint8:
		return 1
	case distance <= math.MaxUint16:
		return 2
	case distance <= math.MaxUint32:
		return 4
	default:
		return 8
	}
}

func appendBits(dst []byte, marks []bool) []byte {
	for len(marks) > 0 {
		var x byte
		n := min(8, len(marks))
		for i, m := range marks[:n] {
			x |= bit(m) << i
		}
		dst, marks = append(dst, x), marks[n:]
	}
	return dst
}

func bit(m bool) byte {
	if m {
		return 1
	}
	return 0
}
