package statetest

import (
	"bytes"
	"maps"
	"slices"
)

// Model is the simplest thing that a store could be.
type Model map[string]string

// Clone copies the model.
func (m Model) Clone() Model { return maps.Clone(m) }

// DeleteRange removes the keys in [lower, upper); a nil upper is the end.
func (m Model) DeleteRange(lower, upper []byte) {
	maps.DeleteFunc(m, func(k, _ string) bool { return within(k, lower, upper) })
}

// Scan returns "key=value" of the keys in [lower, upper), in order.
func (m Model) Scan(lower, upper []byte) []string {
	found := []string{}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if within(k, lower, upper) {
			found = append(found, k+"="+m[k])
		}
	}
	return found
}

func within(k string, lower, upper []byte) bool {
	return bytes.Compare([]byte(k), lower) >= 0 && (upper == nil || bytes.Compare([]byte(k), upper) < 0)
}
