package aggregate_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

// BenchmarkCountByKey is the update, for each row, of a tumbling COUNT(*) by an integer key.
func BenchmarkCountByKey(b *testing.B) {
	const n = 1024
	for _, keys := range []int{1000, 50_000, 1_000_000} {
		b.Run(strconv.Itoa(keys), func(b *testing.B) {
			c := aggregate.Config{
				Keys: []int{0, 1, 2}, Input: []types.Kind{types.BigInt, types.Timestamp, types.Timestamp}, WindowStart: 1, WindowEnd: 2,
				Calls:       []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}},
				MemoryBytes: 1 << 30,
			}
			a, err := aggregate.New(c, nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			store, err := backend().Open("s/0")
			if err != nil {
				b.Fatal(err)
			}
			if err := a.Open(state.NewView(store, nil)); err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 1))
			batches := make([]batch.Batch, max(64, keys/n))
			for i := range batches {
				batches[i].Reset(c.Input)
				batches[i].Length = n
				for range n {
					batches[i].Columns[0].AppendInt64(int64(rng.IntN(keys)))
					batches[i].Columns[1].AppendInt64(0)
					batches[i].Columns[2].AppendInt64(10)
				}
			}
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if err := a.Push(&batches[i%len(batches)], nil); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
