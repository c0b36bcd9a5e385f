package watermark

import (
	"encoding/binary"
	"math"
)

const (
	flagIdle byte = 1
	flagCut  byte = 2 // a uvarint follows: the cut
)

// AppendFlags appends what a channel says besides its watermark: a byte, and behind it the cut where there is one.
func AppendFlags(dst []byte, idle bool, cut int64) []byte {
	flags := byte(0)
	if idle {
		flags |= flagIdle
	}
	if cut == 0 {
		return append(dst, flags)
	}
	return binary.AppendUvarint(append(dst, flags|flagCut), uint64(cut)) //nolint:gosec // cuts are not negative
}

// TakeFlags reads what AppendFlags has appended, and returns its length, 0 for damage.
func TakeFlags(b []byte) (idle bool, cut int64, n int) {
	if len(b) == 0 || b[0]&^(flagIdle|flagCut) != 0 {
		return false, 0, 0
	}
	idle = b[0]&flagIdle != 0
	if b[0]&flagCut == 0 {
		return idle, 0, 1
	}
	x, k := binary.Uvarint(b[1:])
	if k <= 0 || x == 0 || x > math.MaxInt64 {
		return false, 0, 0
	}
	return idle, int64(x), 1 + k
}
