package recordbatch

import "encoding/binary"

// longVarint is varint for the numbers that are rare.
func longVarint(b []byte) (int64, []byte) {
	v, n := binary.Varint(b)
	if n <= 0 {
		return -2, nil
	}
	return v, b[n:]
}
