package aggregate_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// leastMemory is the least bound that an aggregate takes.
const leastMemory = 64 << 10

// crowd is an aggregate of far more keys than its memory holds, with a store that counts, beside a plain map.
type crowd struct {
	*aggregate.Aggregate
	t       *testing.T
	text    bool // keys are strings
	view    *state.View
	store   *counted
	config  aggregate.Config
	commits int64
	late    int
	want    map[int64]int64
	in      batch.Batch
}

// Late counts.
func (x *crowd) Late(n int, _ int64) { x.late += n }

// goes makes the aggregate anew, over what is committed, with so many groups at once.
func (x *crowd) goes(rows int) {
	x.t.Helper()
	x.config.EmitRows = rows
	a, err := aggregate.New(x.config, x, nil)
	if err != nil {
		x.t.Fatal(err)
	}
	x.Aggregate, x.view = a, state.NewView(x.store, nil)
	if err := a.Open(x.view); err != nil {
		x.t.Fatal(err)
	}
}

func newCrowd(t *testing.T, text bool, bound func() int) *crowd {
	t.Helper()
	key := types.BigInt
	if text {
		key = types.String
	}
	c := aggregate.Config{
		Keys: []int{0, 1}, Input: []types.Kind{key, types.Timestamp}, WindowStart: -1, WindowEnd: 1,
		Calls: []accumulator.Call{
			{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt},
			{Function: accumulator.Max, Argument: 0, Filter: -1, Kind: key},
		},
		MemoryBytes: leastMemory, MemoryBound: bound,
	}
	store, err := backend().Open("t/0")
	if err != nil {
		t.Fatal(err)
	}
	x := &crowd{t: t, text: text, config: c, store: &counted{Store: store}, want: map[int64]int64{}}
	x.goes(0)
	return x
}

// push adds a row of each key, in one batch.
func (x *crowd) push(keys ...int64) {
	x.t.Helper()
	kind := types.BigInt
	if x.text {
		kind = types.String
	}
	x.in.Reset([]types.Kind{kind, types.Timestamp})
	x.in.Length = len(keys)
	for _, k := range keys {
		if x.want[k]++; x.text {
			x.in.Columns[0].AppendBytes([]byte(strconv.FormatInt(k, 10)))
		} else {
			x.in.Columns[0].AppendInt64(k)
		}
		x.in.Columns[1].AppendInt64(10)
	}
	if err := x.Push(&x.in, nil); err != nil {
		x.t.Fatal(err)
	}
}

func (x *crowd) commit() {
	x.t.Helper()
	x.commits++
	if err := commitView(x.Aggregate, x.view, x.commits); err != nil {
		x.t.Fatal(err)
	}
}

// fire closes the window and compares it with the map.
func (x *crowd) fire() {
	x.t.Helper()
	got := map[int64]int64{}
	err := x.Advance(10, outputFunc(func(b *batch.Batch) error {
		for row := range b.Length { // key, window's end, COUNT, MAX
			k, largest := int64(0), int64(0)
			if x.text {
				k = number(x.t, b.Columns[0].Bytes(row))
				largest = number(x.t, b.Columns[3].Bytes(row))
			} else {
				k, largest = b.Columns[0].Int64[row], b.Columns[3].Int64[row]
			}
			if _, twice := got[k]; twice || largest != k {
				x.t.Errorf("key %d, whose largest is %d, came twice: %v", k, largest, twice)
			}
			got[k] = b.Columns[2].Int64[row]
		}
		return nil
	}))
	if err != nil {
		x.t.Fatal(err)
	}
	if len(got) != len(x.want) {
		x.t.Errorf("%d groups of %d", len(got), len(x.want))
	}
	for k, n := range x.want {
		if got[k] != n {
			x.t.Fatalf("key %d: %d rows, want %d", k, got[k], n)
		}
	}
}

func number(t *testing.T, text []byte) int64 {
	t.Helper()
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

type outputFunc func(b *batch.Batch) error

// Push calls the function.
func (f outputFunc) Push(b *batch.Batch) error { return f(b) }

var _ operator.Output = outputFunc(nil)

// TestAKeyThatComesOftenStaysInMemory lets a few keys come in every batch, among keys that come once and are far too many: the store
// is not asked for the few any more.
func TestAKeyThatComesOftenStaysInMemory(t *testing.T) {
	for name, text := range map[string]bool{"integers": false, "strings": true} {
		t.Run(name, func(t *testing.T) {
			const hot, cold, batches = 50, 50, 1000
			x := newCrowd(t, text, nil)
			next := int64(1000)
			for range batches {
				var keys []int64
				for k := range int64(hot) {
					keys = append(keys, k)
				}
				for range cold {
					keys = append(keys, next)
					next++
				}
				x.push(keys...)
				x.commit() // what is not committed is found in the view
			}
			if x.store.hits > 2*hot {
				t.Errorf("%d keys were read back from the state, %d are frequent", x.store.hits, hot)
			}
			if x.store.looks > batches*cold {
				t.Errorf("the store was asked %d times for %d keys", x.store.looks, batches*cold)
			}
			x.fire()
		})
	}
}

// TestAKeyThatComesForTheFirstTimeIsMostlyNotLookedFor lets more keys come than there is memory for, and then all of them once more: those that were
// evicted are found, each. The aggregate that opens the state knows nothing of that, and looks for all.
func TestAKeyThatComesForTheFirstTimeIsMostlyNotLookedFor(t *testing.T) {
	const keys, atOnce = 20_000, 100
	x := newCrowd(t, false, nil)
	all := func(from int64) {
		for ; from < keys; from += atOnce {
			var some []int64
			for k := range int64(atOnce) {
				some = append(some, from+k)
			}
			x.push(some...)
		}
		x.commit()
	}
	before := x.store.looks
	all(0)
	if n := x.store.looks - before; n > keys/4 {
		t.Errorf("%d of %d keys were looked for, and none was there", n, keys)
	}
	all(0)
	if x.store.hits < keys/2 {
		t.Errorf("%d keys were read back: nothing was evicted", x.store.hits)
	}
	x.goes(0)
	before = x.store.looks
	all(0)
	if n := x.store.looks - before; n < keys {
		t.Errorf("%d of %d keys were looked for by an aggregate that knows of none", n, keys)
	}
	x.fire()
}

// TestEvictionAgainstAMap draws keys by laws of all kinds, with commits between, and compares what the window comes to.
func TestEvictionAgainstAMap(t *testing.T) {
	const keys, batches = 20_000, 300
	for _, text := range []bool{false, true} {
		for seed := range uint64(4) {
			rng := rand.New(rand.NewPCG(seed, 1))
			zipf := rand.NewZipf(rng, 1.05+float64(seed)/4, 1, keys-1)
			x := newCrowd(t, text, nil)
			for range batches {
				var drawn []int64
				for range 1 + rng.IntN(400) {
					k := int64(zipf.Uint64())
					if seed%2 == 1 {
						k = rng.Int64N(keys)
					}
					drawn = append(drawn, k)
				}
				if x.push(drawn...); rng.IntN(5) == 0 {
					x.commit()
				}
			}
			x.fire()
		}
	}
}

// TestABoundThatSinksCounts holds that what the tables may take is asked for again and again: tasks come and go.
func TestABoundThatSinksCounts(t *testing.T) {
	bound := 64 << 20
	x := newCrowd(t, false, func() int { return bound })
	fill := func() {
		for from := int64(0); from < 20_000; from += 100 {
			var keys []int64
			for k := range int64(100) {
				keys = append(keys, from+k)
			}
			x.push(keys...)
		}
	}
	fill()
	x.commit()
	fill()
	if x.store.hits != 0 {
		t.Errorf("the store was asked for %d keys, which are all in memory", x.store.hits)
	}
	bound = 1 // counts as the least
	fill()
	x.commit()
	fill()
	if x.store.hits < 15_000 {
		t.Errorf("%d keys were read back once the bound was low", x.store.hits)
	}
	bound = 0 // the default
	x.fire()
}

// TestWindowsThatAreEmittedInGoes runs an aggregate that emits a group or two at a time, whatever comes in between: rows, commits, restores.
func TestWindowsThatAreEmittedInGoes(t *testing.T) {
	for name, groupBy := range map[string][]int{"an integer": {colInt}, "a string": {colText}} {
		for _, rows := range []int{1, 2} {
			t.Run(name, func(t *testing.T) {
				c := config(groupBy...)
				c.EmitRows = rows
				in := input(150, 0.1)
				watermarks := []operatortest.Watermark{{Row: 40, At: 5}, {Row: 75, At: 10}, {Row: 110, At: 31}}
				got := operatortest.Run(t, operatortest.Case{New: newer(c), Codec: codec(t, c), Backend: backend, Input: in, Watermarks: watermarks})
				want := operatortest.Run(t, operatortest.Case{New: newer(config(groupBy...)), Backend: backend, Input: in, Watermarks: watermarks})
				if !slices.Equal(got.Rows, want.Rows) || got.Late != want.Late {
					t.Errorf("%d rows, %d late, want %d and %d", len(got.Rows), got.Late, len(want.Rows), want.Late)
				}
			})
		}
	}
}

// TestAWindowHalfEmittedGoesOnWhereItWas commits between the goes, and opens the state again.
func TestAWindowHalfEmittedGoesOnWhereItWas(t *testing.T) {
	x := newCrowd(t, false, nil)
	const keys, atOnce = 1000, 100
	x.goes(atOnce)
	var all []int64
	for k := range int64(keys) {
		all = append(all, k)
	}
	x.push(all...)
	x.commit()
	var got []int64
	out := outputFunc(func(b *batch.Batch) error {
		got = append(got, b.Columns[0].Int64[:b.Length]...)
		return nil
	})
	if err := x.Advance(10, out); err != nil {
		t.Fatal(err)
	}
	for goes := 1; x.Behind(); goes++ {
		if len(got) != goes*atOnce {
			t.Fatalf("%d groups after %d goes", len(got), goes)
		}
		x.commit()
		x.goes(atOnce) // another worker
		if err := x.Resume(10); err != nil {
			t.Fatal(err)
		}
		if x.late = 0; goes == 2 {
			x.push(5) // too late, and does not count
			delete(x.want, 5)
			if x.late != 1 {
				t.Errorf("%d late rows, want 1", x.late)
			}
		}
		if err := x.Continue(out); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(got, all) {
		t.Errorf("%d groups, want %d in the order of keys", len(got), keys)
	}
	x.commit()
	x.goes(atOnce)
	if err := x.Resume(10); err != nil || x.Behind() {
		t.Errorf("all is emitted, and yet: behind %v, %v", x.Behind(), err)
	}
}

// TestAWindowThatHasFiredAndIsInTheState is refused: with the commit that its groups were emitted in they leave the state.
func TestAWindowThatHasFiredAndIsInTheState(t *testing.T) {
	x := newCrowd(t, false, nil)
	x.push(1, 2, 3)
	x.commit()
	x.goes(0)
	if err := x.Resume(10); fault.KindOf(err) != fault.Bug {
		t.Errorf("got %v", err)
	}
}
