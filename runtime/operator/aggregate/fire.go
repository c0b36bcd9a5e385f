package aggregate

import (
	"errors"
	"slices"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// emitRows is the number of rows in an emitted batch.
const emitRows = 4096

// wholeTimes is how many times EmitRows a table may have that is emitted at once, as it is in memory.
const wholeTimes = 4

// Advance fires the windows whose end is at most w, in the order of their ends, and the groups of each by key. It leaves some for the
// next time where they are many.
func (a *Aggregate) Advance(w types.Watermark, out operator.Output) error {
	if w <= a.watermark {
		return nil
	}
	a.watermark = w
	if a.behind {
		return nil
	}
	return a.Continue(out)
}

// Continue fires what is due, or some of it.
func (a *Aggregate) Continue(out operator.Output) error {
	if err := a.fireUpTo(a.watermark, out); err != nil {
		return err
	}
	return a.emit(out)
}

// Behind says that windows, or the rest of one, are left.
func (a *Aggregate) Behind() bool { return a.behind }

// Resume tells the committed watermark.
func (a *Aggregate) Resume(w types.Watermark) error {
	if !a.behindStored || a.slide != nil {
		return a.Advance(w, nothing{})
	}
	a.watermark = w
	a.behind = true
	return nil
}

// nothing is where a restored aggregate may emit nothing.
type nothing struct{}

// Push refuses rows.
func (nothing) Push(b *batch.Batch) error {
	return fault.New(fault.Bug, fault.Place{}, "%d groups of windows that have fired are still in the state", b.Selected())
}

func (a *Aggregate) fireUpTo(w types.Watermark, out operator.Output) error {
	if a.slide != nil {
		return a.slide.advance(a, int64(w), out)
	}
	fired, left := 0, a.config.EmitRows
	a.behind = false
	for _, t := range a.tables {
		if t.end > int64(w) {
			break
		}
		done := left > 0
		if done {
			var n int
			var err error
			if n, done, err = a.fire(t, left, out); err != nil {
				return err
			}
			left -= n
		}
		if !done {
			a.behind = true
			break
		}
		fired++
	}
	a.tables = slices.Delete(a.tables, 0, fired)
	return nil
}

// fire adds the groups of a window to the output and forgets them, about as many as may be at once; done says that none is left. It returns how
// many they were.
func (a *Aggregate) fire(t *table, most int, out operator.Output) (n int, done bool, err error) {
	if t.whole && t.used <= wholeTimes*a.config.EmitRows {
		return t.used, true, a.fireWhole(t, out)
	}
	prefix := a.appendPrefix(nil, t)
	upper := state.Successor(slices.Clone(prefix))
	if t.next == nil { // from now on the state has all of it
		if err := a.flush(t); err != nil {
			return 0, false, err
		}
		t.clear()
		t.whole, t.next = false, prefix
	}
	from := t.next
	err = a.view.Scan(from, upper, func(key, value []byte) error {
		if n >= most {
			t.next = slices.Clone(key)
			return errFound
		}
		n++
		a.one.Arena = a.one.Arena[:0]
		if err := a.set.ReadValue(value, &a.one.Memory, 0); err != nil {
			return err
		}
		return a.emitGroup(t, &a.one, 0, key[len(prefix):], out)
	})
	if errors.Is(err, errFound) {
		return n, false, a.view.DeleteRange(from, t.next)
	}
	if err != nil || !t.stored {
		return n, true, err
	}
	return n, true, a.view.DeleteRange(from, upper)
}

// fireWhole is fire for a table that lacks nothing.
func (a *Aggregate) fireWhole(t *table, out operator.Output) error {
	for n, at := range a.order.sort(t, a.intKey >= 0) {
		t.ahead(a.order.entries, n)
		a.key = a.appendKey(a.key[:0], t, at)
		if err := a.emitGroup(t, t, at, a.key, out); err != nil {
			return err
		}
	}
	if !t.stored {
		return nil
	}
	prefix := a.appendPrefix(nil, t)
	return a.view.DeleteRange(prefix, state.Successor(slices.Clone(prefix)))
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
