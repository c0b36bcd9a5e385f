package session_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/types"
)

// The input's columns.
const (
	colTime = iota
	colBefore
	colInt
	colText
	colDouble
	colBool
)

const gap = 10

func kinds() []types.Kind {
	return []types.Kind{types.Timestamp, types.Timestamp, types.BigInt, types.String, types.Double, types.Boolean}
}

func count() accumulator.Call {
	return accumulator.Call{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}
}

func allCalls() []accumulator.Call {
	return []accumulator.Call{
		count(),
		{Function: accumulator.Count, Argument: colText, Filter: colBool, Kind: types.BigInt},
		{Function: accumulator.Sum, Argument: colInt, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Sum, Argument: colDouble, Filter: colBool, Kind: types.Double},
		{Function: accumulator.Avg, Argument: colInt, Filter: -1, Kind: types.Double},
		{Function: accumulator.Avg, Argument: colDouble, Filter: -1, Kind: types.Double},
		{Function: accumulator.Min, Argument: colInt, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Max, Argument: colDouble, Filter: -1, Kind: types.Double},
		{Function: accumulator.Min, Argument: colText, Filter: -1, Kind: types.String},
		{Function: accumulator.Max, Argument: colText, Filter: colBool, Kind: types.String},
		{Function: accumulator.Max, Argument: colBool, Filter: -1, Kind: types.Boolean},
	}
}

func config(groupBy ...int) session.Config {
	return session.Config{Keys: groupBy, Input: kinds(), Time: colTime, NotBefore: colBefore, GapMicros: gap, Calls: allCalls()}
}

func newer(c session.Config) func(operator.LateRows, operator.BadRows) (operator.Operator, error) {
	return func(late operator.LateRows, bad operator.BadRows) (operator.Operator, error) {
		return session.New(c, late, bad)
	}
}

// codec is that of a config, whose columns have names made of their numbers.
func codec(t *testing.T, c session.Config) operator.StateCodec {
	t.Helper()
	var schema types.Schema
	for _, k := range c.Keys {
		schema.Columns = append(schema.Columns, types.Column{Name: fmt.Sprintf("key_%d", k), Kind: c.Input[k]})
	}
	for _, name := range []string{"window_start", "window_end"} {
		schema.Columns = append(schema.Columns, types.Column{Name: name, Kind: types.Timestamp})
	}
	for i, call := range c.Calls {
		schema.Columns = append(schema.Columns, types.Column{Name: fmt.Sprintf("%s(c%d)", call.Function, i), Kind: call.Kind})
	}
	made, err := session.NewCodec(c, schema, append([]int{}, c.Keys...))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func backend() state.Backend { return memory.New() }

// row is a row of key k, and the watermark of its own partition before it; mark is one of the task, told before it.
type row struct {
	k, time, own, mark int64
}

const none = math.MinInt64

func caseOf(t *testing.T, list []row) operatortest.Case {
	t.Helper()
	c := config(colInt)
	c.Calls = []accumulator.Call{count()}
	in := &batch.Batch{Length: len(list)}
	in.Reset(kinds())
	in.Length = len(list)
	var marks []operatortest.Watermark
	for n, r := range list {
		in.Columns[colTime].AppendInt64(r.time)
		in.Columns[colBefore].AppendInt64(r.own)
		in.Columns[colInt].AppendInt64(r.k)
		in.Columns[colText].AppendNull()
		in.Columns[colDouble].AppendNull()
		in.Columns[colBool].AppendNull()
		if r.mark != none {
			marks = append(marks, operatortest.Watermark{Row: n, At: types.Watermark(r.mark)})
		}
	}
	return operatortest.Case{New: newer(c), Codec: codec(t, c), Backend: backend, Input: in, Watermarks: marks}
}

func TestSessions(t *testing.T) {
	cases := map[string]struct {
		rows []row
		want []string
		late int
	}{
		"a distance of the gap joins":           {[]row{{1, 0, none, none}, {1, 10, none, none}}, []string{"1 0 20 2"}, 0},
		"a microsecond more does not":           {[]row{{1, 0, none, none}, {1, 11, none, none}}, []string{"1 0 10 1", "1 11 21 1"}, 0},
		"a row in the middle joins two":         {[]row{{1, 0, none, none}, {1, 20, none, none}, {1, 10, none, none}}, []string{"1 0 30 3"}, 0},
		"a row before the first":                {[]row{{1, 5, none, none}, {1, -3, none, none}}, []string{"1 -3 15 2"}, 0},
		"a row joins three":                     {[]row{{1, 0, none, none}, {1, 40, none, none}, {1, 20, none, none}, {1, 30, none, none}, {1, 10, none, none}}, []string{"1 0 50 5"}, 0},
		"an older session between others":       {[]row{{1, 0, none, none}, {1, 60, none, none}, {1, 30, none, none}}, []string{"1 0 10 1", "1 30 40 1", "1 60 70 1"}, 0},
		"keys have sessions of their own":       {[]row{{2, 0, none, none}, {1, 5, none, none}, {2, 9, none, none}}, []string{"1 5 15 1", "2 0 19 2"}, 0},
		"one end: in the order of keys":         {[]row{{3, 0, none, none}, {-1, 0, none, none}, {2, 0, none, none}}, []string{"-1 0 10 1", "2 0 10 1", "3 0 10 1"}, 0},
		"before the epoch":                      {[]row{{1, -25, none, none}, {1, -15, none, none}, {1, -4, none, none}}, []string{"1 -25 -5 2", "1 -4 6 1"}, 0},
		"a watermark at the end fires nothing":  {[]row{{1, 0, 0, none}, {1, 10, 10, 10}}, []string{"1 0 20 2"}, 0},
		"one above the end does":                {[]row{{1, 0, 0, none}, {1, 11, 11, 11}}, []string{"1 0 10 1", "1 11 21 1"}, 0},
		"behind its watermark, and still open":  {[]row{{1, 0, 0, none}, {1, 4, 10, 3}}, []string{"1 0 14 2"}, 0},
		"behind its watermark, which ended it":  {[]row{{1, 0, 0, none}, {1, 4, 11, 3}}, []string{"1 0 10 1", "1 4 14 1"}, 0},
		"the same, fired by then":               {[]row{{1, 0, 0, none}, {1, 4, 11, 11}}, []string{"1 0 10 1", "1 4 14 1"}, 0},
		"the same, in the other order":          {[]row{{1, 4, 11, none}, {1, 0, 0, none}}, []string{"1 0 10 1", "1 4 14 1"}, 0},
		"a bridge of one behind":                {[]row{{1, 4, 11, none}, {1, 0, 0, none}, {1, 9, 9, none}}, []string{"1 0 19 3"}, 0},
		"after idleness the task's time counts": {[]row{{1, 0, 0, none}, {1, 0, 0, 15}, {1, 6, 6, none}, {2, 5, 5, none}}, []string{"1 0 10 1", "1 6 16 1"}, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := operatortest.Run(t, caseOf(t, c.rows))
			if !slices.Equal(got.Rows, c.want) || len(got.Bad) != 0 || got.Late != c.late {
				t.Errorf("got %+v, want %q, %d late", got, c.want, c.late)
			}
		})
	}
}

// A session fires with the watermark above its end, not later.
func TestFiresAtOnce(t *testing.T) {
	for at, want := range map[int64]int{10: 0, 11: 1} {
		c := caseOf(t, []row{{1, 0, none, none}, {1, 100, none, at}})
		op, err := c.New(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		store, err := backend().Open("s/0")
		if err != nil {
			t.Fatal(err)
		}
		if err := op.(operator.Stateful).Open(state.NewView(store, nil)); err != nil { //nolint:forcetypeassert // it is one
			t.Fatal(err)
		}
		out := &rowCounter{}
		c.Input.Selection = []int32{0}
		if err := op.Push(c.Input, out); err != nil {
			t.Fatal(err)
		}
		if err := op.Advance(types.Watermark(at), out); err != nil {
			t.Fatal(err)
		}
		if out.rows != want {
			t.Errorf("at %d: %d rows, want %d", at, out.rows, want)
		}
	}
}

type rowCounter struct{ rows int }

func (c *rowCounter) Push(b *batch.Batch) error { c.rows += b.Selected(); return nil }

// interval is a row, as the definition has it.
type interval struct {
	from, time int64
	row        int
}

// expected is a session of the definition.
type expected struct {
	start, last int64
	key         []byte
	row, n      int
}

// oracle cuts rows into sessions by the definition, and returns what is emitted with COUNT(*), as text.
func oracle(in *batch.Batch, keys []int) []string {
	groups := map[string][]interval{}
	for i := range in.Length {
		k := string(batch.AppendKey(nil, in.Columns, keys, i))
		t := in.Columns[colTime].Int64[i]
		groups[k] = append(groups[k], interval{max(t, in.Columns[colBefore].Int64[i]), t, i})
	}
	var all []expected
	for k, list := range groups {
		slices.SortFunc(list, func(a, b interval) int { return cmp.Compare(a.from, b.from) })
		for n, x := range list {
			if open := len(all) - 1; n > 0 && x.from <= all[open].last+gap {
				all[open].start, all[open].last = min(all[open].start, x.time), max(all[open].last, x.time)
				all[open].n++
				continue
			}
			all = append(all, expected{x.time, x.time, []byte(k), x.row, 1})
		}
	}
	slices.SortFunc(all, func(a, b expected) int { return cmp.Or(cmp.Compare(a.last, b.last), bytes.Compare(a.key, b.key)) })
	out := &batch.Batch{}
	var columns []types.Kind
	for _, k := range keys {
		columns = append(columns, in.Columns[k].Kind)
	}
	out.Reset(append(columns, types.Timestamp, types.Timestamp, types.BigInt))
	rows := make([]string, len(all))
	for i, e := range all {
		for c, k := range keys {
			out.Columns[c].AppendFrom(&in.Columns[k], e.row)
		}
		for c, x := range []int64{e.start, e.last + gap, int64(e.n)} {
			out.Columns[len(keys)+c].AppendInt64(x)
		}
		rows[i] = operatortest.Text(out, i)
	}
	return rows
}

// random makes rows of three partitions whose times advance unevenly and are out of order, more than is allowed for.
func random(seed uint64, n int, nulls float64) (*batch.Batch, []operatortest.Watermark) {
	rng := rand.New(rand.NewPCG(seed, 9))
	all := operatortest.Random(rng, kinds(), n, nulls)
	in := &batch.Batch{}
	in.Reset(kinds())
	var at, own [3]int64
	for p := range own {
		own[p] = none
	}
	var marks []operatortest.Watermark
	told := int64(none)
	for row := range n {
		p := rng.IntN(3)
		at[p] += int64(rng.IntN(9))
		t := at[p] - int64(rng.IntN(25))
		w := own[p]
		own[p] = max(w, t-5)
		if w != none && t+gap <= w {
			continue // late in its own partition
		}
		for i := colInt; i < len(in.Columns); i++ {
			in.Columns[i].AppendFrom(&all.Columns[i], row)
		}
		in.Columns[colTime].AppendInt64(t)
		in.Columns[colBefore].AppendInt64(w)
		in.Length++
		if low := min(own[0], own[1], own[2]); rng.IntN(4) == 0 && low != none && low > told {
			told = low
			marks = append(marks, operatortest.Watermark{Row: in.Length, At: types.Watermark(low)})
		}
	}
	return in, marks
}

// Whatever the keys, the cuts, the watermarks in between, the memory and the NULLs: the sessions of the definition.
func TestSessionsAgainstTheDefinition(t *testing.T) {
	groupings := map[string][]int{"nothing": nil, "an integer": {colInt}, "a string": {colText}, "two columns": {colBool, colInt}}
	for name, groupBy := range groupings {
		for seed := range uint64(8) {
			nulls := []float64{0, 0.3}[seed%2]
			t.Run(fmt.Sprintf("by %s, seed %d", name, seed), func(t *testing.T) {
				in, marks := random(seed, 160, nulls)
				got := operatortest.Run(t, operatortest.Case{New: newer(config(groupBy...)), Codec: codec(t, config(groupBy...)), Backend: backend, Input: in, Watermarks: marks})
				want := oracle(in, groupBy)
				if len(got.Rows) != len(want) || len(got.Bad) != 0 || got.Late != 0 {
					t.Fatalf("%d sessions, want %d; bad %v, late %d", len(got.Rows), len(want), got.Bad, got.Late)
				}
				plain := config(groupBy...)
				plain.Calls = plain.Calls[:1]
				got = operatortest.Run(t, operatortest.Case{New: newer(plain), Codec: codec(t, plain), Backend: backend, Input: in, Watermarks: marks})
				if !slices.Equal(got.Rows, want) {
					t.Fatalf("got  %q\nwant %q", got.Rows, want)
				}
			})
		}
	}
}

// TestASteadySessionOperatorDoesNotReadItsStore counts what would be round trips, where the store is a server.
func TestASteadySessionOperatorDoesNotReadItsStore(t *testing.T) {
	in, marks := random(3, 400, 0.1)
	reads := operatortest.Reads(t, operatortest.Case{New: newer(config(colText)), Backend: backend, Input: in, Watermarks: marks}, 20)
	if reads > 0 {
		t.Errorf("%d reads of %d rows", reads, in.Length)
	}
}
