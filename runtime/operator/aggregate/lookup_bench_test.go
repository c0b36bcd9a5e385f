package aggregate_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// BenchmarkLook is what a question takes of a worker's loop: a key of a store with 100 000 keys in each of some windows, or,
// of hopping windows, in each of some slices.
func BenchmarkLook(b *testing.B) {
	const groups = 100_000
	hop := window.Shape{SizeMicros: 10 * 8, StepMicros: 10}
	for _, backend := range []string{"memory", "pebble"} {
		for _, windows := range []int{1, 4, 32} {
			for _, slices := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/windows=%d/slices=%v", backend, windows, slices), func(b *testing.B) {
					c := config(colInt)
					c.Calls = []accumulator.Call{
						{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}, {Function: accumulator.Max, Argument: colDouble, Filter: -1, Kind: types.Double},
					}
					shape := window.Shape{SizeMicros: 10, StepMicros: 10}
					if slices {
						shape, c.Slices = hop, &hop
					}
					store := filled(b, backend, c, shape, windows, groups)
					look, err := aggregate.NewLookup(c, shape, []int{colInt}, []byte(lookupPrefix))
					if err != nil {
						b.Fatal(err)
					}
					key := &batch.Batch{Length: 1, Columns: make([]batch.Vector, 1)}
					bounds := operator.Bounds{Windows: 256, Reads: 1024, Bytes: 256 << 10, Over: func() bool { return false }}
					b.ReportAllocs()
					for n := 0; b.Loop(); n++ {
						key.Columns[0].Reset(types.BigInt)
						key.Columns[0].AppendInt64(int64(n*7919) % groups)
						if found, err := look.Look(store, key, bounds); err != nil || len(found.Ends) < windows {
							b.Fatal(found, err)
						}
					}
				})
			}
		}
	}
}

func filled(b *testing.B, backend string, c aggregate.Config, shape window.Shape, windows, groups int) state.Store {
	b.Helper()
	var made state.Backend = memory.New()
	if backend == "pebble" {
		var err error
		if made, err = pebblestore.Open("state", vfs.NewMem(), 64<<20, pebblestore.Stamp{Job: "bench", StateEpoch: 1}, slog.New(slog.DiscardHandler)); err != nil {
			b.Fatal(err)
		}
	}
	store, err := made.Open("s/0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = store.Close(), made.Close() })
	view := state.NewView(store, []byte(lookupPrefix))
	op, err := aggregate.New(c, ignored{}, ignored{})
	if err == nil {
		err = op.Open(view)
	}
	if err != nil {
		b.Fatal(err)
	}
	for w := range windows {
		in := &batch.Batch{}
		in.Reset(kinds())
		run, _ := shape.At(int64(w) * 10)
		for n := range groups {
			in.Columns[colEnd].AppendInt64(run.First)
			if c.Slices == nil {
				in.Columns[colStart].AppendInt64(run.First - 10)
			} else {
				in.Columns[colStart].AppendInt64(run.Last)
			}
			in.Columns[colInt].AppendInt64(int64(n))
			in.Columns[colText].AppendNull()
			in.Columns[colDouble].AppendFloat64(float64(n))
			in.Columns[colBool].AppendNull()
			in.Length++
		}
		err := op.Push(in, &rowsSeen{})
		if err == nil {
			err = op.Flush()
		}
		if err == nil {
			_, err = view.Seal()
		}
		if err == nil {
			err = view.Commit(state.Position{Commit: int64(w + 1), Offset: int64(w + 1)})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	return store
}
