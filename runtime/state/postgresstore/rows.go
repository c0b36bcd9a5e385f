package postgresstore

import (
	"bytes"
	"cmp"
	"slices"
)

// rows collects changes of single keys, of which a later one wins over an earlier one. They go out as arrays, sorted, so
// that the index is walked once.
type rows struct {
	list []change
	// What goes out: the puts' keys and values, and the deletes' keys.
	keys, values, gone [][]byte
}

// change is a put, or a delete when value is nil. The bytes are the list's of which it was made.
type change struct {
	key, value []byte
	order      int
}

func (r *rows) put(key, value []byte) {
	r.list = append(r.list, change{key, notNull(value), len(r.list)})
}

func (r *rows) delete(key []byte) {
	r.list = append(r.list, change{key: key, order: len(r.list)})
}

func (r *rows) reset() {
	clear(r.list)
	r.list = r.list[:0]
}

// sort orders what was collected by key, the last change of each alone.
func (r *rows) sort() {
	slices.SortFunc(r.list, func(a, b change) int {
		return cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(b.order, a.order))
	})
	r.list = slices.CompactFunc(r.list, func(a, b change) bool { return bytes.Equal(a.key, b.key) })
}

// take fills the arrays from list position from on, with at most limit bytes but at least one change, and returns where to
// go on; the length of the list is the end.
func (r *rows) take(from, limit int) int {
	r.keys, r.values, r.gone = r.keys[:0], r.values[:0], r.gone[:0]
	size := 0
	for ; from < len(r.list); from++ {
		c := r.list[from]
		if size += len(c.key) + len(c.value); size > limit && len(r.keys)+len(r.gone) > 0 {
			return from
		}
		if c.value == nil {
			r.gone = append(r.gone, notNull(c.key))
		} else {
			r.keys, r.values = append(r.keys, notNull(c.key)), append(r.values, c.value)
		}
	}
	return from
}
