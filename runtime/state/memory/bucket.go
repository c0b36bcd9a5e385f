package memory

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"hash/maphash"
	"slices"
	"sort"

	"github.com/millrace/millrace/runtime/fault"
)

const (
	// Entries lie in chunks, at multiples of unitBytes; a place is a chunk's number and the unit within.
	unitBytes   = 4
	chunkBytes  = 64 << 10
	unitBits    = 14 // chunkBytes / unitBytes
	maxChunks   = 1 << (32 - unitBits)
	firstChunk  = 256
	minSlots    = 8
	deadFlag    = 1
	minCompact  = chunkBytes
	placeOfSlot = 1<<32 - 1
)

// bucket is the keys that begin with a name: a hash table of what follows it. It is put in order when somebody scans.
//
//	slots (hash │ place) ─► chunk  …│ uvarint rest<<1 │ dead │ uvarint value │ rest of the key │ value │…
//
// A value of another length than before makes a new entry, and the old one is dead; when half of the chunks is, they are
// written anew.
type bucket struct {
	name []byte
	seed maphash.Seed
	// slots is an open-addressing table, its length a power of two: the hash's upper half above, the place below; 0 is free.
	slots []uint64
	used  int
	// chunks are cut at the end of their last entry.
	chunks     [][]byte
	size, dead int // bytes of all entries, and of the dead ones
	// order is the places of all entries by key, if ordered.
	order   []uint32
	ordered bool
}

func newBucket(name []byte, seed maphash.Seed) *bucket {
	// The first unit is no entry's, so that no slot with an entry is 0.
	return &bucket{
		name: bytes.Clone(name), seed: seed, slots: make([]uint64, minSlots),
		chunks: [][]byte{make([]byte, unitBytes, firstChunk)},
	}
}

func (b *bucket) hash(rest []byte) uint64 { return maphash.Bytes(b.seed, rest) >> 32 }

// touch loads what a look-up of a hash will need first.
func (b *bucket) touch(hash uint64) uint64 { return b.slots[int(hash)&(len(b.slots)-1)] } //nolint:gosec // masked

// touchEntry loads the entry that a look-up of a hash will most likely compare with.
func (b *bucket) touchEntry(hash uint64) byte {
	slot := b.touch(hash)
	if slot == 0 || slot>>32 != hash {
		return 0
	}
	place := uint32(slot & placeOfSlot)
	return b.chunks[place>>unitBits][place<<(32-unitBits)>>(32-unitBits)*unitBytes]
}

// entry is what lies at a place.
type entry struct {
	raw         []byte // from its first byte on
	rest, value []byte
	dead        bool
	size        int
}

func (b *bucket) at(place uint32) entry {
	raw := b.chunks[place>>unitBits][place<<(32-unitBits)>>(32-unitBits)*unitBytes:]
	if raw[0]|raw[1] < 0x80 { // both lengths are a byte
		head, end := 2+int(raw[0]>>1), 2+int(raw[0]>>1)+int(raw[1])
		return entry{raw, raw[2:head:head], raw[head:end:end], raw[0]&deadFlag != 0, end}
	}
	first, n := binary.Uvarint(raw)
	second, m := binary.Uvarint(raw[n:])
	head := n + m + int(first>>1)
	end := head + int(second) //nolint:gosec // written by add
	return entry{raw, raw[n+m : head : head], raw[head:end:end], first&deadFlag != 0, end}
}

// find returns the slot of a key, and its place or, if it is not there, 0.
func (b *bucket) find(hash uint64, rest []byte) (slot int, place uint32) {
	mask := len(b.slots) - 1
	for slot = int(hash) & mask; b.slots[slot] != 0; slot = (slot + 1) & mask { //nolint:gosec // masked
		if b.slots[slot]>>32 != hash {
			continue
		}
		place = uint32(b.slots[slot] & placeOfSlot)
		if string(b.at(place).rest) == string(rest) {
			return slot, place
		}
	}
	return slot, 0
}

func (b *bucket) get(rest []byte) (value []byte, found bool) {
	_, place := b.find(b.hash(rest), rest)
	if place == 0 {
		return nil, false
	}
	return b.at(place).value, true
}

func (b *bucket) put(hash uint64, rest, value []byte) error {
	slot, place := b.find(hash, rest)
	if place != 0 {
		e := b.at(place)
		if len(e.value) == len(value) {
			copy(e.value, value)
			return nil
		}
		b.bury(e)
	}
	made, err := b.add(rest, value)
	if err != nil {
		return err
	}
	b.slots[slot] = hash<<32 | uint64(made)
	if place == 0 {
		if b.used++; b.used*4 > len(b.slots)*3 {
			b.grow()
		}
	}
	return b.compact()
}

func (b *bucket) delete(rest []byte) error {
	slot, place := b.find(b.hash(rest), rest)
	if place == 0 {
		return nil
	}
	b.bury(b.at(place))
	b.free(slot)
	return b.compact()
}

// bury marks an entry as dead.
func (b *bucket) bury(e entry) {
	e.raw[0] |= deadFlag
	b.dead += e.size
	b.ordered = false
}

// free empties a slot and moves up those behind it that would no longer be found.
func (b *bucket) free(slot int) {
	mask := len(b.slots) - 1
	for next := (slot + 1) & mask; b.slots[next] != 0; next = (next + 1) & mask {
		home := int(b.slots[next]>>32) & mask
		if (next-home)&mask >= (next-slot)&mask {
			b.slots[slot] = b.slots[next]
			slot = next
		}
	}
	b.slots[slot] = 0
	b.used--
}

// grow doubles the slots.
func (b *bucket) grow() {
	old := b.slots
	b.slots = make([]uint64, 2*len(old))
	mask := len(b.slots) - 1
	for _, x := range old {
		if x == 0 {
			continue
		}
		slot := int(x>>32) & mask
		for b.slots[slot] != 0 {
			slot = (slot + 1) & mask
		}
		b.slots[slot] = x
	}
}

// add writes an entry behind the others.
func (b *bucket) add(rest, value []byte) (place uint32, err error) {
	most := 2*binary.MaxVarintLen32 + len(rest) + len(value)
	last := len(b.chunks) - 1
	c := b.chunks[last]
	from := (len(c) + unitBytes - 1) / unitBytes * unitBytes
	switch {
	case from+most <= cap(c):
	case last == 0 && from+most <= chunkBytes:
		c = append(make([]byte, 0, max(2*cap(c), from+most)), c...)
	default:
		if last+1 == maxChunks {
			return 0, fault.New(fault.Transient, fault.Place{}, "the state of one window is more than %d GiB", maxChunks*chunkBytes>>30).
				Do("keep state in pebble, or group by fewer keys")
		}
		last, from = last+1, 0
		c = make([]byte, 0, max(chunkBytes, most))
		b.chunks = append(b.chunks, nil)
	}
	c = binary.AppendUvarint(c[:from], uint64(len(rest))<<1)
	c = binary.AppendUvarint(c, uint64(len(value)))
	c = append(append(c, rest...), value...)
	b.chunks[last] = c
	b.size += len(c) - from
	b.ordered = false
	return uint32(last<<unitBits | from/unitBytes), nil //nolint:gosec // fewer than maxChunks
}

// each visits the living entries in the order in which they were written.
func (b *bucket) each(visit func(place uint32, e entry) error) error {
	at := unitBytes
	for i, c := range b.chunks {
		for at < len(c) {
			place := uint32(i<<unitBits | at/unitBytes) //nolint:gosec // fewer than maxChunks
			e := b.at(place)
			if !e.dead {
				if err := visit(place, e); err != nil {
					return err
				}
			}
			at = (at + e.size + unitBytes - 1) / unitBytes * unitBytes
		}
		at = 0
	}
	return nil
}

// compact writes the entries anew if half of them is dead.
func (b *bucket) compact() error {
	if b.dead < minCompact || b.dead*2 < b.size {
		return nil
	}
	made := newBucket(b.name, b.seed)
	for len(made.slots)*3 < b.used*4 {
		made.slots = make([]uint64, 2*len(made.slots))
	}
	err := b.each(func(_ uint32, e entry) error { return made.put(made.hash(e.rest), e.rest, e.value) })
	*b = *made
	return err
}

// sorted returns the places of the entries by key.
func (b *bucket) sorted() []uint32 {
	if b.ordered {
		return b.order
	}
	type item struct {
		head  uint64
		place uint32
	}
	items := make([]item, 0, b.used)
	_ = b.each(func(place uint32, e entry) error { // no error: the visit has none
		var head [8]byte
		copy(head[:], e.rest)
		items = append(items, item{binary.BigEndian.Uint64(head[:]), place})
		return nil
	})
	slices.SortFunc(items, func(x, y item) int {
		if c := cmp.Compare(x.head, y.head); c != 0 {
			return c
		}
		return bytes.Compare(b.at(x.place).rest, b.at(y.place).rest)
	})
	b.order, b.ordered = make([]uint32, len(items)), true
	for i := range items {
		b.order[i] = items[i].place
	}
	return b.order
}

// between returns the places of the entries in [lower, upper), by key. Both bounds are whole keys; a nil upper is the end.
func (b *bucket) between(lower, upper []byte) []uint32 {
	places := b.sorted()
	search := func(bound []byte) int {
		return sort.Search(len(places), func(i int) bool { return bytes.Compare(b.at(places[i]).rest, bound) >= 0 })
	}
	to := len(places)
	if bytes.HasPrefix(upper, b.name) && upper != nil {
		to = search(upper[len(b.name):])
	}
	from := 0
	if bytes.HasPrefix(lower, b.name) {
		from = search(lower[len(b.name):])
	}
	return places[from:max(from, to)]
}

// meets says whether the bucket may have keys in [lower, upper).
func (b *bucket) meets(lower, upper []byte) bool {
	return (upper == nil || bytes.Compare(b.name, upper) < 0) && (bytes.Compare(lower, b.name) <= 0 || bytes.HasPrefix(lower, b.name))
}

// within says whether all keys that the bucket could have are in [lower, upper).
func (b *bucket) within(lower, upper []byte) bool {
	return bytes.Compare(lower, b.name) <= 0 && (upper == nil || bytes.Compare(b.name, upper) < 0 && !bytes.HasPrefix(upper, b.name))
}
