package aggregate

// Flush writes the groups that changed to the view.
func (a *Aggregate) Flush() error {
	for _, t := range a.tables {
		if err := a.flush(t); err != nil {
			return err
		}
	}
	if a.slide != nil {
		return a.slide.flush(a)
	}
	return a.flushBehind()
}

// flushBehind notes in the state whether windows are left to emit.
func (a *Aggregate) flushBehind() error {
	if a.behind == a.behindStored {
		return nil
	}
	if a.behindStored = a.behind; !a.behind {
		return a.view.Delete(nil)
	}
	return a.view.Put(nil, nil)
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
