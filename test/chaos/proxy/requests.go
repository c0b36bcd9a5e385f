package proxy

import "encoding/binary"

// The numbers of the request that ends a transaction, and of the one by which a coordinator has markers written.
const (
	endTxn     = 26
	txnMarkers = 27
)

// requests finds the kinds of requests in the bytes that a client sends: each begins with its length in four bytes and its
// kind in two, whatever its version.
type requests struct {
	head []byte // of a request whose kind is not known yet
	left int64  // bytes of a request whose kind is
}

const headBytes = 6

// scan takes the bytes that come next, and says which of the two kinds of requests begin in them.
func (r *requests) scan(bytes []byte) (ends, markers bool) {
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
			return ends, markers
		}
		const kindBytes = 2
		r.left = int64(binary.BigEndian.Uint32(r.head)) - kindBytes
		switch binary.BigEndian.Uint16(r.head[4:]) {
		case endTxn:
			ends = true
		case txnMarkers:
			markers = true
		default:
		}
		r.head = r.head[:0]
	}
	return ends, markers
}
