package aggregate_test

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
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
			a := opened(b, c)
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

// BenchmarkHop is a COUNT by an integer key in windows of ten seconds, 10 000 rows a second in batches of 1024, with all
// that fires: the cost of a row must not follow the number of slices.
func BenchmarkHop(b *testing.B) {
	const n = 1024
	count := []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}}
	for _, function := range []string{"COUNT", "MAX"} {
		for _, keys := range []int{10, 1000, 10_000} {
			for _, slide := range []int64{2_000_000, 100_000} {
				b.Run(function+"/keys="+strconv.Itoa(keys)+"/slide="+strconv.FormatInt(slide/1000, 10)+"ms", func(b *testing.B) {
					shape := window.Shape{SizeMicros: 10_000_000, StepMicros: slide}
					c := aggregate.Config{
						Keys: []int{0, 1, 2}, Input: []types.Kind{types.BigInt, types.Timestamp, types.Timestamp}, WindowStart: 1, WindowEnd: 2,
						Calls: count, Slices: &shape,
					}
					if function == "MAX" {
						c.Calls = []accumulator.Call{{Function: accumulator.Max, Argument: 0, Filter: -1, Kind: types.BigInt}}
					}
					a := opened(b, c)
					rng := rand.New(rand.NewPCG(1, 1))
					var in batch.Batch
					var out rowCount
					now, rows := int64(0), 0
					b.ReportAllocs()
					for b.Loop() {
						in.Reset(c.Input)
						in.Length = n
						for range n {
							now += 100
							run, _ := shape.At(now)
							in.Columns[0].AppendInt64(int64(rng.IntN(keys)))
							in.Columns[1].AppendInt64(run.Last)
							in.Columns[2].AppendInt64(run.First)
						}
						if err := a.Push(&in, &out); err != nil {
							b.Fatal(err)
						}
						if err := a.Advance(types.Watermark(now), &out); err != nil {
							b.Fatal(err)
						}
						rows += n
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
					b.ReportMetric(float64(out)/float64(rows), "out/row")
				})
			}
		}
	}
}

type rowCount int

func (r *rowCount) Push(b *batch.Batch) error {
	*r += rowCount(b.Length)
	return nil
}
