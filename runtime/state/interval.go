package state

import (
	"bytes"
	"slices"
	"sort"
)

// interval is a deleted range of keys; a nil upper is the end. before is the number of writes that it covers: a write
// of a later position is not deleted by it.
type interval struct {
	lower, upper []byte
	before       int
}

// intervals are the ranges that a generation of changes has deleted, disjoint and in order. Where ranges overlap the
// newer one counts, as it covers more writes.
type intervals []interval

// add deletes [lower, upper), which covers the first `before` writes. It keeps the slices.
func (s *intervals) add(lower, upper []byte, before int) {
	if upper != nil && bytes.Compare(lower, upper) >= 0 {
		return
	}
	old := *s
	from := sort.Search(len(old), func(i int) bool { return old[i].upper == nil || bytes.Compare(old[i].upper, lower) > 0 })
	to := from
	for to < len(old) && (upper == nil || bytes.Compare(old[to].lower, upper) < 0) {
		to++
	}
	fresh := make([]interval, 0, 3)
	if from < to && bytes.Compare(old[from].lower, lower) < 0 {
		fresh = append(fresh, interval{old[from].lower, lower, old[from].before})
	}
	fresh = append(fresh, interval{lower, upper, before})
	if from < to && upper != nil {
		if last := old[to-1]; last.upper == nil || bytes.Compare(upper, last.upper) < 0 {
			fresh = append(fresh, interval{upper, last.upper, last.before})
		}
	}
	*s = slices.Replace(old, from, to, fresh...)
}

// covers says whether key is deleted for a write at position at; -1 asks for what lies below the generation.
func (s intervals) covers(key []byte, at int) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].upper == nil || bytes.Compare(s[i].upper, key) > 0 })
	return i < len(s) && bytes.Compare(s[i].lower, key) <= 0 && at < s[i].before
}
