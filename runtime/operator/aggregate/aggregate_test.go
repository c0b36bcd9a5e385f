package aggregate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/types"
)

// The input's columns.
const (
	colStart = iota
	colEnd
	colInt
	colText
	colDouble
	colBool
)

func kinds() []types.Kind {
	return []types.Kind{types.Timestamp, types.Timestamp, types.BigInt, types.String, types.Double, types.Boolean}
}

func allCalls() []accumulator.Call {
	return []accumulator.Call{
		{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt},
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

func config(groupBy ...int) aggregate.Config {
	return aggregate.Config{
		Keys: append(groupBy, colStart, colEnd), Input: kinds(), WindowStart: colStart, WindowEnd: colEnd, Calls: allCalls(),
	}
}

func newer(c aggregate.Config) func(operator.LateRows, operator.BadRows) (operator.Operator, error) {
	return func(late operator.LateRows, bad operator.BadRows) (operator.Operator, error) {
		return aggregate.New(c, late, bad)
	}
}

// codec is that of a config, whose columns have names made of their numbers.
func codec(t *testing.T, c aggregate.Config) operator.StateCodec {
	t.Helper()
	var schema types.Schema
	hashed := []int{}
	for _, k := range c.Keys {
		schema.Columns = append(schema.Columns, types.Column{Name: fmt.Sprintf("key_%d", k), Kind: c.Input[k]})
		if k != c.WindowEnd && k != c.WindowStart {
			hashed = append(hashed, k)
		}
	}
	for i, call := range c.Calls {
		schema.Columns = append(schema.Columns, types.Column{Name: fmt.Sprintf("%s(c%d)", call.Function, i), Kind: call.Kind})
	}
	made, err := aggregate.NewCodec(c, schema, hashed)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func backend() state.Backend { return memory.New() }

// input is n random rows in windows of size 10, mostly in order.
func input(n int, nulls float64) *batch.Batch {
	rng := rand.New(rand.NewPCG(5, 2))
	b := operatortest.Random(rng, kinds(), n, nulls)
	for i := range 2 {
		b.Columns[i].Reset(types.Timestamp)
	}
	for row := range n {
		start := int64(max(0, row/25-rng.IntN(3))) * 10
		b.Columns[colStart].AppendInt64(start)
		b.Columns[colEnd].AppendInt64(start + 10)
	}
	return b
}

// Whatever the grouping, the memory and the NULLs: every window fires once, with the counts of a plain map.
func TestAggregateAgainstAMap(t *testing.T) {
	groupings := map[string][]int{"nothing": nil, "an integer": {colInt}, "a string": {colText}, "two columns": {colBool, colInt}}
	for name, groupBy := range groupings {
		for _, nulls := range []float64{0, 0.3, 1} {
			t.Run(fmt.Sprintf("by %s, NULL share %v", name, nulls), func(t *testing.T) {
				in := input(150, nulls)
				got := operatortest.Run(t, operatortest.Case{
					New: newer(config(groupBy...)), Codec: codec(t, config(groupBy...)), Backend: backend, Input: in,
					Watermarks: []operatortest.Watermark{{Row: 40, At: 5}, {Row: 75, At: 10}, {Row: 110, At: 31}},
				})
				want := map[string]int{}
				late := 0
				for row := range in.Length {
					end := in.Columns[colEnd].Int64[row]
					if row >= 75 && end <= 10 || row >= 110 && end <= 31 {
						late++
						continue
					}
					want[string(batch.AppendKey(nil, in.Columns, append([]int{colEnd}, groupBy...), row))]++
				}
				if len(got.Rows) != len(want) || got.Late != late || len(got.Bad) != 0 {
					t.Errorf("%d groups, %d late, bad %v; want %d and %d", len(got.Rows), got.Late, got.Bad, len(want), late)
				}
			})
		}
	}
}

// rowsOf makes rows of one window and group from (integer, text, double, boolean).
func rowsOf(list ...[4]any) *batch.Batch {
	b := &batch.Batch{}
	b.Reset(kinds())
	for _, r := range list {
		b.Columns[colStart].AppendInt64(0)
		b.Columns[colEnd].AppendInt64(10)
		for i, x := range r {
			v := &b.Columns[colInt+i]
			switch x := x.(type) {
			case int:
				v.AppendInt64(int64(x))
			case string:
				v.AppendBytes([]byte(x))
			case float64:
				v.AppendFloat64(x)
			case bool:
				v.AppendBool(x)
			default:
				v.AppendNull()
			}
		}
		b.Length++
	}
	return b
}

func TestFunctions(t *testing.T) {
	cases := map[string]struct {
		input *batch.Batch
		rows  []string
		bad   []string
	}{
		"values, filtered and not": {
			rowsOf([4]any{1, "b", 0.5, true}, [4]any{4, "a", 2.5, false}, [4]any{-3, "abc", -1.0, true}),
			[]string{`0 10 3 2 2 -0.5 0.6666666666666666 0.6666666666666666 -3 2.5 "a" "b" true`},
			nil,
		},
		"only NULL": {
			rowsOf([4]any{nil, nil, nil, nil}, [4]any{nil, nil, nil, nil}),
			[]string{"0 10 2 0" + strings.Repeat(" NULL", 9)},
			nil,
		},
		"a SUM beyond the range on its way": {
			rowsOf([4]any{math.MaxInt64, "a", 1.0, true}, [4]any{1, "z", 9.0, true}, [4]any{-1, "b", 1.0, true}),
			[]string{`0 10 3 3 9223372036854775807 11 3.0744573456182584e+18 3.6666666666666665 -1 9 "a" "z" true`},
			nil,
		},
		"a SUM beyond the range": {
			rowsOf([4]any{math.MaxInt64, "a", 1.0, true}, [4]any{1, "z", 9.0, true}), nil, []string{"a result: SUM overflows"},
		},
		"a SUM below the range": {
			rowsOf([4]any{math.MinInt64, "a", 1.0, true}, [4]any{-1, "z", 9.0, true}), nil, []string{"a result: SUM overflows"},
		},
		"a DOUBLE SUM beyond the range": {
			rowsOf([4]any{1, "a", math.MaxFloat64, true}, [4]any{1, "a", math.MaxFloat64, true}), nil, []string{"a result: SUM overflows"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := operatortest.Run(t, operatortest.Case{New: newer(config()), Codec: codec(t, config()), Backend: backend, Input: c.input})
			if !slices.Equal(got.Rows, c.rows) || !slices.Equal(got.Bad, c.bad) {
				t.Errorf("got %+v\nwant %q %q", got, c.rows, c.bad)
			}
		})
	}
}

// Only the group that overflows is bad.
func TestAGroupThatOverflowsIsNotEmitted(t *testing.T) {
	in := rowsOf([4]any{math.MaxInt64, "a", 1.0, true}, [4]any{1, "a", 1.0, true}, [4]any{1, "b", math.Inf(1), true}, [4]any{1, "c", 1.0, true})
	got := operatortest.Run(t, operatortest.Case{New: newer(config(colText)), Codec: codec(t, config(colText)), Backend: backend, Input: in})
	if len(got.Rows) != 1 || len(got.Bad) != 2 {
		t.Errorf("got %+v, want one row and two bad", got)
	}
}

// Tables that are dropped to stay within the memory come back from the view.
func TestMemoryIsBounded(t *testing.T) {
	const n = 20_000
	in := &batch.Batch{}
	in.Reset(kinds())
	for row := range n {
		in.Columns[colStart].AppendInt64(int64(row%2) * 10)
		in.Columns[colEnd].AppendInt64(int64(row%2)*10 + 10)
		in.Columns[colInt].AppendInt64(int64(row*7919) % 3000)
		in.Columns[colText].AppendBytes(fmt.Appendf(nil, "text-%d", row%10))
		in.Columns[colDouble].AppendFloat64(1)
		in.Columns[colBool].AppendBool(row%3 == 0)
	}
	in.Length = n
	c := config(colInt)
	want := drive(t, c, in, nil)
	c.MemoryBytes = 64 << 10
	if got := drive(t, c, in, nil); len(want) < 3000 || !slices.Equal(got, want) {
		t.Errorf("%d rows, and %d with little memory, or other ones", len(want), len(got))
	}
}

// drive runs an aggregate over the input in batches of 500 and returns what it emits. It tells mark of the next row,
// where that is not nil, behind each.
func drive(t *testing.T, c aggregate.Config, in *batch.Batch, mark func(row int) types.Watermark) (rows []string) {
	t.Helper()
	a := opened(t, c)
	out := texts{&rows}
	for from := 0; from < in.Length; from += 500 {
		b := *in
		b.Selection = nil
		for row := from; row < min(from+500, in.Length); row++ {
			b.Selection = append(b.Selection, int32(row))
		}
		if err := a.Push(&b, out); err != nil {
			t.Fatal(err)
		}
		if mark == nil {
			continue
		}
		if err := a.Advance(mark(from+500), out); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Advance(types.EndOfInput, out); err != nil {
		t.Fatal(err)
	}
	return rows
}

// opened returns an aggregate over an empty state.
func opened(tb testing.TB, c aggregate.Config) *aggregate.Aggregate {
	tb.Helper()
	a, err := aggregate.New(c, nil, nil)
	if err != nil {
		tb.Fatal(err)
	}
	store, err := backend().Open("s/0")
	if err != nil {
		tb.Fatal(err)
	}
	if err := a.Open(state.NewView(store, nil)); err != nil {
		tb.Fatal(err)
	}
	return a
}

type texts struct{ rows *[]string }

func (o texts) Push(b *batch.Batch) error {
	for row := range b.Length {
		*o.rows = append(*o.rows, operatortest.Text(b, row))
	}
	return nil
}

func TestConfigIsChecked(t *testing.T) {
	cases := map[string]func(c *aggregate.Config){
		"no window end among the keys": func(c *aggregate.Config) { c.Keys = []int{colStart} },
		"a key that does not exist":    func(c *aggregate.Config) { c.Keys = append(c.Keys, 17) },
		"a filter that is no BOOLEAN":  func(c *aggregate.Config) { c.Calls[0].Filter = colInt },
		"a SUM of a string":            func(c *aggregate.Config) { c.Calls[2].Argument = colText },
		"an AVG that gives BIGINT":     func(c *aggregate.Config) { c.Calls[4].Kind = types.BigInt },
		"an unknown function":          func(c *aggregate.Config) { c.Calls[0].Function = "MEDIAN" },
		"too little memory":            func(c *aggregate.Config) { c.MemoryBytes = 1 },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			c := config(colInt)
			change(&c)
			if _, err := aggregate.New(c, nil, nil); err == nil {
				t.Error("it was taken")
			}
		})
	}
}

// TestASteadyAggregateDoesNotReadItsStore counts what would be round trips, where the store is a server.
func TestASteadyAggregateDoesNotReadItsStore(t *testing.T) {
	in := input(400, 0.1)
	reads := operatortest.Reads(t, operatortest.Case{
		New: newer(config(colText)), Backend: backend, Input: in, Watermarks: []operatortest.Watermark{{Row: 200, At: 25}, {Row: 300, At: 70}},
	}, 20)
	if reads > 0 {
		t.Errorf("%d reads of %d rows", reads, in.Length)
	}
}
