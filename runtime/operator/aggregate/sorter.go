package aggregate

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// radixEntries is the number of entries from where sorting by digits is faster than by comparing.
const radixEntries = 256

// sorter lists the live entries of a table in the order of their encoded keys.
type sorter struct {
	entries       []uint32
	items, spares []sortItem
}

// sortItem is an entry with the beginning of its key as a number: of an integer all of it, its sign flipped.
type sortItem struct {
	key   uint64
	entry uint32
}

// sort lists the entries of t; ints says that keys are integers, of which NULL is the first. What it returns is valid
// until the next sort.
func (s *sorter) sort(t *table, ints bool) []uint32 {
	s.entries, s.items = slices.Grow(s.entries[:0], t.used), slices.Grow(s.items[:0], t.used)
	for at := 0; at < len(t.Words); at += t.stride {
		tag := t.Words[at+tagWord]
		switch {
		case tag&tagLive == 0:
		case !ints:
			s.items = append(s.items, sortItem{beginning(t.Text(t.Words[at+keyWord])), uint32(at)})
		case tag&tagNull != 0:
			s.entries = append(s.entries, uint32(at))
		default:
			s.items = append(s.items, sortItem{t.Words[at+keyWord] ^ 1<<63, uint32(at)})
		}
	}
	switch {
	case !ints:
		slices.SortFunc(s.items, func(x, y sortItem) int {
			if c := cmp.Compare(x.key, y.key); c != 0 {
				return c
			}
			return bytes.Compare(t.Text(t.Words[x.entry+keyWord]), t.Text(t.Words[y.entry+keyWord]))
		})
	case len(s.items) < radixEntries:
		slices.SortFunc(s.items, func(x, y sortItem) int { return cmp.Compare(x.key, y.key) })
	default:
		s.byDigits()
	}
	for _, item := range s.items {
		s.entries = append(s.entries, item.entry)
	}
	return s.entries
}

// beginning returns the first eight bytes of a key as a number that orders as they do.
func beginning(key []byte) uint64 {
	var b [8]byte
	copy(b[:], key)
	return binary.BigEndian.Uint64(b[:])
}

// byDigits sorts the items byte by byte from the lowest, leaving out the bytes in which all are equal.
func (s *sorter) byDigits() {
	var counts [8][256]uint32
	for _, item := range s.items {
		for d := range counts {
			counts[d][item.key>>(8*d)&0xff]++
		}
	}
	s.spares = slices.Grow(s.spares[:0], len(s.items))[:len(s.items)]
	for d := range counts {
		count := &counts[d]
		if int(count[s.items[0].key>>(8*d)&0xff]) == len(s.items) {
			continue
		}
		next := uint32(0)
		for i, n := range count {
			count[i], next = next, next+n
		}
		for _, item := range s.items {
			digit := item.key >> (8 * d) & 0xff
			s.spares[count[digit]] = item
			count[digit]++
		}
		s.items, s.spares = s.spares, s.items
	}
}
