package state

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
)

// View is what an operator sees of its task's state: the committed store with the writes since then on top.
//
//	        ┌────────────┐  Seal   ┌────────────┐  Commit   ┌───────┐
//	Put ──► │ open       │ ──────► │ sealed     │ ────────► │ Store │
//	Get ◄── │ writes n+1 │ ◄────── │ writes n   │ ◄──────── │ ≤ n-1 │
//	        └────────────┘         └────────────┘           └───────┘
//	               Rollback drops both
//
// A task has one view; Sub gives each operator its part, with a prefix before its keys. Seal, Commit and Rollback are
// the task's and act on the whole. One goroutine uses a view and its parts.
type View struct {
	layers *layers
	prefix []byte
	// key and upper are scratch for the prefixed bounds of a call.
	key, upper []byte
}

type layers struct {
	store        Store
	open, sealed *generation
	isSealed     bool
}

// NewView returns a view of the keys of store that begin with prefix, which is copied; empty is all.
func NewView(store Store, prefix []byte) *View {
	return &View{layers: &layers{store: store, open: newGeneration(), sealed: newGeneration()}, prefix: bytes.Clone(prefix)}
}

// Sub returns the part of the view whose keys begin with prefix, which the part does not show. No prefix of a task may
// be the beginning of another.
func (v *View) Sub(prefix []byte) *View {
	return &View{layers: v.layers, prefix: append(bytes.Clone(v.prefix), prefix...)}
}

// Bucket says that keys which begin with prefix are scanned, and deleted in ranges, only together with those that share
// length bytes more; see Bucketed.
func (v *View) Bucket(prefix []byte, length int) error {
	if s, ok := v.layers.store.(Bucketed); ok {
		return s.Bucket(v.full(prefix), length)
	}
	return nil
}

// Get returns the value of a key; the bytes are valid until the next call on any part of the view.
func (v *View) Get(key []byte) (value []byte, found bool, err error) {
	l, k := v.layers, v.full(key)
	if value, found, known := l.open.get(k); known {
		return value, found, nil
	}
	if l.isSealed {
		if value, found, known := l.sealed.get(k); known {
			return value, found, nil
		}
	}
	return l.store.Get(k)
}

// Put sets key to value; both are copied.
func (v *View) Put(key, value []byte) error { return v.layers.open.write(OpPut, v.full(key), value) }

// Delete removes key.
func (v *View) Delete(key []byte) error { return v.layers.open.write(OpDelete, v.full(key), nil) }

// DeleteRange removes the keys in [lower, upper); a nil upper is the end of the view.
func (v *View) DeleteRange(lower, upper []byte) error {
	return v.layers.open.deleteRange(v.full(lower), v.fullUpper(upper))
}

// Scan visits the keys in [lower, upper) in ascending order; a nil upper is the end of the view. Key and value are
// valid inside visit only, and visit must not write. An error of visit ends the scan and is returned.
func (v *View) Scan(lower, upper []byte, visit func(key, value []byte) error) error {
	m := merger{layers: v.layers, cut: len(v.prefix), visit: visit}
	return m.run(v.full(lower), v.fullUpper(upper))
}

// Bytes returns the memory that the writes since the last commit take.
func (v *View) Bytes() int { return v.layers.open.changes.Bytes() + v.layers.sealed.changes.Bytes() }

// Seal ends a generation of writes and returns it, to be written to the changelog. It stays readable through the view
// and must not be changed. Only one generation can be sealed: Commit or Rollback comes before the next Seal.
func (v *View) Seal() (*Changes, error) {
	l := v.layers
	if l.isSealed {
		return nil, fault.New(fault.Bug, fault.Place{}, "state sealed again before the commit of the last seal")
	}
	l.open, l.sealed, l.isSealed = l.sealed, l.open, true
	return &l.sealed.changes, nil
}

// Commit applies the sealed writes to the store, which then stands at the position.
func (v *View) Commit(at Position) error {
	l := v.layers
	if !l.isSealed {
		return fault.New(fault.Bug, fault.Place{}, "state committed that was not sealed")
	}
	if err := l.store.Apply(&l.sealed.changes, at); err != nil {
		return err
	}
	l.sealed.reset()
	l.isSealed = false
	return nil
}

// Rollback drops every write since the last commit, sealed ones included.
func (v *View) Rollback() {
	v.layers.open.reset()
	v.layers.sealed.reset()
	v.layers.isSealed = false
}

func (v *View) full(key []byte) []byte {
	v.key = append(append(v.key[:0], v.prefix...), key...)
	return v.key
}

// fullUpper returns the upper bound with the prefix; nil becomes the first key after the prefix's.
func (v *View) fullUpper(upper []byte) []byte {
	v.upper = append(v.upper[:0], v.prefix...)
	if upper != nil {
		v.upper = append(v.upper, upper...)
		return v.upper
	}
	return Successor(v.upper)
}

// Successor turns prefix, in place, into the smallest byte string above all that begin with it, or returns nil when
// there is none.
func Successor(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xff {
			prefix[i]++
			return prefix[:i+1]
		}
	}
	return nil
}
