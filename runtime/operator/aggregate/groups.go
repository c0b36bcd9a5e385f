package aggregate

import (
	"cmp"
	"hash/maphash"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// touchBytes is the size of a table from where the entries of a batch are touched before they are needed: a table that
// is larger than the second-level cache.
const touchBytes = 256 << 10

// groups is what both phases of an aggregate have in common: a table for each window, and how rows get there.
type groups struct {
	set *accumulator.Set
	// kinds are the input's columns; end and start are those of the window, start -1 when there is none.
	kinds      []types.Kind
	end, start int
	// keys are the keys that are not the window's; intKey is the only one if that is an integer, else -1.
	keys    []int
	intKey  int
	seed    maphash.Seed
	intSeed uint64

	// tables are the live windows, by end and start.
	tables []*table
	// touched are those that the batch at hand has rows for.
	touched []*table
	// load reads a group that a table lacks from the state; nil where there is none, and nothing needs to be marked for it.
	load func(t *table, at uint32) error

	entries []uint32
	hashes  []uint64
	key     []byte
}

func newGroups(c *Config, set *accumulator.Set) groups {
	g := groups{set: set, kinds: c.Input, end: c.WindowEnd, start: c.WindowStart, intKey: -1, seed: maphash.MakeSeed()}
	g.intSeed = maphash.Bytes(g.seed, nil)
	for _, k := range c.Keys {
		if k != c.WindowEnd && k != c.WindowStart {
			g.keys = append(g.keys, k)
		}
	}
	if len(g.keys) == 1 && c.Input[g.keys[0]].Storage() == types.StoreInt64 {
		g.intKey = g.keys[0]
	}
	return g
}

// windows returns the columns of the rows' windows; starts is nil when it is no key.
func (g *groups) windows(b *batch.Batch) (starts, ends []int64, err error) {
	if len(b.Columns) != len(g.kinds) {
		return nil, nil, fault.New(fault.Bug, fault.Place{}, "a batch of %d columns for an aggregate of %d", len(b.Columns), len(g.kinds))
	}
	for _, c := range []int{g.end, g.start} {
		if c >= 0 && b.Columns[c].Null != nil && slices.Contains(b.Columns[c].Null, true) {
			return nil, nil, fault.New(fault.Bug, fault.Place{}, "a row without a window")
		}
	}
	if g.start >= 0 {
		starts = b.Columns[g.start].Int64
	}
	return starts, b.Columns[g.end].Int64, nil
}

// table returns the table of a window, made if there was none.
func (g *groups) table(end, start int64) *table {
	at, ok := slices.BinarySearchFunc(g.tables, end, func(t *table, end int64) int {
		return cmp.Or(cmp.Compare(t.end, end), cmp.Compare(t.start, start))
	})
	if ok {
		return g.tables[at]
	}
	t := newTable(g.set.Stride(), g.seed)
	t.end, t.start = end, start
	g.tables = slices.Insert(g.tables, at, t)
	return t
}

// choose notes that a row of the batch at hand belongs into a table.
func (g *groups) choose(t *table, row int) {
	if len(t.rows) == 0 {
		g.touched = append(g.touched, t)
	}
	t.rows = append(t.rows, int32(row)) //nolint:gosec // a batch has few rows
}

// add adds the chosen rows to their groups.
func (g *groups) add(b *batch.Batch) error {
	for _, t := range g.touched {
		if err := g.find(t, b); err != nil {
			return err
		}
		if g.load != nil {
			for _, at := range g.entries {
				t.mark(at)
			}
		}
		g.set.Update(&t.Memory, b, accumulator.Rows{Index: t.rows, Entries: g.entries})
		t.rows = t.rows[:0]
	}
	g.touched = g.touched[:0]
	return nil
}

// forget drops all tables.
func (g *groups) forget() { g.tables, g.touched = nil, g.touched[:0] }

// bytes returns the memory that the tables take.
func (g *groups) bytes() int {
	total := 0
	for _, t := range g.tables {
		total += t.bytes()
	}
	return total
}

// find finds the entries of a table's rows.
func (g *groups) find(t *table, b *batch.Batch) error {
	if !t.reserve(len(t.rows)) {
		return fault.New(fault.Transient, fault.Place{}, "a window has too many groups for its memory").Do("commit more often")
	}
	g.entries = g.entries[:0]
	if g.intKey >= 0 && b.Columns[g.intKey].Null == nil {
		return g.findInts(t, b.Columns[g.intKey].Int64)
	}
	for _, i := range t.rows {
		var at int
		var made bool
		switch v := &b.Columns[max(g.intKey, 0)]; {
		case g.intKey < 0:
			g.key = batch.AppendKey(g.key[:0], b.Columns, g.keys, int(i))
			at, made = t.findBytes(tagOf(maphash.Bytes(g.seed, g.key)), g.key)
		case v.IsNull(int(i)):
			at, made = t.findInt(tagOf(kernel.Hash64(0, g.intSeed))|tagNull, 0)
		default:
			key := uint64(v.Int64[i]) //nolint:gosec // bits
			at, made = t.findInt(tagOf(kernel.Hash64(key, g.intSeed)), key)
		}
		if made && !t.whole {
			if err := g.load(t, uint32(at)); err != nil { //nolint:gosec // below maxWords
				return err
			}
		}
		g.entries = append(g.entries, uint32(at)) //nolint:gosec // below maxWords
	}
	return nil
}

// findInts is find for integer keys of which none is NULL: all are hashed first, and in a large table touched, so that the
// processor waits for many cache lines at once.
func (g *groups) findInts(t *table, values []int64) error {
	g.hashes = g.hashes[:0]
	for _, i := range t.rows {
		g.hashes = append(g.hashes, tagOf(kernel.Hash64(uint64(values[i]), g.intSeed))) //nolint:gosec // bits
	}
	if 8*len(t.Words) > touchBytes {
		t.touch(g.hashes)
	}
	for n, i := range t.rows {
		at, made := t.findInt(g.hashes[n], uint64(values[i])) //nolint:gosec // bits
		if made && !t.whole {
			if err := g.load(t, uint32(at)); err != nil { //nolint:gosec // below maxWords
				return err
			}
		}
		g.entries = append(g.entries, uint32(at)) //nolint:gosec // below maxWords
	}
	return nil
}

// appendKey appends the encoded group key of an entry.
func (g *groups) appendKey(dst []byte, t *table, at uint32) []byte {
	switch {
	case g.intKey < 0:
		return append(dst, t.Text(t.Words[at+keyWord])...)
	case t.Words[at+tagWord]&tagNull != 0:
		return batch.AppendNullKey(dst)
	default:
		return batch.AppendInt64Key(dst, int64(t.Words[at+keyWord])) //nolint:gosec // bits
	}
}
