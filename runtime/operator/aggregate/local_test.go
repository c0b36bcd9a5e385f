package aggregate_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

var _ operator.Holding = (*aggregate.Local)(nil)

// partialKinds are the types of the partial results of each function, over the types of the tests.
func partialKinds(c accumulator.Call) []types.Kind {
	switch {
	case c.Function == accumulator.Count:
		return []types.Kind{types.BigInt}
	case c.Function == accumulator.Sum && c.Argument == colInt:
		return []types.Kind{types.BigInt, types.BigInt}
	case c.Function == accumulator.Avg && c.Argument == colInt:
		return []types.Kind{types.BigInt, types.BigInt, types.BigInt}
	case c.Function == accumulator.Avg:
		return []types.Kind{types.BigInt, types.Double}
	default:
		return []types.Kind{c.Kind}
	}
}

// second is the config of the phase behind a Local of config c.
func second(c aggregate.Config) aggregate.Config {
	out := aggregate.Config{WindowStart: -1, WindowEnd: -1, Slices: c.Slices, Partials: true}
	for i, k := range c.Keys {
		out.Keys = append(out.Keys, i)
		out.Input = append(out.Input, c.Input[k])
		switch k {
		case c.WindowEnd:
			out.WindowEnd = i
		case c.WindowStart:
			out.WindowStart = i
		}
	}
	for _, call := range c.Calls {
		out.Calls = append(out.Calls, accumulator.Call{Function: call.Function, Argument: len(out.Input), Filter: -1, Kind: call.Kind})
		out.Input = append(out.Input, partialKinds(call)...)
	}
	return out
}

// into pushes what comes to an operator; it counts the rows, and fails on those of windows that are over.
type into struct {
	t    *testing.T
	op   operator.Operator
	end  int
	over types.Watermark
	rows int
}

func (o *into) Push(b *batch.Batch) error {
	o.t.Helper()
	for n := range b.Selected() {
		row := n
		if b.Selection != nil {
			row = int(b.Selection[n])
		}
		if end := b.Columns[o.end].Int64[row]; end <= int64(o.over) {
			o.t.Fatalf("a row of the window until %d comes after %d", end, o.over)
		}
	}
	o.rows += b.Selected()
	return o.op.Push(b, nil)
}

// Two phases give what one gives, whatever is drained, told and dropped in between, and however groups repeat.
func TestTwoPhases(t *testing.T) {
	hop := window.Shape{SizeMicros: 10, StepMicros: 2}
	cases := map[string]struct {
		config aggregate.Config
		memory int
	}{
		"by nothing":             {config(), 0},
		"by an integer":          {config(colInt), 0},
		"by a string":            {config(colText), 0},
		"by two columns":         {config(colBool, colInt), 0},
		"with little memory":     {config(colDouble), 64 << 10},
		"slices":                 {sliced(hop, allCalls(), colInt), 0},
		"slices by strings":      {sliced(hop, allCalls(), colText), 64 << 10},
		"without functions":      {sliced(hop, nil, colText), 0},
		"without a window start": {aggregate.Config{Keys: []int{colEnd, colText}, Input: kinds(), WindowStart: -1, WindowEnd: colEnd, Calls: allCalls()}, 0},
	}
	for name, c := range cases {
		for seed := range uint64(20) {
			t.Run(fmt.Sprintf("%s, %d", name, seed), func(t *testing.T) {
				rng := rand.New(rand.NewPCG(seed, 9))
				in := slicedInput(hop, 300, 0.1)
				if c.config.Slices == nil {
					in = input(300, 0.1)
					for row := range in.Length { // so that sums are exact
						if v := &in.Columns[colDouble]; !v.IsNull(row) {
							v.Float64[row] = float64(row % 5)
						}
					}
				}
				want := drive(t, c.config, in, nil)
				first := c.config
				first.MemoryBytes = c.memory
				if got := twoPhases(t, rng, first, in); !slices.Equal(got, want) {
					t.Errorf("got %q\nwant %q", got, want)
				}
			})
		}
	}
}

// twoPhases runs the input through both phases in batches of a random size; in between the first is drained, told the
// time, or has lost what it held and gets it again.
func twoPhases(t *testing.T, rng *rand.Rand, c aggregate.Config, in *batch.Batch) (rows []string) {
	t.Helper()
	local, err := aggregate.NewLocal(c)
	if err != nil {
		t.Fatal(err)
	}
	next := second(c)
	global := opened(t, next)
	out := &into{t: t, op: global, end: next.WindowEnd, over: types.NoWatermark}
	committed := 0
	for from := 0; from < in.Length; {
		b := *in
		b.Selection = nil
		for n := 1 + rng.IntN(40); n > 0 && from < in.Length; n-- {
			b.Selection = append(b.Selection, int32(from))
			from++
		}
		if err := local.Push(&b, out); err != nil {
			t.Fatal(err)
		}
		switch rng.IntN(4) {
		case 0:
			if err := local.Drain(out); err != nil {
				t.Fatal(err)
			}
			committed = from
		case 1:
			if out.rows > 0 { // what went out since the commit can't be called back here
				continue
			}
			if err := local.Reset(); err != nil {
				t.Fatal(err)
			}
			from = committed
		default:
		}
	}
	if err := local.Advance(types.EndOfInput, out); err != nil {
		t.Fatal(err)
	}
	if err := global.Advance(types.EndOfInput, texts{&rows}); err != nil {
		t.Fatal(err)
	}
	return rows
}

// A Local that is told the time holds no row of a window that it has heard is over.
func TestLocalKeepsTheClaim(t *testing.T) {
	c := config(colInt)
	local, err := aggregate.NewLocal(c)
	if err != nil {
		t.Fatal(err)
	}
	sink := &into{t: t, op: discards{}, end: second(c).WindowEnd, over: types.NoWatermark}
	in := input(400, 0)
	for row := range in.Length {
		b := *in
		b.Selection = []int32{int32(row)}
		sink.over = types.Watermark(row/25*10 - 40) // before the window of any row to come
		if err := local.Push(&b, sink); err != nil {
			t.Fatal(err)
		}
		next := types.Watermark((row+1)/25*10 - 40)
		if err := local.Advance(next, sink); err != nil {
			t.Fatal(err)
		}
	}
	if sink.rows == 0 || sink.rows >= in.Length {
		t.Errorf("%d of %d rows came out before the end", sink.rows, in.Length)
	}
}

type discards struct{}

func (discards) Push(*batch.Batch, operator.Output) error       { return nil }
func (discards) Advance(types.Watermark, operator.Output) error { return nil }

// Where keys do not repeat, rows pass ungrouped, and where they do, few groups come out.
func TestLocalPassesRowsThatDoNotRepeat(t *testing.T) {
	const n = 100_000
	for repeats, most := range map[int]int{1: n, 1000: n / 500} {
		c := config(colInt)
		c.Calls = []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}}
		local, err := aggregate.NewLocal(c)
		if err != nil {
			t.Fatal(err)
		}
		sink := &into{t: t, op: discards{}, end: second(c).WindowEnd, over: types.NoWatermark}
		early := 0
		for from := 0; from < n; from += 1000 {
			var b batch.Batch
			b.Reset(kinds())
			for row := from; row < from+1000; row++ {
				b.Columns[colStart].AppendInt64(0)
				b.Columns[colEnd].AppendInt64(10)
				b.Columns[colInt].AppendInt64(int64(row / repeats))
				for _, k := range []int{colText, colDouble, colBool} {
					b.Columns[k].AppendNull()
				}
			}
			b.Length = 1000
			if err := local.Push(&b, sink); err != nil {
				t.Fatal(err)
			}
			if from == n-1000 {
				early = sink.rows
			}
		}
		if err := local.Drain(sink); err != nil {
			t.Fatal(err)
		}
		if sink.rows > most || repeats == 1 && (early < n*9/10 || sink.rows != n) {
			t.Errorf("%d rows, %d of them before the end, of groups of %d", sink.rows, early, repeats)
		}
	}
}
