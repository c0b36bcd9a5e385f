package memory

import "github.com/millrace/millrace/runtime/state"

// Kept returns where the closed stores stand.
func (b *Backend) Kept() (map[string]state.Position, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := map[string]state.Position{}
	for task, k := range b.stores {
		if !k.open && k.position.Commit > 0 {
			found[task] = k.position
		}
	}
	return found, nil
}
