package exchange_test

import (
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/types"
)

type keepLast struct{ last, tail []byte }

func (k *keepLast) Tail(_ string, _ int32, n int) []byte {
	if cap(k.tail) < n {
		k.tail = make([]byte, 0, n)
	}
	return k.tail[:0]
}

func (k *keepLast) Emit(_ string, _ int32, _, value []byte) error {
	k.last = append(k.last[:0], value...)
	return nil
}

// BenchmarkExchange moves batches of 4096 rows (key, window, price, a string of 10 bytes) to 16 partitions; ns/row counts.
func BenchmarkExchange(b *testing.B) {
	kinds := []types.Kind{types.BigInt, types.Timestamp, types.Timestamp, types.BigInt, types.String}
	rng := rand.New(rand.NewPCG(1, 1))
	in := &batch.Batch{}
	in.Reset(kinds)
	for range 4096 {
		in.Columns[0].AppendInt64(int64(rng.IntN(1000)))
		in.Columns[1].AppendInt64(10_000_000)
		in.Columns[2].AppendInt64(20_000_000)
		in.Columns[3].AppendInt64(int64(rng.IntN(100_000)))
		in.Columns[4].AppendBytes([]byte("auction-42"))
		in.Length++
	}
	out := &keepLast{}
	w, err := exchange.NewWriter(exchange.Config{Topic: "x", Partitions: 16, Kinds: kinds, Keys: []int{0}, WindowEnd: -1}, out)
	if err != nil {
		b.Fatal(err)
	}
	lane, err := w.Lane(0, 1, fail{})
	if err != nil {
		b.Fatal(err)
	}
	lane.Restore(types.NoWatermark, false)
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := lane.Push(in); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
	})
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	b.Run("read", func(b *testing.B) {
		b.ReportAllocs()
		reader, got, h := exchange.NewReader(kinds), batch.Batch{}, exchange.Header{}
		rows := 0
		for b.Loop() {
			if err := reader.Decode(out.last, &h, &got); err != nil {
				b.Fatal(err)
			}
			rows += h.Rows
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(rows), "ns/row")
		b.ReportMetric(float64(len(out.last))/float64(h.Rows), "bytes/row")
	})
}
