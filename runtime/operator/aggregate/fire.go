package aggregate

import (
	"bytes"
	"slices"

	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// emitRows is the number of rows in an emitted batch.
const emitRows = 4096

// Advance fires the windows whose end is at most w, in the order of their ends, and the groups of each by key.
func (a *Aggregate) Advance(w types.Watermark, out operator.Output) error {
	if w <= a.watermark {
		return nil
	}
	if err := a.fireUpTo(w, out); err != nil {
		return err
	}
	a.watermark = w
	return a.emit(out)
}

func (a *Aggregate) fireUpTo(w types.Watermark, out operator.Output) error {
	if a.slide != nil {
		return a.slide.advance(a, int64(w), out)
	}
	fired := 0
	for _, t := range a.tables {
		if t.end > int64(w) {
			break
		}
		if err := a.fire(t, out); err != nil {
			return err
		}
		fired++
	}
	a.tables = slices.Delete(a.tables, 0, fired)
	return nil
}

// fire adds the groups of a window to the output and forgets them.
func (a *Aggregate) fire(t *table, out operator.Output) error {
	left := a.order.sort(t, a.intKey >= 0)
	prefix := a.appendPrefix(nil, t)
	upper := state.Successor(slices.Clone(prefix))
	if !t.whole {
		err := a.view.Scan(prefix, upper, func(key, value []byte) error {
			key = key[len(prefix):]
			var known bool
			var err error
			if left, known, err = a.addUntil(t, left, key, out); known || err != nil {
				return err
			}
			a.one.Arena = a.one.Arena[:0]
			if err := a.set.ReadValue(value, &a.one.Memory, 0); err != nil {
				return err
			}
			return a.emitGroup(t, &a.one, 0, key, out)
		})
		if err != nil {
			return err
		}
	}
	if _, _, err := a.addUntil(t, left, nil, out); err != nil {
		return err
	}
	if t.stored {
		return a.view.DeleteRange(prefix, upper)
	}
	return nil
}

// addUntil adds the groups of sorted entries up to and including a key, or all for none, and returns what is left and
// whether the key was among them.
func (a *Aggregate) addUntil(t *table, entries []uint32, key []byte, out operator.Output) (left []uint32, known bool, err error) {
	for n, at := range entries {
		if key == nil {
			t.ahead(entries, n)
		}
		a.key = a.appendKey(a.key[:0], t, at)
		c := -1
		if key != nil {
			c = bytes.Compare(a.key, key)
		}
		if c > 0 {
			return entries[n:], false, nil
		}
		if err := a.emitGroup(t, t, at, a.key, out); err != nil {
			return nil, false, err
		}
		if c == 0 {
			return entries[n+1:], true, nil
		}
	}
	return nil, false, nil
}

// emitGroup adds one group of window t to the output, if its sums fit their types; its accumulators are an entry of values.
func (a *Aggregate) emitGroup(t, values *table, at uint32, key []byte, out operator.Output) error {
	if problem := a.set.Check(&values.Memory, at); problem != nil {
		return a.bad.Bad(&a.out, operator.NoRow, problem)
	}
	for i, k := range a.config.Keys {
		v := &a.out.Columns[i]
		switch k {
		case a.config.WindowEnd:
			v.AppendInt64(t.end)
		case a.config.WindowStart:
			v.AppendInt64(t.start)
		default:
			rest, ok := v.AppendFromKey(key)
			if !ok {
				return corrupt("a key of another type")
			}
			key = rest
		}
	}
	a.set.AppendResults(a.out.Columns[len(a.config.Keys):], &values.Memory, at)
	if a.out.Length++; a.out.Length < emitRows {
		return nil
	}
	return a.emit(out)
}

// emit pushes the rows that the output has.
func (a *Aggregate) emit(out operator.Output) error {
	if a.out.Length == 0 {
		return nil
	}
	err := out.Push(&a.out)
	a.out.Length = 0
	for i := range a.out.Columns {
		a.out.Columns[i].Reset(a.out.Columns[i].Kind)
	}
	return err
}
