package memory

import (
	"bytes"
	"slices"
	"sort"
)

// blockEntries is the size at which a block is split in two.
const blockEntries = 256

// pair is a key and its value in one piece of memory.
type pair struct{ key, value []byte }

// table is an ordered map of byte strings: sorted blocks of sorted pairs, none empty.
type table struct{ blocks [][]pair }

// find returns the block that key belongs to, its place there, and whether it is there. An empty table has no block.
func (t *table) find(key []byte) (block, place int, found bool) {
	block = sort.Search(len(t.blocks), func(i int) bool { return bytes.Compare(t.blocks[i][0].key, key) > 0 })
	block = max(block-1, 0)
	if len(t.blocks) == 0 {
		return 0, 0, false
	}
	entries := t.blocks[block]
	place = sort.Search(len(entries), func(i int) bool { return bytes.Compare(entries[i].key, key) >= 0 })
	return block, place, place < len(entries) && bytes.Equal(entries[place].key, key)
}

func (t *table) get(key []byte) (value []byte, found bool) {
	block, place, found := t.find(key)
	if !found {
		return nil, false
	}
	return t.blocks[block][place].value, true
}

func (t *table) put(key, value []byte) {
	block, place, found := t.find(key)
	if found {
		e := &t.blocks[block][place]
		if len(e.value) == len(value) {
			copy(e.value, value)
		} else {
			e.value = append([]byte{}, value...)
		}
		return
	}
	both := make([]byte, 0, len(key)+len(value))
	both = append(append(both, key...), value...)
	e := pair{both[:len(key):len(key)], both[len(key):]}
	if len(t.blocks) == 0 {
		t.blocks = append(t.blocks, []pair{e})
		return
	}
	entries := slices.Insert(t.blocks[block], place, e)
	if len(entries) < blockEntries {
		t.blocks[block] = entries
		return
	}
	// Keys often arrive in order; then the left half stays full and is not cut in two.
	cut := len(entries) / 2
	if place == len(entries)-1 {
		cut = place
	}
	right := slices.Clone(entries[cut:])
	clear(entries[cut:])
	t.blocks[block] = entries[:cut]
	t.blocks = slices.Insert(t.blocks, block+1, right)
}

func (t *table) delete(key []byte) {
	block, place, found := t.find(key)
	if !found {
		return
	}
	t.blocks[block] = slices.Delete(t.blocks[block], place, place+1)
	if len(t.blocks[block]) == 0 {
		t.blocks = slices.Delete(t.blocks, block, block+1)
	}
}

// deleteRange removes [lower, upper); a nil upper is the end.
func (t *table) deleteRange(lower, upper []byte) {
	first, _, _ := t.find(lower)
	kept := t.blocks[:first]
	for i := first; i < len(t.blocks); i++ {
		entries := t.blocks[i]
		from, to := bounds(entries, lower, upper)
		if entries = slices.Delete(entries, from, to); len(entries) > 0 {
			kept = append(kept, entries)
		}
	}
	clear(t.blocks[len(kept):])
	t.blocks = kept
}

func (t *table) scan(lower, upper []byte, visit func(key, value []byte) error) error {
	first, _, _ := t.find(lower)
	for i := first; i < len(t.blocks); i++ {
		from, to := bounds(t.blocks[i], lower, upper)
		if from == to && i > first {
			return nil
		}
		for _, e := range t.blocks[i][from:to] {
			if err := visit(e.key, e.value); err != nil {
				return err
			}
		}
	}
	return nil
}

// bounds returns the places of [lower, upper) in a block.
func bounds(entries []pair, lower, upper []byte) (from, to int) {
	from = sort.Search(len(entries), func(i int) bool { return bytes.Compare(entries[i].key, lower) >= 0 })
	if upper == nil {
		return from, len(entries)
	}
	to = sort.Search(len(entries), func(i int) bool { return bytes.Compare(entries[i].key, upper) >= 0 })
	return from, max(from, to)
}
