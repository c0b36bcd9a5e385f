package aggregate

import (
	"cmp"
	"hash/maphash"
	"math"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// Aggregate is the operator; it is an operator.Stateful.
type Aggregate struct {
	config Config
	set    *accumulator.Set
	// groupKeys are the keys that are not the window's; intKey is the only one if that is an integer, else -1.
	groupKeys []int
	intKey    int
	late      operator.LateRows
	bad       operator.BadRows
	view      *state.View
	seed      maphash.Seed
	intSeed   uint64

	// tables are the live windows, by end and start.
	tables    []*table
	watermark types.Watermark

	run        accumulator.Rows
	key, value []byte
	order      []uint32
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
	a := &Aggregate{config: c, intKey: -1, late: late, bad: bad, seed: maphash.MakeSeed(), watermark: types.NoWatermark}
	a.intSeed = maphash.Bytes(a.seed, nil)
	kinds := make([]types.Kind, 0, len(c.Keys)+len(c.Calls))
	for _, k := range c.Keys {
		kinds = append(kinds, c.Input[k])
		if k != c.WindowEnd && k != c.WindowStart {
			a.groupKeys = append(a.groupKeys, k)
		}
	}
	if len(a.groupKeys) == 1 && c.Input[a.groupKeys[0]].Storage() == types.StoreInt64 {
		a.intKey = a.groupKeys[0]
	}
	var err error
	if a.set, err = accumulator.New(c.Calls, c.Input, firstWord); err != nil {
		return nil, err
	}
	for _, call := range c.Calls {
		kinds = append(kinds, call.Kind)
	}
	a.out.Reset(kinds)
	a.one = table{stride: a.set.Stride(), Memory: accumulator.Memory{Words: make([]uint64, a.set.Stride())}}
	return a, nil
}

// Open takes the view and finds the windows in it.
func (a *Aggregate) Open(view *state.View) error {
	a.view = view
	return a.Reset()
}

// Reset drops all tables, forgets the watermark, and finds the windows in the view.
func (a *Aggregate) Reset() error {
	a.tables, a.watermark, a.out.Length = nil, types.NoWatermark, 0
	for i := range a.out.Columns {
		a.out.Columns[i].Reset(a.out.Columns[i].Kind)
	}
	var lower []byte
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
		a.table(end, start).stored = true
		a.table(end, start).whole = false
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
	a.run.Index = a.run.Index[:0]
	var current *table
	var start int64
	lateRows, lateness := 0, int64(0)
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		if ends.IsNull(i) || starts != nil && starts.IsNull(i) {
			return fault.New(fault.Bug, fault.Place{}, "a row without a window")
		}
		end := ends.Int64[i]
		if end <= int64(a.watermark) {
			lateRows++
			lateness = max(lateness, behind(int64(a.watermark), end))
			continue
		}
		if starts != nil {
			start = starts.Int64[i]
		}
		if current == nil || current.end != end || current.start != start {
			if err := a.finishRun(current, b); err != nil {
				return err
			}
			current = a.table(end, start)
		}
		a.run.Index = append(a.run.Index, int32(i))
	}
	if lateRows > 0 {
		a.late.Late(lateRows, lateness)
	}
	if err := a.finishRun(current, b); err != nil {
		return err
	}
	return a.shrink()
}

// windows returns the columns of the rows' windows; starts is nil when it is no key.
func (a *Aggregate) windows(b *batch.Batch) (starts, ends *batch.Vector, err error) {
	if len(b.Columns) != len(a.config.Input) {
		return nil, nil, fault.New(fault.Bug, fault.Place{}, "a batch of %d columns for an aggregate of %d", len(b.Columns), len(a.config.Input))
	}
	if a.config.WindowStart >= 0 {
		starts = &b.Columns[a.config.WindowStart]
	}
	return starts, &b.Columns[a.config.WindowEnd], nil
}

func behind(watermark, end int64) int64 {
	if d := watermark - end; d >= 0 {
		return d
	}
	return math.MaxInt64
}

// table returns the table of a window, made if there was none.
func (a *Aggregate) table(end, start int64) *table {
	at, ok := slices.BinarySearchFunc(a.tables, end, func(t *table, end int64) int {
		return cmp.Or(cmp.Compare(t.end, end), cmp.Compare(t.start, start))
	})
	if ok {
		return a.tables[at]
	}
	t := &table{end: end, start: start, stride: a.set.Stride(), seed: a.seed, mask: -1, whole: true}
	a.tables = slices.Insert(a.tables, at, t)
	return t
}

// finishRun adds the rows of the run, which are all of one window.
func (a *Aggregate) finishRun(t *table, b *batch.Batch) error {
	if len(a.run.Index) == 0 {
		return nil
	}
	defer func() { a.run.Index = a.run.Index[:0] }()
	if err := a.find(t, b); err != nil {
		return err
	}
	for _, at := range a.run.Entries {
		t.mark(at)
	}
	a.set.Update(&t.Memory, b, a.run)
	return nil
}

// find finds the entries of the run's rows.
func (a *Aggregate) find(t *table, b *batch.Batch) error {
	if !t.reserve(len(a.run.Index)) {
		return fault.New(fault.Transient, fault.Place{}, "a window has too many groups for its memory").Do("commit more often")
	}
	a.run.Entries = a.run.Entries[:0]
	if a.intKey >= 0 && t.whole && b.Columns[a.intKey].Null == nil {
		values := b.Columns[a.intKey].Int64
		for _, i := range a.run.Index {
			at, _ := t.findInt(uint64(values[i]), 0, a.intSeed) //nolint:gosec // bits
			a.run.Entries = append(a.run.Entries, uint32(at))   //nolint:gosec // below maxWords
		}
		return nil
	}
	for _, i := range a.run.Index {
		var at int
		var made bool
		if a.intKey >= 0 {
			if v := &b.Columns[a.intKey]; v.IsNull(int(i)) {
				at, made = t.findInt(0, tagNull, a.intSeed)
			} else {
				at, made = t.findInt(uint64(v.Int64[i]), 0, a.intSeed) //nolint:gosec // bits
			}
		} else {
			a.key = batch.AppendKey(a.key[:0], b.Columns, a.groupKeys, int(i))
			at, made = t.findBytes(a.key)
		}
		if made && !t.whole {
			if err := a.load(t, uint32(at)); err != nil { //nolint:gosec // below maxWords
				return err
			}
		}
		a.run.Entries = append(a.run.Entries, uint32(at)) //nolint:gosec // below maxWords
	}
	return nil
}

// load reads a group that may be in the view.
func (a *Aggregate) load(t *table, at uint32) error {
	a.key = a.appendKey(a.appendPrefix(a.key[:0], t), t, at)
	value, ok, err := a.view.Get(a.key)
	if err != nil || !ok {
		return err
	}
	t.Words[at+tagWord] |= tagLive
	return a.set.ReadValue(value, &t.Memory, at)
}

// appendKey appends the encoded group key of an entry.
func (a *Aggregate) appendKey(dst []byte, t *table, at uint32) []byte {
	switch {
	case a.intKey < 0:
		return append(dst, t.Text(t.Words[at+keyWord])...)
	case t.Words[at+tagWord]&tagNull != 0:
		return batch.AppendNullKey(dst)
	default:
		return batch.AppendInt64Key(dst, int64(t.Words[at+keyWord])) //nolint:gosec // bits
	}
}
