package session

import "github.com/millrace/millrace/runtime/accumulator"

// The words at the start of an entry, and the bits of its tag.
const (
	keyWord   = 0 // the key if it is an integer, else the place of the encoded key in the arena
	tagWord   = 1
	nextWord  = 2 // the next older session of the key; in a free entry the next free one; 0 is none
	fromWord  = 3 // where the session's interval begins
	startWord = 4 // the time of its first row
	lastWord  = 5 // the time of its last row
	firstWord = 6

	tagUsed   = 1 << 0
	tagNull   = 1 << 1 // the key is NULL: the one integer column is
	tagDirty  = 1 << 2 // of a key's newest session: the state's record of the key is not what is here
	tagStored = 1 << 3 // of a key's newest session: the state has a record of the key
	tagDead   = 1 << 4 // joined to another; freed when its timer is looked at
	hashShift = 32
	maxWords  = 1 << 32
	minSlots  = 64
)

// table is the sessions in memory. Entry 0, at word 0, is scratch, so that 0 can stand for none.
type table struct {
	accumulator.Memory
	stride int
	slots  []uint64 // hash (32 bits) │ the first word of the key's newest session; 0 is empty
	keys   int      // slots taken
	live   int      // entries taken, dead ones included
	free   uint32
	// dirty are entries with tagDirty, and others that have lost it.
	dirty []uint32
}

func newTable(stride int) table {
	return table{stride: stride, Memory: accumulator.Memory{Words: make([]uint64, stride)}, slots: make([]uint64, minSlots)}
}

// bytes returns the memory that the table takes.
func (t *table) bytes() int { return 8*cap(t.Words) + cap(t.Arena) + 8*len(t.slots) + 4*cap(t.dirty) }

// reserve makes room for n more keys and says whether there is.
func (t *table) reserve(n int) bool {
	if len(t.Words)+n*t.stride >= maxWords {
		return false
	}
	size := len(t.slots)
	if (t.keys+n)*4 <= size*3 {
		return true
	}
	for (t.keys+n)*4 > size*3 {
		size *= 2
	}
	old := t.slots
	t.slots = make([]uint64, size)
	mask := size - 1
	for _, x := range old {
		if x == 0 {
			continue
		}
		p := int(x>>hashShift) & mask
		for t.slots[p] != 0 {
			p = (p + 1) & mask
		}
		t.slots[p] = x
	}
	return true
}

// findInt returns the slot of an integer key and its newest session; 0 and an empty slot when there is none.
func (t *table) findInt(hash, key, null uint64) (slot int, at uint32) {
	mask := len(t.slots) - 1
	for p := int(hash>>hashShift) & mask; ; p = (p + 1) & mask {
		x := t.slots[p]
		if x == 0 {
			return p, 0
		}
		if (x^hash)>>hashShift == 0 {
			at := uint32(x) //nolint:gosec // the low half
			if e := t.Words[at : at+2 : at+2]; e[keyWord] == key && e[tagWord]&tagNull == null {
				return p, at
			}
		}
	}
}

// findBytes is findInt for an encoded key.
func (t *table) findBytes(hash uint64, key []byte) (slot int, at uint32) {
	mask := len(t.slots) - 1
	for p := int(hash>>hashShift) & mask; ; p = (p + 1) & mask {
		x := t.slots[p]
		if x == 0 {
			return p, 0
		}
		if (x^hash)>>hashShift == 0 {
			at := uint32(x) //nolint:gosec // the low half
			if string(t.Text(t.Words[at+keyWord])) == string(key) {
				return p, at
			}
		}
	}
}

// slotOf returns the slot of the key of an entry that is in the table.
func (t *table) slotOf(at uint32) int {
	hash, mask := t.Words[at+tagWord], len(t.slots)-1
	for p := int(hash>>hashShift) & mask; ; p = (p + 1) & mask {
		x := t.slots[p]
		if (x^hash)>>hashShift != 0 {
			continue
		}
		for e := uint32(x); e != 0; e = t.next(e) { //nolint:gosec // the low half
			if e == at {
				return p
			}
		}
	}
}

// point makes an entry the newest session of a slot's key. What is said of the key goes over to it.
func (t *table) point(slot int, at uint32) {
	const ofKey = tagDirty | tagStored
	if old := uint32(t.slots[slot]); old != 0 { //nolint:gosec // the low half
		if t.Words[old+tagWord]&tagDirty != 0 {
			t.dirty = append(t.dirty, at)
		}
		t.Words[at+tagWord] |= t.Words[old+tagWord] & ofKey
		t.Words[old+tagWord] &^= ofKey
	} else {
		t.keys++
	}
	t.slots[slot] = t.Words[at+tagWord]>>hashShift<<hashShift | uint64(at)
}

// vacate empties a slot, and moves back those that had given way to it.
func (t *table) vacate(slot int) {
	mask := len(t.slots) - 1
	for p := (slot + 1) & mask; t.slots[p] != 0; p = (p + 1) & mask {
		home := int(t.slots[p]>>hashShift) & mask
		if (p-home)&mask >= (p-slot)&mask {
			t.slots[slot] = t.slots[p]
			slot = p
		}
	}
	t.slots[slot] = 0
	t.keys--
}

// alloc returns an empty entry.
func (t *table) alloc() uint32 {
	t.live++
	if at := t.free; at != 0 {
		t.free = t.next(at)
		clear(t.Words[at : int(at)+t.stride])
		return at
	}
	at := len(t.Words)
	if at+t.stride > cap(t.Words) {
		grown := make([]uint64, at, max(minSlots*t.stride, at+at/2))
		copy(grown, t.Words)
		t.Words = grown
	}
	t.Words = t.Words[:at+t.stride]
	clear(t.Words[at:])
	return uint32(at) //nolint:gosec // below maxWords, says reserve
}

// release gives an entry back.
func (t *table) release(at uint32) {
	t.live--
	t.Words[at+tagWord] = 0
	t.setNext(at, t.free)
	t.free = at
}

// unlink takes a session from its key's chain and returns the newest that is left, or 0. What was said of a key that
// is left with none stays in the entry.
func (t *table) unlink(at uint32) (newest uint32) {
	slot := t.slotOf(at)
	newest = uint32(t.slots[slot]) //nolint:gosec // the low half
	switch {
	case newest != at:
		before := newest
		for t.next(before) != at {
			before = t.next(before)
		}
		t.setNext(before, t.next(at))
		return newest
	case t.next(at) != 0:
		t.point(slot, t.next(at))
		return t.next(at)
	default:
		t.vacate(slot)
		return 0
	}
}

// mark notes that the state's record of a key is not what is here.
func (t *table) mark(newest uint32) {
	if tag := &t.Words[newest+tagWord]; *tag&tagDirty == 0 {
		*tag |= tagDirty
		t.dirty = append(t.dirty, newest)
	}
}

func (t *table) next(at uint32) uint32 { return uint32(t.Words[at+nextWord]) } //nolint:gosec // a place
func (t *table) setNext(at, to uint32) { t.Words[at+nextWord] = uint64(to) }
func (t *table) from(at uint32) int64  { return int64(t.Words[at+fromWord]) }  //nolint:gosec // bits
func (t *table) start(at uint32) int64 { return int64(t.Words[at+startWord]) } //nolint:gosec // bits
func (t *table) last(at uint32) int64  { return int64(t.Words[at+lastWord]) }  //nolint:gosec // bits
func (t *table) dead(at uint32) bool   { return t.Words[at+tagWord]&tagDead != 0 }
