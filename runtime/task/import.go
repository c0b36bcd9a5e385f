package task

// A task that is restored from a savepoint begins with its state as the savepoint has it, sorted out anew by partition: the
// worker hands it over record by record, in as many commits as it takes. Until the last of them Meta.Restored names the
// savepoint, and whoever opens the task begins the import again: it puts the same records once more.

// Importing says that the task's state is still to be taken over; it takes no input before.
func (t *Task) Importing() bool { return t.view != nil && t.committed.Restored != "" }

// Import takes over a record of the state. The key begins with the operator's prefix.
func (t *Task) Import(key, value []byte) error {
	if t.phase != running || !t.Importing() || t.imported {
		return t.misused("given state")
	}
	t.dirty = true
	return t.view.Put(key, value)
}

// EndImport says that the state is whole. After the next commit the task works with it.
func (t *Task) EndImport() error {
	if t.phase != running || !t.Importing() {
		return t.misused("told that its import is over")
	}
	t.imported, t.dirty = true, true
	return nil
}

// takeOver shows the operators the state that they have got.
func (t *Task) takeOver() error {
	t.imported = false
	for _, c := range t.chains {
		if err := c.reset(); err != nil {
			return t.broken(err)
		}
		if err := c.restore(t.told, t.toldIdle); err != nil {
			return t.broken(err)
		}
	}
	return nil
}
