package aggregate

import (
	"math"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Aggregate is the operator; it is an operator.Gradual.
type Aggregate struct {
	groups
	config    Config
	late      operator.LateRows
	bad       operator.BadRows
	view      *state.View
	watermark types.Watermark
	// behind says that windows up to the watermark are left to emit; the state says so, too, under the empty key, if behindStored is set.
	behind, behindStored bool
	// slide is what windows of slices need besides; nil for windows of their own.
	slide *slide

	value []byte
	order sorter
	// one is a table of a single entry, for groups that pass from the view to the output.
	one table
	out batch.Batch
}

// New returns an aggregate. Groups whose SUM overflows go to bad; rows of a window that has fired are counted by
// late, with how far the watermark was behind the window's end.
func New(c Config, late operator.LateRows, bad operator.BadRows) (*Aggregate, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = defaultMemoryBytes
	}
	if c.EmitRows <= 0 {
		c.EmitRows = defaultEmitRows
	}
	prepare := accumulator.New
	if c.Partials {
		prepare = accumulator.NewMerging
	}
	set, err := prepare(c.Calls, c.Input, firstWord)
	if err != nil {
		return nil, err
	}
	a := &Aggregate{groups: newGroups(&c, set), config: c, late: late, bad: bad, watermark: types.NoWatermark}
	a.load = a.loadGroup
	if c.Slices != nil {
		a.slide = newSlide(*c.Slices, &a.groups)
	}
	kinds := make([]types.Kind, 0, len(c.Keys)+len(c.Calls))
	for _, k := range c.Keys {
		kinds = append(kinds, c.Input[k])
	}
	for _, call := range c.Calls {
		kinds = append(kinds, call.Kind)
	}
	a.out.Reset(kinds)
	a.one = table{stride: set.Stride(), Memory: accumulator.Memory{Words: make([]uint64, set.Stride())}}
	return a, nil
}

// Open takes the view and finds the windows in it.
func (a *Aggregate) Open(view *state.View) error {
	a.view = view
	if err := view.Bucket(nil, a.prefixBytes()); err != nil {
		return err
	}
	return a.Reset()
}

// Reset drops all tables, forgets the watermark, and finds the windows in the view.
func (a *Aggregate) Reset() error {
	a.forget()
	a.watermark, a.out.Length = types.NoWatermark, 0
	for i := range a.out.Columns {
		a.out.Columns[i].Reset(a.out.Columns[i].Kind)
	}
	if err := a.findTables(); err != nil {
		return err
	}
	a.behind = false
	if a.slide != nil {
		return a.slide.restore(a)
	}
	var err error
	_, a.behindStored, err = a.view.Get(nil)
	return err
}

// findTables makes a table, with nothing in it yet, for every window in the view.
func (a *Aggregate) findTables() error {
	lower := []byte{0} // behind the empty key
	for {
		var prefix []byte
		err := a.view.Scan(lower, nil, func(key, _ []byte) error {
			if len(key) < a.prefixBytes() {
				return corrupt("a key that is too short")
			}
			prefix = slices.Clone(key[:a.prefixBytes()])
			return errFound
		})
		if prefix == nil {
			return err
		}
		end, start := a.windowOf(prefix)
		t := a.table(end, start)
		t.stored, t.whole = true, false
		if lower = state.Successor(prefix); lower == nil {
			return nil
		}
	}
}

// stopError ends a scan that has found what it looked for.
type stopError string

func (e stopError) Error() string { return string(e) }

const errFound = stopError("found")

// Push adds the selected rows of b to their groups.
func (a *Aggregate) Push(b *batch.Batch, _ operator.Output) error {
	starts, ends, err := a.windows(b)
	if err != nil {
		return err
	}
	var current *table
	var start int64
	lateRows, lateness := 0, int64(0)
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		end := ends[i]
		if starts != nil {
			start = starts[i]
		}
		if end <= int64(a.watermark) {
			var left bool
			if end, left = a.slide.after(end, start, int64(a.watermark)); !left {
				lateRows++
				lateness = max(lateness, behind(int64(a.watermark), end))
				continue
			}
		}
		if current == nil || current.end != end || current.start != start {
			current = a.table(end, start)
		}
		a.choose(current, i)
	}
	if lateRows > 0 {
		a.late.Late(lateRows, lateness)
	}
	if err := a.makeRoom(); err != nil {
		return err
	}
	if err := a.add(b); err != nil {
		return err
	}
	return a.shrink(0)
}

func behind(watermark, end int64) int64 {
	if d := watermark - end; d >= 0 {
		return d
	}
	return math.MaxInt64
}

// loadGroup reads a group that may be in the view.
func (a *Aggregate) loadGroup(t *table, at uint32) error {
	if !t.gone.may(t.Words[at+tagWord]) {
		return nil
	}
	a.key = a.appendKey(a.appendPrefix(a.key[:0], t), t, at)
	value, ok, err := a.view.Get(a.key)
	if err != nil || !ok {
		return err
	}
	t.Words[at+tagWord] |= tagLive
	return a.set.ReadValue(value, &t.Memory, at)
}
