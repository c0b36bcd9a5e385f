package aggregate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// sliced is a config over slices of a shape.
func sliced(shape window.Shape, calls []accumulator.Call, groupBy ...int) aggregate.Config {
	c := config(groupBy...)
	c.Slices, c.Calls = &shape, calls
	return c
}

// slicedInput is n random rows of runs of the shape, mostly in order, some of them late for their first windows.
func slicedInput(shape window.Shape, n int, nulls float64) *batch.Batch {
	rng := rand.New(rand.NewPCG(7, 3))
	b := operatortest.Random(rng, kinds(), n, nulls)
	b.Columns[colStart].Reset(types.Timestamp)
	b.Columns[colEnd].Reset(types.Timestamp)
	double := &b.Columns[colDouble]
	for row := range n {
		if !double.IsNull(row) {
			double.Float64[row] = math.Trunc(double.Float64[row]) + 0 // so that sums are exact, and of two zeros there is one
		}
		at := int64(row - 20 - rng.IntN(6))
		run, _ := shape.At(at)
		for run.First > run.Last { // in a gap
			at++
			run, _ = shape.At(at)
		}
		if left, ok := run.After(at+rng.Int64N(shape.SizeMicros), shape.StepMicros); ok && rng.IntN(4) == 0 {
			run = left
		}
		b.Columns[colStart].AppendInt64(run.Last)
		b.Columns[colEnd].AppendInt64(run.First)
	}
	return b
}

func shapes() map[string]window.Shape {
	return map[string]window.Shape{
		"hopping":              {SizeMicros: 10, StepMicros: 2},
		"with many slices":     {SizeMicros: 16, StepMicros: 1},
		"no multiple":          {SizeMicros: 10, StepMicros: 4, OffsetMicros: 3},
		"with gaps":            {SizeMicros: 3, StepMicros: 7},
		"one window":           {SizeMicros: 5, StepMicros: 5},
		"cumulating":           {SizeMicros: 12, StepMicros: 3, OffsetMicros: 5, Cumulate: true},
		"cumulating, one step": {SizeMicros: 6, StepMicros: 6, Cumulate: true},
	}
}

// Whatever the shape, the functions and the grouping: slices give what a row in each of its windows gives.
func TestSlicesAgainstWindows(t *testing.T) {
	exact := []accumulator.Call{
		{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt},
		{Function: accumulator.Sum, Argument: colInt, Filter: colBool, Kind: types.BigInt},
		{Function: accumulator.Avg, Argument: colInt, Filter: -1, Kind: types.Double},
	}
	cases := map[string]struct {
		groupBy []int
		calls   []accumulator.Call
	}{
		"exact functions":               {nil, exact},
		"exact functions by an integer": {[]int{colInt}, exact},
		"exact functions by a string":   {[]int{colText}, exact},
		"all functions by two columns":  {[]int{colBool, colInt}, allCalls()},
		"all functions by an integer":   {[]int{colInt}, allCalls()},
	}
	for name, shape := range shapes() {
		for what, c := range cases {
			t.Run(name+", "+what, func(t *testing.T) {
				in := slicedInput(shape, 70, 0.1)
				marks := []operatortest.Watermark{{Row: 30, At: 4}, {Row: 45, At: 27}, {Row: 46, At: 28}, {Row: 60, At: 41}}
				got := operatortest.Run(t, operatortest.Case{
					New: newer(sliced(shape, c.calls, c.groupBy...)), Codec: codec(t, sliced(shape, c.calls, c.groupBy...)), Backend: backend, Input: in, Watermarks: marks,
				})
				whole := config(c.groupBy...)
				whole.Calls = c.calls
				expanded, moved, late := expand(shape, in, marks)
				want := operatortest.Run(t, operatortest.Case{New: newer(whole), Backend: backend, Input: expanded, Watermarks: moved})
				if got.Late != late || !slices.Equal(got.Rows, want.Rows) {
					t.Errorf("late %d, want %d; %d rows, want %d", got.Late, late, len(got.Rows), len(want.Rows))
				}
			})
		}
	}
}

// expand gives each row to each of its windows that has not fired. It returns the watermarks by the new rows, and the
// number of rows that were late for all.
func expand(shape window.Shape, in *batch.Batch, marks []operatortest.Watermark) (out *batch.Batch, moved []operatortest.Watermark, late int) {
	out = &batch.Batch{}
	out.Reset(kinds())
	watermark := types.NoWatermark
	for row := range in.Length {
		for _, m := range marks {
			if m.Row == row {
				watermark = m.At
				moved = append(moved, operatortest.Watermark{Row: out.Length, At: m.At})
			}
		}
		run := window.Run{First: in.Columns[colEnd].Int64[row], Last: in.Columns[colStart].Int64[row]}
		before := out.Length
		for end := run.First; end <= run.Last; end += shape.StepMicros {
			if end <= int64(watermark) {
				continue
			}
			out.AppendRow(in, row)
			out.Columns[colStart].Int64[out.Length-1] = shape.Start(run, end)
			out.Columns[colEnd].Int64[out.Length-1] = end
		}
		if out.Length == before {
			late++
		}
	}
	return out, moved, late
}

// With little memory the slices come from the view, and the result is the same.
func TestSlicesBeyondTheMemory(t *testing.T) {
	for _, groupBy := range [][]int{{colInt}, {colText}} {
		for _, calls := range [][]accumulator.Call{allCalls(), allCalls()[:3]} {
			shape := window.Shape{SizeMicros: 4000, StepMicros: 1000}
			in := slicedInput(shape, 6000, 0)
			for row := range in.Length {
				in.Columns[colInt].Int64[row] = int64(row % 3000)
				in.Columns[colText].SetBytes(row, fmt.Appendf(nil, "key %d", row%3000))
			}
			c := sliced(shape, calls, groupBy...)
			run := func(memory int) []string {
				c.MemoryBytes = memory
				return drive(t, c, in, func(row int) types.Watermark { return types.Watermark(row - 30) })
			}
			if want, got := run(0), run(64<<10); !slices.Equal(got, want) || len(want) == 0 {
				t.Errorf("%d rows with little memory, %d with much", len(got), len(want))
			}
		}
	}
}

func TestSlicedConfigIsChecked(t *testing.T) {
	for name, change := range map[string]func(*aggregate.Config){
		"no last window": func(c *aggregate.Config) { c.WindowStart = -1 },
		"no shape":       func(c *aggregate.Config) { c.Slices = &window.Shape{} },
		"no timestamp":   func(c *aggregate.Config) { c.Input[colStart] = types.BigInt },
	} {
		c := sliced(window.Shape{SizeMicros: 4, StepMicros: 2}, allCalls())
		change(&c)
		if _, err := aggregate.New(c, nil, nil); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
