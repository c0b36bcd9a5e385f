package aggregate

import (
	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

const (
	// localMemoryBytes is the memory that a Local takes unless it is told another: it should stay in a cache.
	localMemoryBytes = 2 << 20
	// probeRows is the number of rows over which a Local looks whether grouping pays, passRows the number that it passes
	// on ungrouped when it did not.
	probeRows = 16 << 10
	passRows  = 256 << 10
	// A Local passes rows on while it makes less than two groups of three rows.
	poorGroups, poorRows = 2, 3
	// sparse is how many times more entries than groups a table may have that is used again: all are looked at.
	sparse = 16
)

// Local is the first phase of an aggregate: it stands before the exchange and makes of rows partial results of their
// groups, so that the exchange and the state behind it see groups instead of rows. Its output is the keys, in order,
// and the partial results of the calls (accumulator.Set.Partials).
//
// It keeps no state. What it holds is emitted by Drain, before each commit, and when it has become too much; and by
// Advance what belongs to a window that the watermark has reached, so that it never holds back a row that its task's
// watermark says to be over: the claim that goes with each record of the exchange. After an abort Reset drops it, and the
// rows are read again.
//
// Where keys hardly repeat, grouping costs and gives nothing: then rows pass as groups of one, without being looked up,
// for a while.
type Local struct {
	groups
	config  Config
	singles *accumulator.Singles
	// free are tables without entries, for the next windows.
	free []*table
	// rowsIn and groupsOut are those since grouping was last judged; pass are the rows that go ungrouped.
	rowsIn, groupsOut, pass int

	out, single batch.Batch
}

// NewLocal returns the first phase of an aggregate over rows. Of the config Slices and Partials are not looked at.
func NewLocal(c Config) (*Local, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.MemoryBytes == 0 {
		c.MemoryBytes = localMemoryBytes
	}
	set, err := accumulator.New(c.Calls, c.Input, firstWord)
	if err != nil {
		return nil, err
	}
	l := &Local{groups: newGroups(&c, set), config: c, singles: accumulator.NewSingles(set)}
	l.out.Reset(c.partials(set))
	return l, nil
}

// partials returns the types of a Local's output.
func (c *Config) partials(set *accumulator.Set) []types.Kind {
	kinds := make([]types.Kind, 0, len(c.Keys))
	for _, k := range c.Keys {
		kinds = append(kinds, c.Input[k])
	}
	return append(kinds, set.Partials()...)
}

// Push groups the selected rows of b.
func (l *Local) Push(b *batch.Batch, out operator.Output) error {
	starts, ends, err := l.windows(b)
	if err != nil {
		return err
	}
	if l.pass > 0 {
		l.pass -= b.Selected()
		return l.passOn(b, out)
	}
	var current *table
	var start int64
	for n := range b.Selected() {
		i := n
		if b.Selection != nil {
			i = int(b.Selection[n])
		}
		if starts != nil {
			start = starts[i]
		}
		if current == nil || current.end != ends[i] || current.start != start {
			current = l.tableOf(ends[i], start)
		}
		l.choose(current, i)
	}
	l.rowsIn += b.Selected()
	if err := l.add(b); err != nil {
		return err
	}
	if l.rowsIn >= probeRows {
		l.judge()
	}
	if l.pass > 0 || l.bytes() > l.config.MemoryBytes {
		return l.Drain(out)
	}
	return nil
}

// judge decides whether grouping pays.
func (l *Local) judge() {
	made := l.groupsOut
	for _, t := range l.tables {
		made += t.used
	}
	if made*poorRows > l.rowsIn*poorGroups {
		l.pass = passRows
	}
	l.rowsIn, l.groupsOut = 0, 0
	for _, t := range l.tables {
		l.groupsOut -= t.used // they were counted
	}
}

// tableOf is table, with the memory of one that is free.
func (l *Local) tableOf(end, start int64) *table {
	t := l.table(end, start)
	if n := len(l.free); n > 0 && t.mask < 0 {
		free := l.free[n-1]
		l.free = l.free[:n-1]
		free.end, free.start = end, start
		for i := range l.tables {
			if l.tables[i] == t {
				l.tables[i] = free
			}
		}
		return free
	}
	return t
}

// passOn emits the selected rows as groups of one.
func (l *Local) passOn(b *batch.Batch, out operator.Output) error {
	o := &l.single
	columns := o.Columns[:0]
	*o = *b
	for _, k := range l.config.Keys {
		columns = append(columns, b.Columns[k])
	}
	o.Columns = append(columns, l.singles.Of(b)...)
	return out.Push(o)
}

// Advance emits the groups of windows that the watermark has reached.
func (l *Local) Advance(w types.Watermark, out operator.Output) error {
	n := 0
	for n < len(l.tables) && l.tables[n].end <= int64(w) {
		n++
	}
	return l.drain(n, out)
}

// Drain emits all groups.
func (l *Local) Drain(out operator.Output) error { return l.drain(len(l.tables), out) }

// Reset drops all groups.
func (l *Local) Reset() error {
	l.forget()
	l.clearOut()
	l.rowsIn, l.groupsOut = 0, 0
	return nil
}

// drain emits the first n tables.
func (l *Local) drain(n int, out operator.Output) error {
	for _, t := range l.tables[:n] {
		for at := 0; at < len(t.Words); at += t.stride {
			if t.Words[at+tagWord] == 0 {
				continue
			}
			if err := l.emit(t, uint32(at), out); err != nil {
				return err
			}
		}
		l.groupsOut += t.used
		l.recycle(t)
	}
	left := copy(l.tables, l.tables[n:])
	clear(l.tables[left:])
	l.tables = l.tables[:left]
	return l.push(out)
}

// recycle keeps the memory of a table that was drained, if it is not too large for what was in it.
func (l *Local) recycle(t *table) {
	kept := t.bytes()
	for _, f := range l.free {
		kept += f.bytes()
	}
	if kept <= l.config.MemoryBytes && t.used*sparse >= t.mask {
		t.empty()
		l.free = append(l.free, t)
	}
}

// emit adds a group to the output.
func (l *Local) emit(t *table, at uint32, out operator.Output) error {
	var key []byte
	if l.intKey < 0 {
		key = t.Text(t.Words[at+keyWord])
	}
	for i, k := range l.config.Keys {
		v := &l.out.Columns[i]
		switch {
		case k == l.end:
			v.AppendInt64(t.end)
		case k == l.start:
			v.AppendInt64(t.start)
		case l.intKey < 0:
			rest, ok := v.AppendFromKey(key)
			if !ok {
				return corrupt("a key of another type")
			}
			key = rest
		case t.Words[at+tagWord]&tagNull != 0:
			v.AppendNull()
		default:
			v.AppendInt64(int64(t.Words[at+keyWord])) //nolint:gosec // bits
		}
	}
	l.set.AppendPartials(l.out.Columns[len(l.config.Keys):], &t.Memory, at)
	if l.out.Length++; l.out.Length < emitRows {
		return nil
	}
	return l.push(out)
}

// push emits the rows that the output has.
func (l *Local) push(out operator.Output) error {
	if l.out.Length == 0 {
		return nil
	}
	err := out.Push(&l.out)
	l.clearOut()
	return err
}

func (l *Local) clearOut() {
	l.out.Length = 0
	for i := range l.out.Columns {
		l.out.Columns[i].Reset(l.out.Columns[i].Kind)
	}
}
