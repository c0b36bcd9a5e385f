package aggregate

// Flush writes the groups that changed to the view.
func (a *Aggregate) Flush() error {
	for _, t := range a.tables {
		if err := a.flush(t); err != nil {
			return err
		}
	}
	if a.slide == nil {
		return nil
	}
	return a.slide.flush(a)
}

// flush writes the groups of a table that changed.
func (a *Aggregate) flush(t *table) error {
	if len(t.dirty) == 0 {
		return nil
	}
	a.key = a.appendPrefix(a.key[:0], t)
	prefix := len(a.key)
	for n, at := range t.dirty {
		t.ahead(t.dirty, n)
		a.key = a.appendKey(a.key[:prefix], t, at)
		a.value = a.set.AppendValue(a.value[:0], &t.Memory, at)
		if err := a.view.Put(a.key, a.value); err != nil {
			return err
		}
		t.Words[at+tagWord] &^= tagDirty
	}
	t.dirty, t.stored = t.dirty[:0], true
	return nil
}

// shrink keeps the tables within the memory bound: it writes what changed, and drops whole tables down to half of the
// bound, those that fire last first. Their groups are read from the view when they are touched again.
func (a *Aggregate) shrink() error {
	total := a.bytes()
	if a.slide != nil {
		total += a.slide.totals.bytes()
	}
	if total <= a.config.MemoryBytes {
		return nil
	}
	if err := a.Flush(); err != nil {
		return err
	}
	for i := len(a.tables) - 1; i >= 0 && total > a.config.MemoryBytes/2; i-- {
		t := a.tables[i]
		total -= t.bytes()
		t.clear()
		t.whole = t.whole && !t.stored
	}
	return nil
}
