package session

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/types"
)

// Codec is the state of sessions as rows, one for each session, those of a key together, the oldest first:
//
//	keys… │ window_start │ window_end │ joins_from │ accumulators…
//
// window_end is that of the rows so far. A row whose interval touches [joins_from, window_end] joins the session; joins_from
// is after window_start where the first row was behind its partition's watermark. Timers are not rows: they follow.
type Codec struct {
	config  Config
	set     *accumulator.Set
	columns []operator.StateColumn
	hashed  []int
	// window is the position of window_start, calls that of the first accumulator.
	window, calls int
}

// NewCodec returns the codec of sessions whose output has this schema. hashed are the input's columns by which the exchange
// before them hashes; see operator.StateCodec's Keys.
func NewCodec(c Config, schema types.Schema, hashed []int) (*Codec, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	const bounds = 2
	if len(schema.Columns) != len(c.Keys)+bounds+len(c.Calls) {
		return nil, fault.New(fault.Bug, fault.Place{}, "%d names for %d keys and %d functions", len(schema.Columns), len(c.Keys), len(c.Calls))
	}
	set, err := accumulator.New(c.Calls, c.Input, firstWord)
	if err != nil {
		return nil, err
	}
	out := &Codec{config: c, set: set, window: len(c.Keys)}
	var names operator.StateNames
	window := []string{names.Take("window_start"), names.Take("window_end"), names.Take("joins_from")}
	for i, k := range c.Keys {
		out.add(names.Take(schema.Columns[i].Name), c.Input[k], false)
	}
	if hashed != nil {
		out.hashed = make([]int, 0, len(hashed))
	}
	for _, h := range hashed {
		place := -1
		for i, k := range c.Keys {
			if h == k {
				place = i
			}
		}
		if place < 0 {
			return nil, fault.New(fault.Bug, fault.Place{}, "the exchange hashes column %d, which is no key", h)
		}
		out.hashed = append(out.hashed, place)
	}
	for _, name := range window {
		out.add(name, types.Timestamp, false)
	}
	out.calls = len(out.columns)
	for i, list := range set.Columns() {
		name := operator.CallName(schema.Columns[len(c.Keys)+bounds+i].Name)
		for _, part := range list {
			out.add(names.Take(name+part.Suffix), part.Kind, part.Wide)
		}
	}
	return out, nil
}

func (c *Codec) add(name string, kind types.Kind, wide bool) {
	c.columns = append(c.columns, operator.StateColumn{Column: types.Column{Name: name, Kind: kind}, Wide: wide})
}

// Columns returns the columns of the rows.
func (c *Codec) Columns() []operator.StateColumn { return c.columns }

// Keys returns the positions of the columns by which the exchange hashes.
func (c *Codec) Keys() []int { return c.hashed }

// export makes rows of records.
type export struct {
	*Codec

	memory   accumulator.Memory
	sessions [][]byte
}

// Export returns what makes rows of records.
func (c *Codec) Export() operator.StateExport {
	return &export{Codec: c, memory: accumulator.Memory{Words: make([]uint64, c.set.Stride())}}
}

// Mark returns nothing.
func (e *export) Mark() (mark int64, ok bool) { return 0, false }

// Rows appends the rows of a key's sessions.
func (e *export) Rows(key, value []byte, to *batch.Batch) error {
	switch {
	case len(key) == 0:
		return corrupt("a record without a name")
	case key[0] == timerSpace:
		return nil
	case key[0] != recordSpace:
		return corrupt("a record of an unknown kind")
	}
	_, sessions, err := openRecord(value)
	if err != nil {
		return err
	}
	e.sessions = e.sessions[:0]
	for len(sessions) > 0 {
		var stored []byte
		if stored, sessions, err = cutSession(sessions); err != nil {
			return err
		}
		e.sessions = append(e.sessions, stored)
	}
	for _, stored := range slices.Backward(e.sessions) {
		if err := e.row(key[1:], stored, to); err != nil {
			return err
		}
	}
	return nil
}

// row appends the row of a session.
func (e *export) row(key, stored []byte, to *batch.Batch) error {
	e.memory.Arena = e.memory.Arena[:0]
	if err := readSession(e.set, stored, &e.memory, 0); err != nil {
		return err
	}
	columns := to.Columns
	for i := range e.window {
		rest, ok := columns[i].AppendFromKey(key)
		if !ok {
			return corrupt("a key of another type")
		}
		key = rest
	}
	if len(key) != 0 {
		return corrupt("a key that is too long")
	}
	w := e.memory.Words
	columns[e.window].AppendInt64(int64(w[startWord]))                       //nolint:gosec // bits
	columns[e.window+1].AppendInt64(int64(w[lastWord]) + e.config.GapMicros) //nolint:gosec // bits
	columns[e.window+2].AppendInt64(int64(w[fromWord]))                      //nolint:gosec // bits
	e.set.AppendColumns(columns[e.calls:], &e.memory, 0)
	to.Length++
	return nil
}

// imported makes records of rows: it holds the sessions of one key.
type imported struct {
	*Codec

	memory accumulator.Memory
	// key is the record's; empty before the first row. sessions are those of the key, one behind the other, up to ends.
	key, next, sessions []byte
	ends                []int
	value               []byte
}

// Import returns what makes records of rows.
func (c *Codec) Import([]int64) operator.StateImport {
	return &imported{Codec: c, memory: accumulator.Memory{Words: make([]uint64, c.set.Stride())}}
}

// Record takes the session of a row, and puts those of the key before it.
func (i *imported) Record(b *batch.Batch, row int, put operator.Put) error {
	w := b.Columns
	i.next = append(i.next[:0], recordSpace)
	for c := range i.window {
		i.next = w[c].AppendKey(i.next, row)
	}
	if !bytes.Equal(i.next, i.key) {
		if err := i.Finish(put); err != nil {
			return err
		}
		i.key = append(i.key[:0], i.next...)
	}
	for _, v := range w[i.window:i.calls] {
		if v.IsNull(row) {
			return fault.New(fault.Corrupt, fault.Place{}, "a row of state without a window")
		}
	}
	start, end, from := w[i.window].Int64[row], w[i.window+1].Int64[row], w[i.window+2].Int64[row]
	last := end - i.config.GapMicros
	if start > last || from < start {
		return fault.New(fault.Corrupt, fault.Place{}, "a row of state with a session that ends before it begins")
	}
	i.memory.Arena = i.memory.Arena[:0]
	if err := i.set.ReadColumns(w[i.calls:], row, &i.memory, 0); err != nil {
		return err
	}
	m := i.memory.Words
	m[startWord], m[lastWord], m[fromWord] = uint64(start), uint64(last), uint64(from) //nolint:gosec // bits
	i.sessions = appendSession(i.set, i.sessions, &i.memory, 0)
	i.ends = append(i.ends, len(i.sessions))
	return nil
}

// Finish puts the sessions of the key at hand.
func (i *imported) Finish(put operator.Put) error {
	if len(i.key) == 0 {
		return nil
	}
	i.value = append(i.value[:0], 0)
	for n, end := range slices.Backward(i.ends) { // a record begins with the newest
		from := 0
		if n > 0 {
			from = i.ends[n-1]
		}
		one := i.sessions[from:end]
		i.value = append(binary.AppendUvarint(i.value, uint64(len(one))), one...)
	}
	err := put(i.key, i.value)
	i.key, i.sessions, i.ends = i.key[:0], i.sessions[:0], i.ends[:0]
	return err
}
