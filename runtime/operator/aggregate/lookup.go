package aggregate

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// Lookup reads what an aggregate has committed of a key; it is an operator.Lookup. Keys in the state begin with the window, so
// it looks the key up in each live window.
type Lookup struct {
	// of is an aggregate that never gets a row: it says how keys and values are written.
	of     *Aggregate
	prefix []byte
	shape  window.Shape
	// columns says, for each key that is not the window's, which column of a question it is; -1 is a key that the window
	// alone determines, such as window_time.
	columns []int
	kinds   []types.Kind
	key     []byte
	// sum is an entry of several slices together.
	sum accumulator.Memory
}

// NewLookup returns the lookup of an aggregate over windows of a shape, whose rows are distributed by the columns
// `distributed` of its input, in this order. Prefix is that of the aggregate's keys in the store.
func NewLookup(c Config, shape window.Shape, distributed []int, prefix []byte) (*Lookup, error) {
	of, err := New(c, nil, nil)
	if err != nil {
		return nil, err
	}
	l := &Lookup{of: of, prefix: slices.Clone(prefix), shape: shape, sum: accumulator.Memory{Words: make([]uint64, of.set.Stride())}}
	for _, k := range of.keys {
		at := slices.Index(distributed, k)
		if at < 0 && c.Input[k] != types.Timestamp {
			return nil, fault.New(fault.Bug, fault.Place{}, "the key %d of an aggregate is neither the window's nor one that rows are distributed by", k)
		}
		l.columns = append(l.columns, at)
	}
	for _, call := range c.Calls {
		l.kinds = append(l.kinds, call.Kind)
	}
	return l, nil
}

// Look implements operator.Lookup.
func (l *Lookup) Look(store state.Store, key *batch.Batch, bounds operator.Bounds) (*operator.Found, error) {
	if l.of.slide != nil {
		return l.slices(store, key, bounds)
	}
	found := operator.NewFound(l.kinds)
	err := l.each(store, key, func(end, _ int64, value []byte) error {
		if value == nil {
			return nil
		}
		l.of.one.Arena = l.of.one.Arena[:0]
		if err := l.of.set.ReadValue(value, &l.of.one.Memory, 0); err != nil {
			return err
		}
		l.add(found, end, &l.of.one.Memory, 0)
		return nil
	}, func(reads int, _ int64) bool {
		found.More = reads >= bounds.Reads || found.Full(bounds)
		return found.More
	})
	return found, err
}

// add adds a window with an entry's values, as emitGroup does to what is emitted.
func (l *Lookup) add(found *operator.Found, end int64, m *accumulator.Memory, at uint32) {
	found.Window(l.shape.StartOf(end), end)
	if problem := l.of.set.Check(m, at); problem != nil {
		found.Problem(problem)
		return
	}
	l.of.set.AppendResults(found.Values.Columns, m, at)
}

// each visits what the windows or slices in the store, in order, have of a key, nil for nothing, until full says that it is
// enough; full is told how many were read, and the end of the next.
func (l *Lookup) each(store state.Store, key *batch.Batch, visit func(end, start int64, value []byte) error, full func(reads int, next int64) bool) error {
	reads := 0
	err := state.Prefixes(store, l.prefix, l.of.prefixBytes(), func(prefix []byte) error {
		end, start := l.of.windowOf(prefix[len(l.prefix):])
		if full(reads, end) {
			return errFound
		}
		reads++
		value, err := l.get(store, prefix, end, key)
		if err != nil {
			return err
		}
		return visit(end, start, value)
	})
	if errors.Is(err, errFound) {
		return nil
	}
	return err
}

// get reads a key's entry of the window whose prefix is given. A key that the window determines is window_time or
// window_start, and which of them is known by what is there.
func (l *Lookup) get(store state.Store, prefix []byte, end int64, key *batch.Batch) ([]byte, error) {
	unknown := 0
	for _, at := range l.columns {
		if at < 0 {
			unknown++
		}
	}
	for guess := range 1 << unknown {
		l.key = append(l.key[:0], prefix...)
		for _, at := range l.columns {
			switch {
			case at >= 0:
				l.key = key.Columns[at].AppendKey(l.key, 0)
				continue
			case guess&1 == 0:
				l.key = batch.AppendInt64Key(l.key, end-1)
			default:
				l.key = batch.AppendInt64Key(l.key, l.shape.StartOf(end))
			}
			guess >>= 1
		}
		if value, ok, err := store.Get(l.key); ok || err != nil {
			return value, err
		}
	}
	return nil, nil
}

// slice is a key's entry of a slice: `at` is its place.
type slice struct {
	first, last int64
	at          uint32
}

// slices finds the windows that a key's slices make up.
func (l *Lookup) slices(store state.Store, key *batch.Batch, bounds operator.Bounds) (*operator.Found, error) {
	found := operator.NewFound(l.kinds)
	var list []slice
	var m accumulator.Memory
	var beyond int64 // the first window of the first slice that was not read, if there is more
	stride := l.of.set.Stride()
	err := l.each(store, key, func(first, last int64, value []byte) error {
		if value == nil {
			return nil
		}
		at := len(m.Words)
		m.Words = append(m.Words, make([]uint64, stride)...)
		list = append(list, slice{first, last, uint32(at)}) //nolint:gosec // bounded by the reads
		return l.of.set.ReadValue(value, &m, uint32(at))    //nolint:gosec // bounded by the reads
	}, func(reads int, next int64) bool {
		found.More, beyond = reads >= bounds.Reads || len(m.Arena) >= bounds.Bytes || bounds.Over(), next
		return found.More
	})
	if err != nil || len(list) == 0 {
		return found, err
	}
	end, err := l.firstLive(store, list[0].first)
	if err != nil {
		return nil, err
	}
	for {
		next, some := l.merge(&m, list, end)
		switch {
		case !some && next == end:
			return found, nil
		case found.More && end >= beyond:
			return found, nil
		case !some:
			end = next
			continue
		case found.Full(bounds):
			found.More = true
			return found, nil
		}
		l.add(found, end, &l.sum, 0)
		end += l.of.slide.shape.StepMicros
	}
}

// firstLive returns the end of the first window that has not fired, at or before that of the first slice's.
func (l *Lookup) firstLive(store state.Store, first int64) (int64, error) {
	value, ok, err := store.Get(l.prefix)
	if err != nil || !ok {
		return first, err
	}
	if len(value) != prefixWord {
		return 0, corrupt("a damaged time")
	}
	fired := int64(binary.BigEndian.Uint64(value)) //nolint:gosec // bits
	return max(first, fired+l.of.slide.shape.StepMicros), nil
}

// merge brings the slices of the window that ends at end together, if there are any; else next is the end of the next
// window that has one, or end itself for none.
func (l *Lookup) merge(m *accumulator.Memory, list []slice, end int64) (next int64, some bool) {
	next = end
	clear(l.sum.Words)
	l.sum.Arena = l.sum.Arena[:0]
	for _, s := range list {
		switch {
		case s.first <= end && end <= s.last:
			some = true
			l.of.set.MergeFrom(&l.sum, 0, m, s.at)
		case s.first > end && (next == end || s.first < next):
			next = s.first
		}
	}
	return next, some
}
