package session_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// texts collects what is emitted.
type texts struct{ rows []string }

func (x *texts) Push(b *batch.Batch) error {
	for row := range b.Length {
		x.rows = append(x.rows, operatortest.Text(b, row))
	}
	return nil
}

// many is rows of many keys in order, a microsecond apart or none, each key in a few sessions.
func many(n int) *batch.Batch {
	in := &batch.Batch{Length: n}
	in.Reset(kinds())
	in.Length = n
	rng := rand.New(rand.NewPCG(4, 4))
	for row := range n {
		in.Columns[colTime].AppendInt64(int64(row / 400))
		in.Columns[colBefore].AppendInt64(none)
		in.Columns[colInt].AppendInt64(int64(rng.IntN(3000)))
		in.Columns[colText].AppendBytes(fmt.Appendf(nil, "text-%d", rng.IntN(3000)))
		in.Columns[colDouble].AppendFloat64(1)
		in.Columns[colBool].AppendBool(row%3 == 0)
	}
	return in
}

// moved returns a store with what a savepoint keeps of another.
func moved(t *testing.T, c session.Config, from state.Store) (state.Store, *state.View) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	rows, marks := operatortest.Export(t, codec(t, c), from, "")
	store, err := backend().Open("s/0")
	must(err)
	view := state.NewView(store, nil)
	in := codec(t, c).Import(marks)
	for row := range rows.Length {
		must(in.Record(rows, row, view.Put))
	}
	must(in.Finish(view.Put))
	_, err = view.Seal()
	must(err)
	must(view.Commit(state.Position{}))
	return store, view
}

// drive runs the rows in batches, with commits, restarts and rollbacks of nothing in between, and returns what came out.
func drive(t *testing.T, c session.Config, in *batch.Batch, disturbed bool) []string {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	store, err := backend().Open("s/0")
	must(err)
	view := state.NewView(store, nil)
	op, err := session.New(c, nil, nil)
	must(err)
	must(op.Open(view))
	out := &texts{}
	const size = 500
	for from := 0; from < in.Length; from += size {
		b := &batch.Batch{}
		b.Reset(c.Input)
		for row := from; row < min(from+size, in.Length); row++ {
			b.AppendRow(in, row)
		}
		must(op.Push(b, out))
		w := types.Watermark(in.Columns[colTime].Int64[from] - 3)
		must(op.Advance(w, out))
		if !disturbed || from/size%3 != 0 {
			continue
		}
		must(op.Flush())
		_, err := view.Seal()
		must(err)
		must(view.Commit(state.Position{Commit: int64(from)}))
		switch {
		case from/size%9 == 0:
			store, view = moved(t, c, store)
			op, err = session.New(c, nil, nil)
			must(err)
			must(op.Open(view))
		case from/size%2 == 0:
			op, err = session.New(c, nil, nil)
			must(err)
			must(op.Open(view))
		default:
			must(op.Reset())
		}
		must(op.Advance(w, out))
	}
	must(op.Advance(types.EndOfInput, out))
	must(op.Flush())
	must(view.Scan(nil, nil, func(key, _ []byte) error {
		t.Errorf("%x is still in the state at the end", key)
		return nil
	}))
	return out.rows
}

// Keys that are put out to stay within the memory come back, and fire in their turn.
func TestMemoryIsBounded(t *testing.T) {
	for name, by := range map[string][]int{"an integer": {colInt}, "a string": {colText}} {
		t.Run("by "+name, func(t *testing.T) {
			in := many(20_000)
			c := config(by...)
			want := drive(t, c, in, false)
			c.MemoryBytes = 64 << 10
			for _, disturbed := range []bool{false, true} {
				if got := drive(t, c, in, disturbed); !slices.Equal(got, want) {
					t.Errorf("disturbed %v: %d rows differ from %d of an unbounded one", disturbed, len(got), len(want))
				}
			}
		})
	}
}

// A SUM that overflows makes its session bad; one that is only on its way beyond the range does not.
func TestSumsThatOverflow(t *testing.T) {
	const most = 1<<63 - 1
	sum := accumulator.Call{Function: accumulator.Sum, Argument: colInt, Filter: -1, Kind: types.BigInt}
	overflow := []string{"a result: SUM overflows"}
	cases := map[string]struct {
		times, values []int64
		rows, bad     []string
	}{
		"in a session":    {[]int64{0, 1, 20}, []int64{most, 1, 5}, []string{"20 30 5 1"}, overflow},
		"on its way":      {[]int64{0, 1, 2}, []int64{most, 1, -1}, []string{"0 12 9223372036854775807 3"}, nil},
		"by joining":      {[]int64{0, 20, 10}, []int64{most, 2, -1}, nil, overflow},
		"alone":           {[]int64{0, 20}, []int64{most, most}, []string{"0 10 9223372036854775807 1", "20 30 9223372036854775807 1"}, nil},
		"just not":        {[]int64{0, 20, 10}, []int64{most - 2, 1, 1}, []string{"0 30 9223372036854775807 3"}, nil},
		"below the range": {[]int64{0, 1}, []int64{-most - 1, -1}, nil, overflow},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in := &batch.Batch{}
			in.Reset(kinds())
			in.Length = len(c.times)
			for i, at := range c.times {
				in.Columns[colTime].AppendInt64(at)
				in.Columns[colBefore].AppendInt64(none)
				in.Columns[colInt].AppendInt64(c.values[i])
				for _, k := range []int{colText, colDouble, colBool} {
					in.Columns[k].AppendNull()
				}
			}
			cfg := config()
			cfg.Calls = []accumulator.Call{sum, count()}
			got := operatortest.Run(t, operatortest.Case{New: newer(cfg), Codec: codec(t, cfg), Backend: backend, Input: in})
			if !slices.Equal(got.Rows, c.rows) || !slices.Equal(got.Bad, c.bad) {
				t.Errorf("got %+v, want %q and bad %q", got, c.rows, c.bad)
			}
		})
	}
}
