package aggregate

// keptShare is the part of a table's entries, one of so many, that an eviction leaves at most.
const keptShare = 2

// bound returns the memory that the tables may take now.
func (a *Aggregate) bound() int {
	if a.config.MemoryBound != nil {
		if b := a.config.MemoryBound(); b != 0 {
			return max(b, minMemoryBytes)
		}
	}
	return a.config.MemoryBytes
}

// memory returns what the tables take.
func (a *Aggregate) memory() int {
	total := a.bytes()
	if a.slide != nil {
		total += a.slide.totals.bytes()
	}
	return total
}

// makeRoom keeps the tables within the memory bound once they have the rows that were chosen, as far as it can be told before. A table that
// doubles is there twice while it does.
func (a *Aggregate) makeRoom() error {
	growth := 0
	for _, t := range a.touched {
		growth += t.growth(len(t.rows))
	}
	if growth == 0 {
		return nil
	}
	return a.shrink(growth)
}

// shrink keeps the tables, and so many bytes more, within the memory bound: it writes what changed, and then evicts what is cold, down to
// half of the bound, from those tables first that fire last. Groups that went are read from the view when they are touched again.
func (a *Aggregate) shrink(more int) error {
	bound := a.bound()
	total := a.memory()
	if total+more <= bound {
		return nil
	}
	if err := a.Flush(); err != nil {
		return err
	}
	for i := len(a.tables) - 1; i >= 0 && total > bound/2; i-- {
		t := a.tables[i]
		total -= t.bytes()
		a.evict(t, bound)
		total += t.bytes()
	}
	return nil
}

// goneOf returns the bitmap of a table that is to be evicted, where there can be one: a table that lacks groups already needs the one that it
// has.
func (a *Aggregate) goneOf(t *table, bound int) gone {
	if t.gone != nil || !t.whole {
		return t.gone
	}
	n := 0
	for _, other := range a.tables {
		if other.gone != nil {
			n++
		}
	}
	if n >= mostGone {
		return nil
	}
	return newGone(bound / goneShare)
}

// evict makes a table anew, of those entries alone that counted rows again since the last time: of a stream in which some keys come
// often and most once, those are the ones that will be needed. It must be flushed.
func (a *Aggregate) evict(t *table, bound int) {
	left := a.goneOf(t, bound)
	old := *t
	t.clear()
	t.rows, t.gone = old.rows, left
	most := old.used / keptShare
	for from := 0; from < len(old.Words); from += old.stride {
		tag := old.Words[from+tagWord]
		if tag == 0 {
			continue
		}
		if tag&tagAgain == 0 || t.used >= most || !t.reserve(1) {
			if left != nil {
				left.add(tag)
			}
			continue
		}
		slot := int(tag>>hashShift) & t.mask
		for t.Words[slot*t.stride+tagWord] != 0 {
			slot = (slot + 1) & t.mask
		}
		at := slot * t.stride
		t.Words[at+keyWord], t.Words[at+tagWord] = old.Words[from+keyWord], tag&^tagAgain
		a.set.Move(&t.Memory, uint32(at), &old.Memory, uint32(from)) //nolint:gosec // below maxWords
		if a.intKey < 0 {
			t.Words[at+keyWord] = t.Keep(old.Text(old.Words[from+keyWord]))
		}
		t.used++
	}
	t.whole = t.whole && (!t.stored || t.used == old.used)
}
