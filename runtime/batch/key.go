package batch

import (
	"encoding/binary"
	"math"

	"github.com/millrace/millrace/runtime/types"
)

// The first byte of each column's part of a key. The numbers and layouts are for ever: keys are hashed to choose a
// partition, and are stored in state.
const (
	keyNull  = 0 // nothing follows
	keyBool  = 1 // 1 byte, 0 or 1
	keyInt64 = 2 // 8 bytes big-endian, the sign bit flipped
	keyFloat = 3 // 8 bytes big-endian, IEEE 754: all bits flipped if negative, else the sign bit; -0 as 0, one NaN
	keyBytes = 4 // uvarint length, then the bytes
)

const signBit = 1 << 63

// AppendKey appends the encoding of the given columns of one row. Two rows have the same encoding exactly if all
// columns are equal in the sense of GROUP BY: NULL equals NULL, NaN equals NaN, -0 equals 0, and an INT equals a BIGINT
// of its value. No encoding is the beginning of another of the same columns. For all but byte strings the order of the
// encodings is that of the values, NULL first.
func AppendKey(dst []byte, columns []Vector, keys []int, row int) []byte {
	for _, c := range keys {
		dst = columns[c].AppendKey(dst, row)
	}
	return dst
}

// AppendKey appends the encoding of one row's value, as the function of that name does for several columns.
func (v *Vector) AppendKey(dst []byte, row int) []byte {
	if v.IsNull(row) {
		return append(dst, keyNull)
	}
	switch v.Kind.Storage() {
	case types.StoreBool:
		if v.Bool[row] {
			return append(dst, keyBool, 1)
		}
		return append(dst, keyBool, 0)
	case types.StoreInt64:
		return AppendInt64Key(dst, v.Int64[row])
	case types.StoreFloat64:
		return binary.BigEndian.AppendUint64(append(dst, keyFloat), floatKey(v.Float64[row]))
	case types.StoreBytes:
		b := v.Bytes(row)
		return append(binary.AppendUvarint(append(dst, keyBytes), uint64(len(b))), b...)
	case types.StoreNone:
		return append(dst, keyNull)
	default:
		return append(dst, keyNull)
	}
}

// AppendInt64Key appends the encoding of a value of integer storage.
func AppendInt64Key(dst []byte, x int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, keyInt64), uint64(x)^signBit) //nolint:gosec // bits
}

// AppendNullKey appends the encoding of NULL.
func AppendNullKey(dst []byte) []byte { return append(dst, keyNull) }

// AppendFromKey adds the value at the start of an encoded key and returns what follows it. It is not ok, and adds
// nothing, when that is not the encoding of a value of the vector's kind.
func (v *Vector) AppendFromKey(key []byte) (rest []byte, ok bool) {
	if len(key) == 0 {
		return nil, false
	}
	tag, rest := key[0], key[1:]
	storage := v.Kind.Storage()
	switch {
	case tag == keyNull:
		v.AppendNull()
		return rest, true
	case tag == keyBool && storage == types.StoreBool && len(rest) >= 1:
		v.AppendBool(rest[0] != 0)
		return rest[1:], true
	case tag == keyInt64 && storage == types.StoreInt64 && len(rest) >= 8:
		v.AppendInt64(int64(binary.BigEndian.Uint64(rest) ^ signBit)) //nolint:gosec // bits
		return rest[8:], true
	case tag == keyFloat && storage == types.StoreFloat64 && len(rest) >= 8:
		v.AppendFloat64(floatOfKey(binary.BigEndian.Uint64(rest)))
		return rest[8:], true
	case tag == keyBytes && storage == types.StoreBytes:
		return v.appendTextFromKey(rest)
	default:
		return nil, false
	}
}

// Int64FromKey returns the value of a key of one column of integer storage. It is not ok when key is no such.
func Int64FromKey(key []byte) (x int64, null, ok bool) {
	switch {
	case len(key) == 1 && key[0] == keyNull:
		return 0, true, true
	case len(key) == 9 && key[0] == keyInt64:
		return int64(binary.BigEndian.Uint64(key[1:]) ^ signBit), false, true //nolint:gosec // bits
	default:
		return 0, false, false
	}
}

func (v *Vector) appendTextFromKey(key []byte) (rest []byte, ok bool) {
	n, used := binary.Uvarint(key)
	if used <= 0 || n > uint64(len(key)-used) { //nolint:gosec // used is at most the length
		return nil, false
	}
	key = key[used:]
	v.AppendBytes(key[:n])
	return key[n:], true
}

func floatKey(x float64) uint64 {
	if x == 0 {
		x = 0 // of two signs one
	}
	if math.IsNaN(x) {
		return math.MaxUint64
	}
	bits := math.Float64bits(x)
	if bits&signBit != 0 {
		return ^bits
	}
	return bits | signBit
}

func floatOfKey(key uint64) float64 {
	switch {
	case key == math.MaxUint64:
		return math.NaN()
	case key&signBit != 0:
		return math.Float64frombits(key &^ signBit)
	default:
		return math.Float64frombits(^key)
	}
}
