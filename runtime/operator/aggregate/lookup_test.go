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
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

const lookupPrefix = "op\x00"

func wide() operator.Bounds {
	return operator.Bounds{Windows: 1 << 20, Reads: 1 << 20, Bytes: 1 << 30, Over: func() bool { return false }}
}

// rowsSeen is an output that keeps rows as text.
type rowsSeen struct{ rows []string }

func (r *rowsSeen) Push(b *batch.Batch) error {
	for row := range b.Length {
		r.rows = append(r.rows, textOf(b.Columns, row))
	}
	return nil
}

func textOf(columns []batch.Vector, row int) string {
	text := ""
	for i := range columns {
		v := &columns[i]
		switch {
		case v.IsNull(row):
			text += " NULL"
		case v.Kind.Storage() == types.StoreBytes:
			text += fmt.Sprintf(" %q", v.Bytes(row))
		case v.Kind.Storage() == types.StoreBool:
			text += fmt.Sprint(" ", v.Bool[row])
		case v.Kind.Storage() == types.StoreFloat64:
			text += fmt.Sprint(" ", v.Float64[row])
		default:
			text += fmt.Sprint(" ", v.Int64[row])
		}
	}
	return text
}

// feed pushes the input's rows [from, to) as one batch.
func feed(t *testing.T, op *aggregate.Aggregate, in *batch.Batch, from, to int) {
	t.Helper()
	part, kindsOf := &batch.Batch{}, []types.Kind{}
	for i := range in.Columns {
		kindsOf = append(kindsOf, in.Columns[i].Kind)
	}
	part.Reset(kindsOf)
	for row := from; row < to; row++ {
		for c := range part.Columns {
			part.Columns[c].AppendFrom(&in.Columns[c], row)
		}
		part.Length++
	}
	if err := op.Push(part, &rowsSeen{}); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, op operator.Stateful, view *state.View, n int64) {
	t.Helper()
	err := op.Flush()
	if err == nil {
		_, err = view.Seal()
	}
	if err == nil {
		err = view.Commit(state.Position{Commit: n, Offset: n})
	}
	if err != nil {
		t.Fatal(err)
	}
}

// drained says what an operator that is opened on what is committed would emit at the end of all input, by key: first the
// window's start and end, then the values.
func drained(t *testing.T, c aggregate.Config, store state.Store, groupBy []int) map[string][]string {
	t.Helper()
	op, err := aggregate.New(c, nil, ignored{})
	if err == nil {
		err = op.Open(state.NewView(store, []byte(lookupPrefix)))
	}
	by := map[string][]string{}
	if err == nil {
		err = op.Advance(types.EndOfInput, keyed{by, len(groupBy)})
	}
	if err != nil {
		t.Fatal(err)
	}
	return by
}

type ignored struct{}

func (ignored) Bad(*batch.Batch, int, error) error { return nil }
func (ignored) Late(int, int64)                    {}

// keyed sorts emitted rows by their first columns.
type keyed struct {
	by   map[string][]string
	keys int
}

func (k keyed) Push(b *batch.Batch) error {
	for row := range b.Length {
		key := textOf(b.Columns[:k.keys], row)
		k.by[key] = append(k.by[key], textOf(b.Columns[k.keys:], row))
	}
	return nil
}

func keyOf(in *batch.Batch, groupBy []int, row int) *batch.Batch {
	key := &batch.Batch{Length: 1, Columns: make([]batch.Vector, len(groupBy))}
	for i, c := range groupBy {
		key.Columns[i].Reset(in.Columns[c].Kind)
		key.Columns[i].AppendFrom(&in.Columns[c], row)
	}
	return key
}

func foundText(f *operator.Found) []string {
	list := []string{}
	for i, end := range f.Ends {
		list = append(list, fmt.Sprint(" ", f.Starts[i], " ", end)+textOf(f.Values.Columns, i))
	}
	return list
}

// lookupCase is a config with the shape of its windows, and rows for it.
type lookupCase struct {
	c       aggregate.Config
	shape   window.Shape
	groupBy []int
	in      *batch.Batch
}

// Whatever the windows, the keys and the moment: what a look finds of a key is what an operator that goes on from the last
// commit would emit of it, and nothing of what is open.
func TestALookFindsWhatWouldBeEmitted(t *testing.T) {
	cases := map[string]lookupCase{}
	for name, groupBy := range map[string][]int{"nothing": nil, "an integer": {colInt}, "a string": {colText}, "a double": {colDouble}, "two columns": {colBool, colInt}} {
		cases["windows by "+name] = lookupCase{config(groupBy...), window.Shape{SizeMicros: 10, StepMicros: 10}, groupBy, input(300, 0.2)}
		for what, shape := range shapes() {
			cases[what+" by "+name] = lookupCase{sliced(shape, allCalls(), groupBy...), shape, groupBy, slicedInput(shape, 300, 0.2)}
		}
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(6) {
				c.play(t, rand.New(rand.NewPCG(seed, 1)))
			}
		})
	}
}

func (c lookupCase) play(t *testing.T, rng *rand.Rand) {
	t.Helper()
	b := backend()
	store, err := b.Open("s/0")
	if err != nil {
		t.Fatal(err)
	}
	view := state.NewView(store, nil)
	op, err := aggregate.New(c.c, ignored{}, ignored{})
	if err == nil {
		err = op.Open(view.Sub([]byte(lookupPrefix)))
	}
	if err != nil {
		t.Fatal(err)
	}
	l, err := aggregate.NewLookup(c.c, c.shape, c.groupBy, []byte(lookupPrefix))
	if err != nil {
		t.Fatal(err)
	}
	at, commits, windows := int64(0), int64(0), 0
	for row := 0; row < c.in.Length; {
		n := min(1+rng.IntN(40), c.in.Length-row)
		feed(t, op, c.in, row, row+n)
		row += n
		if rng.IntN(2) == 0 {
			at = max(at, int64(row)-30)
			if err := op.Advance(types.Watermark(at), &rowsSeen{}); err != nil {
				t.Fatal(err)
			}
		}
		if rng.IntN(3) > 0 {
			commits++
			commit(t, op, view, commits)
		}
		want := drained(t, c.c, store, c.groupBy)
		for range 5 {
			some := rng.IntN(row)
			key := keyOf(c.in, c.groupBy, some)
			found, err := l.Look(store, key, wide())
			if err != nil {
				t.Fatal(err)
			}
			got, text := foundText(found), textOf(key.Columns, 0)
			if windows += len(got); found.More || !slices.Equal(got, want[text]) && len(got)+len(want[text]) > 0 {
				t.Fatalf("row %d, key%s: %q\nwant %q", row, text, got, want[text])
			}
			c.bounded(t, l, store, key, got, rng)
		}
	}
	if windows == 0 {
		t.Fatal("nothing was found")
	}
}

// bounded expects the first windows, whole, of a look that is cut short.
func (c lookupCase) bounded(t *testing.T, l *aggregate.Lookup, store state.Store, key *batch.Batch, all []string, rng *rand.Rand) {
	t.Helper()
	bounds := wide()
	switch rng.IntN(3) {
	case 0:
		bounds.Windows = 1 + rng.IntN(3)
	case 1:
		bounds.Reads = 1 + rng.IntN(5)
	default:
		asked := rng.IntN(5)
		bounds.Over = func() bool { asked--; return asked < 0 }
	}
	found, err := l.Look(store, key, bounds)
	if err != nil {
		t.Fatal(err)
	}
	got := foundText(found)
	if len(got) > len(all) || !slices.Equal(got, all[:len(got)]) || !found.More && len(got) < len(all) {
		t.Fatalf("more %v, %q\nof %q", found.More, got, all)
	}
}

// window_time, and a window_start that is known by its value alone, are no part of what rows are distributed by.
func TestKeysOfTheWindowAreNotAskedFor(t *testing.T) {
	kinds := []types.Kind{types.Timestamp, types.Timestamp, types.Timestamp, types.BigInt} // time, end, start, key
	c := aggregate.Config{
		Keys: []int{0, 1, 2, 3}, Input: kinds, WindowEnd: 1, WindowStart: -1,
		Calls: []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}},
	}
	for name, shape := range map[string]window.Shape{
		"tumbling":   {SizeMicros: 10, StepMicros: 10, OffsetMicros: 3},
		"cumulating": {SizeMicros: 12, StepMicros: 3, OffsetMicros: 5, Cumulate: true},
	} {
		t.Run(name, func(t *testing.T) {
			in := &batch.Batch{}
			in.Reset(kinds)
			for row := range 40 {
				run, _ := shape.At(int64(row - 10))
				in.Columns[0].AppendInt64(run.First - 1)
				in.Columns[1].AppendInt64(run.First)
				in.Columns[2].AppendInt64(shape.Start(run, run.First))
				in.Columns[3].AppendInt64(int64(row % 3))
				in.Length++
			}
			store, err := backend().Open("s/0")
			if err != nil {
				t.Fatal(err)
			}
			view := state.NewView(store, []byte(lookupPrefix))
			op, err := aggregate.New(c, nil, nil)
			if err == nil {
				err = op.Open(view)
			}
			if err != nil {
				t.Fatal(err)
			}
			feed(t, op, in, 0, in.Length)
			commit(t, op, view, 1)
			l, err := aggregate.NewLookup(c, shape, []int{3}, []byte(lookupPrefix))
			if err != nil {
				t.Fatal(err)
			}
			found, err := l.Look(store, keyOf(in, []int{3}, 1), wide())
			if err != nil {
				t.Fatal(err)
			}
			counts := map[[2]int64]int64{}
			for row := 1; row < in.Length; row += 3 {
				counts[[2]int64{in.Columns[2].Int64[row], in.Columns[1].Int64[row]}]++
			}
			got := map[[2]int64]int64{}
			for i, end := range found.Ends {
				got[[2]int64{found.Starts[i], end}] = found.Values.Columns[0].Int64[i]
			}
			if fmt.Sprint(got) != fmt.Sprint(counts) || len(got) < 4 {
				t.Errorf("%v, want %v", got, counts)
			}
		})
	}
}
