package proxy

import "encoding/binary"

// endTxn is the number of the request that ends a transaction.
const endTxn = 26

// requests finds the kinds of requests in the bytes that a client sends: each begins with its length in four bytes and its
// kind in two, whatever its version.
type requests struct {
	head []byte // of a request whose kind is not known yet
	left int64  // bytes of a request whose kind is
}

const headBytes = 6

// scan takes the bytes that come next, and says whether a request of the kind begins in them.
func (r *requests) scan(bytes []byte, kind int16) (found bool) {
	for len(bytes) > 0 {
		if r.left > 0 {
			n := min(r.left, int64(len(bytes)))
			r.left -= n
			bytes = bytes[n:]
			continue
		}
		n := min(headBytes-len(r.head), len(bytes))
		r.head = append(r.head, bytes[:n]...)
		bytes = bytes[n:]
		if len(r.head) < headBytes {
			return found
		}
		const kindBytes = 2
		r.left = int64(binary.BigEndian.Uint32(r.head)) - kindBytes
		found = found || binary.BigEndian.Uint16(r.head[4:]) == uint16(kind)
		r.head = r.head[:0]
	}
	return found
}
