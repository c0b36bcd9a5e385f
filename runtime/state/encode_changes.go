package state

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/millrace/millrace/runtime/fault"
)

// changesVersion is the first byte of encoded changes.
const changesVersion = 1

// Encode appends all writes in one block. DecodeChanges reads it.
//
//	version   1 byte: 1
//	count     uvarint
//	kinds     count bytes (OpKind)
//	keys      count × uvarint: lengths
//	values    count × uvarint: lengths (0 for a delete; of the upper bound for a range, 0 meaning the end)
//	bytes     all keys, then all values
//	crc       4 bytes little-endian: CRC-32C of everything before, version included
func (c *Changes) Encode(dst []byte) []byte {
	dst, _ = c.EncodeFrom(dst, 0, maxChangesBytes)
	return dst
}

// EncodeFrom appends one block with the writes from position from on, as many as fit into maxBytes but at least one,
// and returns the position to go on with, or -1 when all are written. Blocks are replayed in the order in which they
// were made. Positions are only good for this function.
func (c *Changes) EncodeFrom(dst []byte, from, maxBytes int) (block []byte, next int) {
	start := len(dst)
	to, count := c.blockEnd(from, maxBytes)
	dst = append(dst, changesVersion)
	dst = binary.AppendUvarint(dst, uint64(count)) //nolint:gosec // a count is not negative
	ops := c.ops[from:to]
	for i := range ops {
		if ops[i].kind != opSuperseded {
			dst = append(dst, byte(ops[i].kind))
		}
	}
	for i := range ops {
		if ops[i].kind != opSuperseded {
			dst = binary.AppendUvarint(dst, uint64(ops[i].keyEnd-ops[i].keyStart))
		}
	}
	for i := range ops {
		if ops[i].kind != opSuperseded {
			dst = binary.AppendUvarint(dst, uint64(ops[i].valueEnd-ops[i].keyEnd))
		}
	}
	for i := range ops {
		if ops[i].kind != opSuperseded {
			dst = append(dst, c.data[ops[i].keyStart:ops[i].keyEnd]...)
		}
	}
	for i := range ops {
		if ops[i].kind != opSuperseded {
			dst = append(dst, c.data[ops[i].keyEnd:ops[i].valueEnd]...)
		}
	}
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[start:], crc32.MakeTable(crc32.Castagnoli)))
	if to == len(c.ops) {
		return dst, -1
	}
	return dst, to
}

// blockEnd returns the end of a block that begins at from, and its number of writes.
func (c *Changes) blockEnd(from, maxBytes int) (to, count int) {
	const header, perOp = 1 + binary.MaxVarintLen64 + 4, 1 + 2*binary.MaxVarintLen32
	size := header
	for to = from; to < len(c.ops); to++ {
		o := &c.ops[to]
		if o.kind == opSuperseded {
			continue
		}
		size += perOp + int(o.valueEnd-o.keyStart)
		if count > 0 && size > maxBytes {
			return to, count
		}
		count++
	}
	return to, count
}

// DecodeChanges reads one block and adds its writes to dst. A block that is not whole is a Corrupt error and leaves dst
// as it was.
func DecodeChanges(block []byte, dst *Changes) error {
	r, err := openBlock(block)
	if err != nil {
		return err
	}
	kinds := r.rest[:r.count]
	keys := r.rest[r.count:]
	values, keyBytes, err := skipLengths(keys, r.count)
	if err != nil {
		return err
	}
	data, valueBytes, err := skipLengths(values, r.count)
	if err != nil {
		return err
	}
	if keyBytes+valueBytes != uint64(len(data)) {
		return corrupt("lengths do not add up")
	}
	valueData := data[keyBytes:]
	for _, k := range kinds {
		if k < byte(OpPut) || k > byte(OpDeleteRange) {
			return corrupt("unknown kind of write")
		}
	}
	for _, k := range kinds {
		var key, value []byte
		key, keys, data = takeBytes(keys, data)
		value, values, valueData = takeBytes(values, valueData)
		if err := dst.add(OpKind(k), key, value); err != nil {
			return err
		}
	}
	return nil
}

type blockReader struct {
	rest  []byte
	count int
}

func openBlock(block []byte) (blockReader, error) {
	if len(block) < 6 {
		return blockReader{}, corrupt("block too short")
	}
	body, sum := block[:len(block)-4], binary.LittleEndian.Uint32(block[len(block)-4:])
	if crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)) != sum {
		return blockReader{}, corrupt("checksum differs")
	}
	if body[0] != changesVersion {
		return blockReader{}, fault.New(fault.Corrupt, fault.Place{}, "state changes of layout version %d, this build reads %d", body[0], changesVersion)
	}
	count, n := binary.Uvarint(body[1:])
	if n <= 0 || count > uint64(len(body)) || int(count) > len(body)-1-n { //nolint:gosec // compared with the length before
		return blockReader{}, corrupt("bad count")
	}
	return blockReader{rest: body[1+n:], count: int(count)}, nil //nolint:gosec // compared with the length before
}

// skipLengths walks over count lengths and returns what follows, and their sum.
func skipLengths(b []byte, count int) (rest []byte, sum uint64, err error) {
	for range count {
		n, used := binary.Uvarint(b)
		if used <= 0 || n > maxChangesBytes {
			return nil, 0, corrupt("bad length")
		}
		b, sum = b[used:], sum+n
	}
	return b, sum, nil
}

// takeBytes takes one length and its bytes; both were checked before.
func takeBytes(lengths, data []byte) (value, restLengths, restData []byte) {
	n, used := binary.Uvarint(lengths)
	return data[:n], lengths[used:], data[n:]
}

func corrupt(what string) error {
	return fault.New(fault.Corrupt, fault.Place{}, "state changes: %s", what)
}
