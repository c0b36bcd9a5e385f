package aggregate

import (
	"hash/maphash"

	"github.com/millrace/millrace/runtime/accumulator"
)

// The words at the start of an entry, and the bits of its tag.
const (
	keyWord    = 0
	tagWord    = 1
	firstWord  = 2
	tagUsed    = 1 << 0
	tagNull    = 1 << 1 // the key is NULL: the one integer column is
	tagLive    = 1 << 2 // a row counted: an entry without one is none
	tagDirty   = 1 << 3 // not yet in the view as it is
	tagAgain   = 1 << 4 // a row counted in an entry that was live before, since the last eviction
	tagChanges = tagLive | tagDirty | tagAgain
	hashShift  = 32
	maxWords   = 1 << 32
	minEntries = 64
)

// table is the groups of one window: an open-addressing table of entries of `stride` words, all in one slice. Entries
// are named by the position of their first word, which stays until the table grows.
type table struct {
	end, start int64
	stride     int
	seed       maphash.Seed
	mask       int // number of entries, used or not, less one
	used       int
	accumulator.Memory
	// dirty are the entries with tagDirty.
	dirty []uint32
	// rows are those of the batch at hand that belong here.
	rows []int32
	// touched keeps the loads of touch from being left out.
	touched uint64
	// gone are the groups that may be in the view and are not in the table; nil is any, unless the table is whole.
	gone gone
	// next is, of a window that is being emitted from the state, the key in the view to go on with; nil for the others.
	next []byte
	// stored says that the view has entries of the window; whole that none of them is missing in the table.
	stored, whole bool
}

func newTable(stride int, seed maphash.Seed) *table {
	return &table{stride: stride, seed: seed, mask: -1, whole: true}
}

// bytes returns the memory that the table takes.
func (t *table) bytes() int {
	return 8*len(t.Words) + cap(t.Arena) + 4*cap(t.dirty) + 4*cap(t.rows) + t.gone.bytes()
}

// clear empties the table and gives its memory back.
func (t *table) clear() {
	t.Reset(false)
	t.dirty, t.rows, t.used, t.mask, t.gone = nil, nil, 0, -1, nil
}

// empty takes all entries out of the table and keeps its memory.
func (t *table) empty() {
	clear(t.Words)
	t.Arena, t.dirty, t.used = t.Arena[:0], t.dirty[:0], 0
}

// size returns how many entries the table has with room for n more used ones.
func (t *table) size(n int) int {
	entries := t.mask + 1
	if (t.used+n)*4 <= entries*3 {
		return entries
	}
	for entries = max(minEntries, entries*2); (t.used+n)*4 > entries*3; {
		entries *= 2
	}
	return entries
}

// growth returns the memory that reserve will take for n more entries.
func (t *table) growth(n int) int { return 8 * t.stride * (t.size(n) - t.mask - 1) }

// reserve makes room for n more entries and says whether there is: a table has at most 2^32 words.
func (t *table) reserve(n int) bool {
	entries := t.size(n)
	if entries == t.mask+1 {
		return true
	}
	if entries*t.stride >= maxWords {
		return false
	}
	old := t.Words
	t.Words, t.mask = make([]uint64, entries*t.stride), entries-1
	t.dirty = t.dirty[:0]
	for from := 0; from < len(old); from += t.stride {
		tag := old[from+tagWord]
		if tag == 0 {
			continue
		}
		slot := int(tag>>hashShift) & t.mask
		for t.Words[slot*t.stride+tagWord] != 0 {
			slot = (slot + 1) & t.mask
		}
		at := slot * t.stride
		copy(t.Words[at:at+t.stride], old[from:from+t.stride])
		if tag&tagDirty != 0 {
			t.dirty = append(t.dirty, uint32(at)) //nolint:gosec // below maxWords
		}
	}
	return true
}

// tagOf returns the tag of an entry whose key has a hash.
func tagOf(hash uint64) uint64 { return hash>>hashShift<<hashShift | tagUsed }

// touch loads the first entry that each of the tags looks at.
func (t *table) touch(tags []uint64) {
	var sum uint64
	for _, tag := range tags {
		sum += t.Words[(int(tag>>hashShift)&t.mask)*t.stride+tagWord]
	}
	t.touched = sum
}

// aheadEntries is the number of entries that are touched together.
const aheadEntries = 64

// ahead touches the entries that a loop over some, now at n, will come to, if the table is large.
func (t *table) ahead(entries []uint32, n int) {
	if n%aheadEntries != 0 || 8*len(t.Words) <= touchBytes {
		return
	}
	var sum uint64
	for _, at := range entries[n:min(n+aheadEntries, len(entries))] {
		sum += t.Words[at]
	}
	t.touched = sum
}

// findInt returns the entry of an integer key, made if it was not there; there must be room. The tag is that of the key's
// hash, with tagNull for NULL.
func (t *table) findInt(tag, key uint64) (at int, made bool) {
	for slot := int(tag>>hashShift) & t.mask; ; slot = (slot + 1) & t.mask {
		at = slot * t.stride
		e := t.Words[at : at+2 : at+2]
		if e[keyWord] == key && e[tagWord]&^tagChanges == tag {
			return at, false
		}
		if e[tagWord] == 0 {
			e[keyWord], e[tagWord] = key, tag
			t.used++
			return at, true
		}
	}
}

// findBytes returns the entry of an encoded key, made if it was not there; there must be room.
func (t *table) findBytes(tag uint64, key []byte) (at int, made bool) {
	for slot := int(tag>>hashShift) & t.mask; ; slot = (slot + 1) & t.mask {
		at = slot * t.stride
		e := t.Words[at : at+2 : at+2]
		if e[tagWord]&^tagChanges == tag && string(t.Text(e[keyWord])) == string(key) {
			return at, false
		}
		if e[tagWord] == 0 {
			e[keyWord], e[tagWord] = t.Keep(key), tag
			t.used++
			return at, true
		}
	}
}

// mark notes that a row counted in an entry.
func (t *table) mark(at uint32) {
	tag := &t.Words[at+tagWord]
	if *tag&tagDirty == 0 {
		t.dirty = append(t.dirty, at)
	}
	*tag |= tagDirty | tagLive | *tag&tagLive*(tagAgain/tagLive)
}
