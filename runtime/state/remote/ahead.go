package remote

import (
	"bytes"
	"slices"
	"sort"

	"github.com/millrace/millrace/runtime/state"
)

const (
	// aheadKeys is how many keys are read where one is asked for.
	aheadKeys = 512
	// mostAhead bounds the bytes that a task remembers, give or take those of one read, and mostChanged the keys that were
	// changed since.
	mostAhead   = 1 << 20
	mostChanged = 1 << 14
)

// Ahead remembers the neighbours of keys that were looked up one by one, where a look-up is a round trip: after a restore an
// aggregate asks for each group of a window when it first meets it. Keys that are no bucket's are not its business (see
// state.Bucketed). The zero value is ready; one goroutine uses it.
type Ahead struct {
	buckets []bucket
	spans   []span // by lower; none meets another
	size    int
	changed map[string]struct{} // keys within spans that are not as they were
}

type bucket struct {
	prefix []byte
	length int
}

// span is all that there was in [lower, upper); a nil upper is the end. Keys and values lie in data, whose ends are in ends in turn.
type span struct {
	lower, upper []byte
	data         []byte
	ends         []int
}

// Scan reads at most limit keys of [lower, upper) in order; a nil upper is the end.
type Scan func(lower, upper []byte, limit int, visit func(key, value []byte)) error

// Bucket says how keys that begin with prefix are used; see state.Bucketed.
func (a *Ahead) Bucket(prefix []byte, length int) {
	a.buckets = append(a.buckets, bucket{bytes.Clone(prefix), length})
}

// Get looks a key up in what is remembered, and reads on from there where that says nothing. known is false where the key has
// to be read by itself. The value stays as it is until the next call.
func (a *Ahead) Get(key []byte, scan Scan) (value []byte, found, known bool, err error) {
	i := a.find(key)
	if i < 0 {
		if i, err = a.read(key, scan); i < 0 || err != nil {
			return nil, false, false, err
		}
	} else if _, changed := a.changed[string(key)]; changed {
		return nil, false, false, nil
	}
	value, found = a.spans[i].get(key)
	return value, found, true, nil
}

// Apply takes note of changes that were made.
func (a *Ahead) Apply(changes *state.Changes) {
	if len(a.spans) == 0 {
		return
	}
	_ = changes.Each(func(kind state.OpKind, key, _ []byte) error { // no error: the visit has none
		switch {
		case kind == state.OpDeleteRange || len(a.changed) >= mostChanged:
			a.Forget()
		case a.find(key) >= 0:
			if a.changed == nil {
				a.changed = map[string]struct{}{}
			}
			a.changed[string(key)] = struct{}{}
		}
		return nil
	})
}

// Forget forgets all keys.
func (a *Ahead) Forget() { a.spans, a.size, a.changed = nil, 0, nil }

// find returns the span of a key, or -1.
func (a *Ahead) find(key []byte) int {
	i := sort.Search(len(a.spans), func(i int) bool { return bytes.Compare(a.spans[i].lower, key) > 0 }) - 1
	if i >= 0 && (a.spans[i].upper == nil || bytes.Compare(key, a.spans[i].upper) < 0) {
		return i
	}
	return -1
}

// read reads the keys of a bucket from one on, up to what is known already, and returns their span, or -1 for a key of none.
func (a *Ahead) read(key []byte, scan Scan) (int, error) {
	upper, ok := a.end(key)
	if !ok {
		return -1, nil
	}
	if a.size > mostAhead {
		a.Forget()
	}
	at := sort.Search(len(a.spans), func(i int) bool { return bytes.Compare(a.spans[i].lower, key) > 0 })
	if at < len(a.spans) && (upper == nil || bytes.Compare(a.spans[at].lower, upper) < 0) {
		upper = a.spans[at].lower
	}
	s := span{lower: bytes.Clone(key), upper: upper}
	err := scan(key, upper, aheadKeys, func(key, value []byte) {
		s.data = append(s.data, key...)
		s.ends = append(s.ends, len(s.data))
		s.data = append(s.data, value...)
		s.ends = append(s.ends, len(s.data))
	})
	if err != nil {
		return -1, err
	}
	if n := len(s.ends) / 2; n == aheadKeys {
		last, _ := s.row(n - 1)
		s.upper = append(bytes.Clone(last), 0)
	}
	a.size += len(s.data)
	a.spans = slices.Insert(a.spans, at, s)
	return at, nil
}

// end returns the end of a key's bucket.
func (a *Ahead) end(key []byte) (upper []byte, ok bool) {
	for _, b := range a.buckets {
		if n := len(b.prefix) + b.length; len(key) >= n && bytes.HasPrefix(key, b.prefix) {
			return state.Successor(bytes.Clone(key[:n])), true
		}
	}
	return nil, false
}

func (s *span) row(i int) (key, value []byte) {
	from := 0
	if i > 0 {
		from = s.ends[2*i-1]
	}
	return s.data[from:s.ends[2*i]:s.ends[2*i]], s.data[s.ends[2*i]:s.ends[2*i+1]:s.ends[2*i+1]]
}

func (s *span) get(key []byte) (value []byte, found bool) {
	i := sort.Search(len(s.ends)/2, func(i int) bool {
		k, _ := s.row(i)
		return bytes.Compare(k, key) >= 0
	})
	if 2*i == len(s.ends) {
		return nil, false
	}
	k, value := s.row(i)
	return value, bytes.Equal(k, key)
}
