package recordbatch

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/klauspost/compress/s2"
)

// Java clients frame snappy blocks, as snappy-java's SnappyOutputStream does: a header, then blocks with their lengths.
// Other clients write one block without a frame.
const snappyFrameBytes = 16

func snappyFrame() []byte { return []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0} }

func appendSnappy(dst, payload []byte) ([]byte, error) {
	if len(payload) < snappyFrameBytes || !bytes.HasPrefix(payload, snappyFrame()) {
		return appendSnappyBlock(dst, payload)
	}
	for rest := payload[snappyFrameBytes:]; len(rest) > 0; {
		const lengthBytes = 4
		if len(rest) < lengthBytes {
			return dst, corrupt("snappy: a block without a length")
		}
		n := binary.BigEndian.Uint32(rest)
		if rest = rest[lengthBytes:]; int64(n) > int64(len(rest)) {
			return dst, corrupt("snappy: a block of %d bytes, of which %d are there", n, len(rest))
		}
		var err error
		if dst, err = appendSnappyBlock(dst, rest[:n]); err != nil {
			return dst, err
		}
		rest = rest[n:]
	}
	return dst, nil
}

func appendSnappyBlock(dst, block []byte) ([]byte, error) {
	const mostGrowth = 64 // a copy of 64 bytes takes 2 or 3
	n, err := s2.DecodedLen(block)
	switch {
	case err != nil:
		return dst, corrupt("snappy: %v", err)
	case n > MaxUnpackedBytes || n > mostGrowth*len(block):
		return dst, corrupt("snappy: %d bytes that say they are %d", len(block), n)
	}
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	if _, err := s2.Decode(dst[at:at+n:at+n], block); err != nil {
		return dst[:at], corrupt("snappy: %v", err)
	}
	return dst, nil
}
