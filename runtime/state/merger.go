package state

import "bytes"

// merger visits the keys of a scan in order: those of the open writes, the sealed writes and the store, the first that
// knows a key deciding about it.
type merger struct {
	layers       *layers
	open, sealed []uint32
	cut          int
	visit        func(key, value []byte) error
}

func (m *merger) run(lower, upper []byte) error {
	m.open = m.layers.open.sorted(lower, upper)
	if m.layers.isSealed {
		m.sealed = m.layers.sealed.sorted(lower, upper)
	}
	err := m.layers.store.Scan(lower, upper, func(key, value []byte) error {
		if err := m.writes(key, false); err != nil {
			return err
		}
		if m.layers.open.hides(key) || m.layers.isSealed && m.layers.sealed.hides(key) {
			return nil
		}
		return m.visit(key[m.cut:], value)
	})
	if err != nil {
		return err
	}
	return m.writes(nil, true)
}

// writes visits what was written to keys up to and including limit, or all that is left.
func (m *merger) writes(limit []byte, all bool) error {
	for len(m.open)+len(m.sealed) > 0 {
		key, isOpen := m.next()
		if !all && bytes.Compare(key, limit) > 0 {
			return nil
		}
		var value []byte
		var found bool
		if isOpen {
			value, found, _ = m.layers.open.get(key)
			m.open = m.open[1:]
		} else {
			value, found, _ = m.layers.sealed.get(key)
			found = found && !m.layers.open.hides(key)
			m.sealed = m.sealed[1:]
		}
		if !found {
			continue
		}
		if err := m.visit(key[m.cut:], value); err != nil {
			return err
		}
	}
	return nil
}

// next returns the smallest key of the writes that are left, of which there is one; of two equal ones the open.
func (m *merger) next() (key []byte, isOpen bool) {
	if len(m.open) > 0 {
		key = m.layers.open.changes.key(int(m.open[0]))
		isOpen = true
	}
	if len(m.sealed) > 0 {
		if k := m.layers.sealed.changes.key(int(m.sealed[0])); !isOpen || bytes.Compare(k, key) < 0 {
			return k, false
		}
	}
	return key, isOpen
}
