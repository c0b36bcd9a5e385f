package snapshot

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/s2"
)

// fileHead begins each file: its kind and layout version.
const fileHead = "mrs\x01"

// file collects sorted keys with their values.
//
//	head     4 bytes
//	s2 block: count × ( uvarint bytes shared with the key before │ uvarint bytes of the rest │ uvarint bytes of the value │ rest │ value )
//
// It has no checksum of its own: the manifest has one.
type file struct {
	raw   []byte
	last  []byte
	keys  int64
	bytes int64 // of keys and values
}

func (f *file) add(key, value []byte) {
	shared := commonPrefix(f.last, key)
	f.raw = binary.AppendUvarint(f.raw, uint64(shared)) //nolint:gosec // a length
	f.raw = binary.AppendUvarint(f.raw, uint64(len(key)-shared))
	f.raw = binary.AppendUvarint(f.raw, uint64(len(value)))
	f.raw = append(append(f.raw, key[shared:]...), value...)
	f.last = append(f.last[:0], key...)
	f.keys++
	f.bytes += int64(len(key) + len(value))
}

func (f *file) reset() { f.raw, f.last, f.keys, f.bytes = f.raw[:0], f.last[:0], 0, 0 }

// encode returns the file's bytes, the same for the same keys and values.
func (f *file) encode() []byte {
	b := make([]byte, len(fileHead)+s2.MaxEncodedLen(len(f.raw)))
	copy(b, fileHead)
	block := s2.Encode(b[len(fileHead):], f.raw)
	return b[:len(fileHead)+len(block)]
}

// decodeFile visits what a file holds. The blob is the one that the manifest means, its checksum was compared; what is
// wrong nevertheless was written wrong.
func decodeFile(name string, blob []byte, of File, visit func(key, value []byte) error) error {
	if !bytes.HasPrefix(blob, []byte(fileHead)) {
		return corrupt(name, "it does not begin as a file of a snapshot")
	}
	block := blob[len(fileHead):]
	const overhead = 3 * binary.MaxVarintLen64
	if n, err := s2.DecodedLen(block); err != nil || int64(n) > of.Bytes+of.Keys*overhead {
		return corrupt(name, "it is larger than the manifest says")
	}
	raw, err := s2.Decode(nil, block)
	if err != nil {
		return corrupt(name, "%v", err)
	}
	var key []byte
	for keys := int64(0); ; keys++ {
		if len(raw) == 0 {
			if keys != of.Keys {
				return corrupt(name, "it has %d keys, the manifest says %d", keys, of.Keys)
			}
			return nil
		}
		shared, n := binary.Uvarint(raw)
		rest, m := binary.Uvarint(raw[max(n, 0):])
		size, k := binary.Uvarint(raw[max(n, 0)+max(m, 0):])
		if n <= 0 || m <= 0 || k <= 0 || shared > uint64(len(key)) {
			return corrupt(name, "entry %d is damaged", keys)
		}
		raw = raw[n+m+k:]
		if rest > uint64(len(raw)) || size > uint64(len(raw))-rest {
			return corrupt(name, "entry %d is damaged", keys)
		}
		key = append(key[:shared], raw[:rest]...)
		value := raw[rest : rest+size : rest+size]
		raw = raw[rest+size:]
		if err := visit(key, value); err != nil {
			return err
		}
	}
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// cutter says where a file ends. It goes by the next key alone, weighted with the entry's size: a change of one key moves
// the ends next to it at most, and all other files are again what they were. Two bounds keep files from becoming too
// small and too large.
type cutter struct{ leastBytes, meanBytes, mostBytes int64 }

func newCutter(meanBytes int) cutter {
	const fraction, multiple = 4, 4
	mean := int64(meanBytes)
	return cutter{mean / fraction, mean, mean * multiple}
}

// before says whether the file ends before an entry.
func (c cutter) before(f *file, key, value []byte) bool {
	size := int64(len(key) + len(value))
	switch {
	case f.keys == 0 || f.bytes < c.leastBytes:
		return false
	case f.bytes+size > c.mostBytes:
		return true
	}
	const golden = 0x9E3779B97F4A7C15 // spreads the checksums of neighbours
	h := uint64(crc32.Checksum(key, crc32.MakeTable(crc32.Castagnoli))) * golden >> 32
	return h*uint64(c.meanBytes) < uint64(size)<<32 //nolint:gosec // both are positive
}
