package watermark

import (
	"encoding/binary"
	"math"
)

const (
	saidIdle  byte = 1
	saidOwner byte = 2 // a uvarint follows: the owner
	saidCut   byte = 4 // a uvarint follows, behind the owner's: the cut
)

// AppendSaid appends what a mark says besides its channel and watermark: a byte, and behind it the owner and the cut where
// there are any.
func (m Mark) AppendSaid(dst []byte) []byte {
	at := len(dst)
	dst = append(dst, 0)
	if m.Idle {
		dst[at] |= saidIdle
	}
	if m.Owner > 0 {
		dst[at] |= saidOwner
		dst = binary.AppendUvarint(dst, uint64(m.Owner))
	}
	if m.Cut > 0 {
		dst[at] |= saidCut
		dst = binary.AppendUvarint(dst, uint64(m.Cut))
	}
	return dst
}

// TakeSaid reads what AppendSaid wrote, and returns what follows it.
func (m *Mark) TakeSaid(b []byte) (rest []byte, ok bool) {
	if len(b) == 0 || b[0]&^(saidIdle|saidOwner|saidCut) != 0 {
		return nil, false
	}
	flags, rest := b[0], b[1:]
	m.Idle, m.Owner, m.Cut = flags&saidIdle != 0, 0, 0
	if flags&saidOwner != 0 {
		if m.Owner, rest, ok = takeNumber(rest); !ok {
			return nil, false
		}
	}
	if flags&saidCut != 0 {
		if m.Cut, rest, ok = takeNumber(rest); !ok {
			return nil, false
		}
	}
	return rest, true
}

// takeNumber reads a number above 0.
func takeNumber(b []byte) (x int64, rest []byte, ok bool) {
	n, k := binary.Uvarint(b)
	if k <= 0 || n == 0 || n > math.MaxInt64 {
		return 0, nil, false
	}
	return int64(n), b[k:], true
}
