package aggregate_test

import (
	"log/slog"
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/state/pebblestore"
	"github.com/millrace/millrace/runtime/types"
)

// counted is a store that counts what is looked up in it.
type counted struct {
	state.Store
	looks, hits int
}

// Get looks a key up.
func (c *counted) Get(key []byte) ([]byte, bool, error) {
	value, found, err := c.Store.Get(key)
	if c.looks++; found {
		c.hits++
	}
	return value, found, err
}

const (
	crowdKeys      = 10_000_000
	crowdBatch     = 1000
	batchesACommit = 100
)

// draws returns what the keys of rows are drawn by: Zipf's law makes a few keys frequent, uniform none; "once" is each key once, in disorder.
func draws(law string) func(row int) int64 {
	const prime, exponent = 2_147_483_647, 1.1
	rng := rand.New(rand.NewPCG(1, 1))
	zipf := rand.NewZipf(rng, exponent, 1, crowdKeys-1)
	switch law {
	case "zipf":
		return func(int) int64 { return int64(zipf.Uint64()) * prime % crowdKeys } // the frequent ones are not neighbours
	case "uniform":
		return func(int) int64 { return rng.Int64N(crowdKeys) }
	default:
		return func(row int) int64 { return int64(row) % crowdKeys * prime % crowdKeys }
	}
}

// BenchmarkMoreKeysThanMemory is a tumbling COUNT by ten million keys, with state in Pebble on the disk, committed every 100 000 rows, and
// 8 MiB for the tables, of which all keys would take 400. It says, for each row, how often the store was asked, and how often it had the key.
func BenchmarkMoreKeysThanMemory(b *testing.B) {
	for _, law := range []string{"zipf", "uniform", "once"} {
		b.Run(law, func(b *testing.B) {
			draw := draws(law)
			c := aggregate.Config{
				Keys: []int{0, 1, 2}, Input: []types.Kind{types.BigInt, types.Timestamp, types.Timestamp}, WindowStart: 1, WindowEnd: 2,
				Calls:       []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}},
				MemoryBytes: 8 << 20,
			}
			a, err := aggregate.New(c, nil, nil)
			must(b, err)
			backend, err := pebblestore.Open(b.TempDir(), nil, 64<<20, pebblestore.Stamp{}, slog.New(slog.DiscardHandler))
			must(b, err)
			store, err := backend.Open("bench/0")
			must(b, err)
			asked := &counted{Store: store}
			view := state.NewView(asked, nil)
			must(b, a.Open(view))
			var in batch.Batch
			batches := 0
			push := func() {
				in.Reset(c.Input)
				in.Length = crowdBatch
				for n := range crowdBatch {
					in.Columns[0].AppendInt64(draw(batches*crowdBatch + n))
					in.Columns[1].AppendInt64(0)
					in.Columns[2].AppendInt64(10)
				}
				must(b, a.Push(&in, nil))
				if batches++; batches%batchesACommit == 0 {
					must(b, commitView(a, view, int64(batches)))
				}
			}
			for range 3 * crowdKeys / 10 / crowdBatch { // most of what is frequent is there
				push()
			}
			asked.looks, asked.hits = 0, 0
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				push()
			}
			b.StopTimer()
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/crowdBatch, "ns/row")
			b.ReportMetric(float64(asked.looks)/float64(b.N)/crowdBatch, "looks/row")
			b.ReportMetric(float64(asked.hits)/float64(b.N)/crowdBatch, "hits/row")
			must(b, store.Close())
			must(b, backend.Close())
		})
	}
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

// commitView commits what an aggregate has changed.
func commitView(a *aggregate.Aggregate, view *state.View, n int64) error {
	if err := a.Flush(); err != nil {
		return err
	}
	if _, err := view.Seal(); err != nil {
		return err
	}
	return view.Commit(state.Position{Offset: n, Commit: n})
}
