package session

// A table that is larger than the caches costs a wait for memory at each entry. These loops read what a later loop will
// need, one row independently of the other, so that the waits overlap; what they return is of no use but to be returned.

// touchKeys reads the slots of hashes, and the entries that they name.
func (t *table) touchKeys(hashes []uint64) (sum uint64) {
	mask := len(t.slots) - 1
	for _, h := range hashes {
		sum += t.Words[uint32(t.slots[int(h>>hashShift)&mask])] //nolint:gosec // the low half
	}
	return sum
}

// touchSlots reads the slots of entries.
func (t *table) touchSlots(entries []uint32) (sum uint64) {
	mask := len(t.slots) - 1
	for _, at := range entries {
		sum += t.slots[int(t.Words[at+tagWord]>>hashShift)&mask]
	}
	return sum
}

// touchEntries reads entries.
func (t *table) touchEntries(entries []uint32) (sum uint64) {
	for _, at := range entries {
		sum += t.Words[at+lastWord]
	}
	return sum
}
