package aggregate

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// Codec is the state of an aggregate as rows, one for each group of a window:
//
//	window_start (if a key) │ window_end │ keys… │ accumulators…
//
// or, where windows are slices, for each group of a slice:
//
//	first_window_end │ last_window_end │ emitted_until │ keys… │ accumulators…
//
// A row counts in the windows with ends from the first to the last; those up to emitted_until, which is NULL before the
// first, have been emitted. The slide's own record is not a row: it is emitted_until.
type Codec struct {
	config  Config
	set     *accumulator.Set
	columns []operator.StateColumn
	hashed  []int
	// keys is the position of the first key, calls that of the first accumulator.
	keys, calls int
}

// NewCodec returns the codec of an aggregate whose output has this schema. hashed are the input's columns by which the
// exchange before it hashes; see operator.StateCodec's Keys.
func NewCodec(c Config, schema types.Schema, hashed []int) (*Codec, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if len(schema.Columns) != len(c.Keys)+len(c.Calls) {
		return nil, fault.New(fault.Bug, fault.Place{}, "%d names for %d keys and %d functions", len(schema.Columns), len(c.Keys), len(c.Calls))
	}
	prepare := accumulator.New
	if c.Partials {
		prepare = accumulator.NewMerging
	}
	set, err := prepare(c.Calls, c.Input, firstWord)
	if err != nil {
		return nil, err
	}
	out := &Codec{config: c, set: set}
	var names operator.StateNames
	for _, name := range out.windowColumns() {
		out.add(names.Take(name), types.Timestamp, false)
	}
	out.keys = len(out.columns)
	if err := out.addKeys(&names, schema, hashed); err != nil {
		return nil, err
	}
	out.calls = len(out.columns)
	for i, list := range set.Columns() {
		name := operator.CallName(schema.Columns[len(c.Keys)+i].Name)
		for _, part := range list {
			out.add(names.Take(name+part.Suffix), part.Kind, part.Wide)
		}
	}
	return out, nil
}

// addKeys adds the columns of the keys that are not the window's.
func (c *Codec) addKeys(names *operator.StateNames, schema types.Schema, hashed []int) error {
	if hashed != nil {
		c.hashed = make([]int, len(hashed))
	}
	for i, k := range c.config.Keys {
		if k == c.config.WindowEnd || k == c.config.WindowStart {
			continue
		}
		for j, h := range hashed {
			if h == k {
				c.hashed[j] = len(c.columns)
			}
		}
		c.add(names.Take(schema.Columns[i].Name), c.config.Input[k], false)
	}
	for j, place := range c.hashed {
		if place == 0 { // where a window's column is
			return fault.New(fault.Bug, fault.Place{}, "the exchange hashes column %d, which is no key", hashed[j])
		}
	}
	return nil
}

func (c *Codec) add(name string, kind types.Kind, wide bool) {
	c.columns = append(c.columns, operator.StateColumn{Column: types.Column{Name: name, Kind: kind}, Wide: wide})
}

// windowColumns are the columns before the keys.
func (c *Codec) windowColumns() []string {
	switch {
	case c.config.Slices != nil:
		return []string{"first_window_end", "last_window_end", "emitted_until"}
	case c.config.WindowStart >= 0:
		return []string{"window_start", "window_end"}
	default:
		return []string{"window_end"}
	}
}

// Columns returns the columns of the rows.
func (c *Codec) Columns() []operator.StateColumn { return c.columns }

// Keys returns the positions of the columns by which the exchange hashes.
func (c *Codec) Keys() []int { return c.hashed }

// export makes rows of records.
type export struct {
	*Codec

	memory accumulator.Memory
	// until is what the record of the slide says; found that there is one.
	until int64
	found bool
	// first is the end of the first window of the first slice; some that there is one.
	first int64
	some  bool
}

// Export returns what makes rows of records.
func (c *Codec) Export() operator.StateExport {
	return &export{Codec: c, memory: accumulator.Memory{Words: make([]uint64, c.set.Stride())}}
}

// Rows appends the row of a group.
func (e *export) Rows(key, value []byte, to *batch.Batch) error {
	if len(key) == 0 && e.config.Slices != nil {
		if len(value) != prefixWord {
			return corrupt("a damaged time")
		}
		e.until, e.found = int64(binary.BigEndian.Uint64(value)), true //nolint:gosec // bits
		return nil
	}
	if len(key) < e.config.prefixBytes() {
		return corrupt("a key that is too short")
	}
	end, start := e.config.windowOf(key)
	e.memory.Arena = e.memory.Arena[:0]
	if err := e.set.ReadValue(value, &e.memory, 0); err != nil {
		return err
	}
	if !e.some {
		e.first, e.some = end, true
	}
	columns := to.Columns
	switch {
	case e.config.Slices != nil:
		columns[0].AppendInt64(end)
		columns[1].AppendInt64(start)
		if e.found && end <= e.until {
			columns[2].AppendInt64(e.until)
		} else {
			columns[2].AppendNull()
		}
	case e.config.WindowStart >= 0:
		columns[0].AppendInt64(start)
		columns[1].AppendInt64(end)
	default:
		columns[0].AppendInt64(end)
	}
	key = key[e.config.prefixBytes():]
	for i := e.keys; i < e.calls; i++ {
		rest, ok := columns[i].AppendFromKey(key)
		if !ok {
			return corrupt("a key of another type")
		}
		key = rest
	}
	if len(key) != 0 {
		return corrupt("a key that is too long")
	}
	e.set.AppendColumns(columns[e.calls:], &e.memory, 0)
	to.Length++
	return nil
}

// Mark returns the end of the last window to which no group of these rows will add anything any more.
func (e *export) Mark() (mark int64, ok bool) {
	switch {
	case e.config.Slices == nil || !e.some:
		return 0, false
	case e.found:
		return e.until, true
	default:
		return e.first - e.config.Slices.StepMicros, true
	}
}

// imported makes records of rows. All slices of a task have one emitted_until. It is the least of all that there are. Groups
// whose windows have been emitted beyond it, because a partition was idle for one task and not for another, move to the slice that begins
// behind what was emitted, where they may meet others of their key; they are held until the end for that.
type imported struct {
	*Codec

	until  int64
	opened bool // the record of the slide is owed
	key    []byte
	value  []byte
	memory accumulator.Memory
	moved  map[string]uint32 // to entries of memory, of which the first is scratch
	merged accumulator.Memory
}

// Import returns what makes records of rows.
func (c *Codec) Import(marks []int64) operator.StateImport {
	i := &imported{Codec: c, memory: accumulator.Memory{Words: make([]uint64, c.set.Stride())}, until: math.MaxInt64}
	for _, m := range marks {
		i.until = min(i.until, m)
	}
	return i
}

// Record puts the group of a row, or holds it.
func (i *imported) Record(b *batch.Batch, row int, put operator.Put) error {
	for c := range i.keys {
		if b.Columns[c].IsNull(row) && c != 2 {
			return fault.New(fault.Corrupt, fault.Place{}, "a row of state without a window")
		}
	}
	w := b.Columns
	end, start := w[0].Int64[row], int64(0)
	moves := false
	switch {
	case i.config.Slices != nil:
		start = w[1].Int64[row]
		if w[2].IsNull(row) {
			break
		}
		switch until := w[2].Int64[row]; {
		case until < i.until:
			return fault.New(fault.Corrupt, fault.Place{}, "a row of state is behind the marks of all exports")
		case until > i.until:
			left, ok := window.Run{First: end, Last: start}.After(until, i.config.Slices.StepMicros)
			if !ok {
				return nil
			}
			end, moves = left.First, true
		default:
			i.opened = true
		}
	case i.config.WindowStart >= 0:
		start, end = end, w[1].Int64[row]
	}
	i.key = i.config.appendWindow(i.key[:0], end, start)
	for c := i.keys; c < i.calls; c++ {
		i.key = w[c].AppendKey(i.key, row)
	}
	i.memory.Arena = i.memory.Arena[:0]
	if err := i.set.ReadColumns(w[i.calls:], row, &i.memory, 0); err != nil {
		return err
	}
	if _, met := i.moved[string(i.key)]; moves || met {
		i.merge()
		return nil
	}
	i.value = i.set.AppendValue(i.value[:0], &i.memory, 0)
	return put(i.key, i.value)
}

// merge adds the group at hand to those that are held.
func (i *imported) merge() {
	at, ok := i.moved[string(i.key)]
	if !ok {
		if i.moved == nil {
			i.moved = map[string]uint32{}
		}
		at = uint32(len(i.merged.Words)) //nolint:gosec // what a task can hold
		i.merged.Words = append(i.merged.Words, make([]uint64, i.set.Stride())...)
		i.moved[string(i.key)] = at
	}
	i.set.MergeFrom(&i.merged, at, &i.memory, 0)
}

// Finish puts the groups that were held, and where the slide is.
func (i *imported) Finish(put operator.Put) error {
	for _, key := range slices.Sorted(maps.Keys(i.moved)) {
		i.value = i.set.AppendValue(i.value[:0], &i.merged, i.moved[key])
		if err := put([]byte(key), i.value); err != nil {
			return err
		}
	}
	if !i.opened {
		return nil
	}
	return put(nil, binary.BigEndian.AppendUint64(nil, uint64(i.until))) //nolint:gosec // bits
}
