package recordbatch

import (
	"encoding/binary"
	"slices"

	"github.com/pierrec/lz4/v4"
)

// The frame of lz4, https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md:
//
//	magic │ flags │ block sizes │ content size? │ dictionary? │ checksum │ blocks … │ 0 │ checksum?
//
// It is walked by hand, and each block is unpacked to where it belongs: the stream reader of the library copies every
// byte twice more and computes a checksum of the content, which is covered by the batch's own already.
const (
	lz4Magic       = 0x184D2204
	lz4HeadBytes   = 7
	lz4SizeBytes   = 4
	lz4MostGrowth  = 255 // a byte of length stands for that many
	lz4FirstGrowth = 4
	lz4Window      = 64 << 10

	lz4FlagDictionary    = 0x01
	lz4FlagContentSize   = 0x08
	lz4FlagBlockChecksum = 0x10
	lz4FlagVersion       = 0x40
	lz4Stored            = 1 << 31
)

func appendLZ4(dst, payload []byte) ([]byte, error) {
	blocks, checksumBytes, blockBytes, err := lz4Head(payload)
	if err != nil {
		return dst, err
	}
	begin := len(dst)
	for {
		if len(blocks) < lz4SizeBytes {
			return dst, corrupt("lz4: a frame without an end")
		}
		size := binary.LittleEndian.Uint32(blocks)
		blocks = blocks[lz4SizeBytes:]
		if size == 0 {
			return dst, nil // a checksum of the content may follow
		}
		n := int(size &^ lz4Stored)
		if n > blockBytes || n+checksumBytes > len(blocks) {
			return dst, corrupt("lz4: a block of %d bytes, of which %d are there", n, len(blocks))
		}
		if size&lz4Stored != 0 {
			dst = append(dst, blocks[:n]...)
		} else if dst, err = appendLZ4Block(dst, begin, blocks[:n], blockBytes); err != nil {
			return dst, err
		}
		if len(dst)-begin > MaxUnpackedBytes {
			return dst, tooLarge()
		}
		blocks = blocks[n+checksumBytes:]
	}
}

// lz4Head reads the frame's header and returns the blocks, the length of the checksum behind each, and their largest
// size.
func lz4Head(payload []byte) (blocks []byte, checksumBytes, blockBytes int, err error) {
	if len(payload) < lz4HeadBytes || binary.LittleEndian.Uint32(payload) != lz4Magic {
		return nil, 0, 0, corrupt("lz4: no frame")
	}
	flags, sizes, head := payload[4], payload[5]>>4&7, lz4HeadBytes
	if flags&0xc0 != lz4FlagVersion || flags&lz4FlagDictionary != 0 || sizes < 4 {
		return nil, 0, 0, corrupt("lz4: a frame with the flags %02x %02x", flags, payload[5])
	}
	if flags&lz4FlagContentSize != 0 {
		head += 8
	}
	if flags&lz4FlagBlockChecksum != 0 {
		checksumBytes = 4
	}
	if len(payload) < head {
		return nil, 0, 0, corrupt("lz4: no frame")
	}
	return payload[head:], checksumBytes, 1 << (8 + 2*sizes), nil
}

// appendLZ4Block unpacks a block. Blocks may refer to what was unpacked before them, from begin on. Its size is nowhere
// to be read, and the largest possible one is often far from it: so what room there is comes first.
func appendLZ4Block(dst []byte, begin int, block []byte, blockBytes int) ([]byte, error) {
	at := len(dst)
	most := min(blockBytes, lz4MostGrowth*len(block))
	for room := min(most, max(cap(dst)-at, lz4FirstGrowth*len(block))); ; room = min(most, lz4FirstGrowth*room) {
		dst = slices.Grow(dst, room)
		n, err := lz4.UncompressBlockWithDict(block, dst[at:at+room], dst[max(begin, at-lz4Window):at])
		switch {
		case err == nil:
			return dst[:at+n], nil
		case room == most:
			return dst[:at], corrupt("lz4: %v", err)
		}
	}
}
