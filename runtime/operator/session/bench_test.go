package session_test

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/state"
	"github.com/millrace/millrace/runtime/types"
)

type nowhere struct{}

func (nowhere) Push(*batch.Batch) error { return nil }

// BenchmarkCountByKey is a COUNT(*) of sessions by an integer key, firing included: a million rows a minute of event
// time, a gap of 10 s, and as many keys at a time as the name says. Every fourth row is of one of 100 keys.
func BenchmarkCountByKey(b *testing.B) {
	const n = 1024
	const second = 1_000_000
	for _, keys := range []int{1000, 50_000, 1_000_000} {
		b.Run(strconv.Itoa(keys), func(b *testing.B) {
			c := session.Config{
				Keys: []int{2}, Input: []types.Kind{types.Timestamp, types.Timestamp, types.BigInt}, Time: 0, NotBefore: 1, GapMicros: 10 * second,
				Calls:       []accumulator.Call{{Function: accumulator.Count, Argument: -1, Filter: -1, Kind: types.BigInt}},
				MemoryBytes: 1 << 30,
			}
			s, err := session.New(c, nil, nil)
			if err != nil {
				b.Fatal(err)
			}
			store, err := backend().Open("s/0")
			if err != nil {
				b.Fatal(err)
			}
			if err := s.Open(state.NewView(store, nil)); err != nil {
				b.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(1, 1))
			in := &batch.Batch{}
			in.Reset(c.Input)
			in.Length = n
			for i := range n {
				in.Columns[0].AppendInt64(int64(i))
				in.Columns[1].AppendInt64(math.MinInt64)
				in.Columns[2].AppendInt64(0)
			}
			random := make([]int64, max(64*n, 4*keys))
			for i := range random {
				if random[i] = int64(rng.IntN(keys)); i%4 == 0 {
					random[i] = int64(rng.IntN(100))
				}
			}
			b.ReportAllocs()
			now, at := int64(0), 0
			for b.Loop() {
				if at+n > len(random) {
					at = 0
				}
				copy(in.Columns[2].Int64, random[at:at+n])
				at += n
				for i := range n {
					now += 60
					in.Columns[0].Int64[i] = now - int64(i*7919%1000)
				}
				if err := s.Push(in, nowhere{}); err != nil {
					b.Fatal(err)
				}
				if err := s.Advance(types.Watermark(now-second), nowhere{}); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
		})
	}
}
