package json_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/format/json"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

const batchRows = 1024

func newBatch(schema types.Schema) *batch.Batch {
	b := &batch.Batch{}
	b.Reset(schema.Kinds())
	return b
}

func newEncoder(tb testing.TB, schema types.Schema) *json.Encoder {
	tb.Helper()
	e, err := json.NewEncoder(spec.Format{Type: spec.FormatJSON}, schema)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// bids are records as the Nexmark generator makes them: seven members, about 240 bytes.
func bids(n int) [][]byte {
	rng := rand.New(rand.NewPCG(1, 1))
	records := make([][]byte, n)
	for i := range records {
		channel := rng.IntN(10_000)
		records[i] = fmt.Appendf(nil, `{"auction":%d,"bidder":%d,"price":%d,"channel":"channel-%d","url":"https://www.nexmark.com/abc/def/ghi/item.htm?query=1&channel_id=%d","dateTime":"2024-01-01T00:%02d:%02d.%03dZ","extra":"%s"}`,
			1000+rng.IntN(100_000), 1000+rng.IntN(50_000), rng.IntN(100_000_000), channel, channel*7919, i/60%60, i%60, i%1000, "kjsdhfkjsdhKJHKJHdsfkjhsdkfjhsdkfjhk")
	}
	return records
}

func BenchmarkDecodeBid(b *testing.B) {
	for name, columns := range map[string]string{
		"4of7": "auction BIGINT, bidder BIGINT, price BIGINT, dateTime TIMESTAMP",
		"7of7": "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING",
		"1of7": "bidder BIGINT",
	} {
		b.Run(name, func(b *testing.B) {
			records := bids(batchRows)
			schema := schemaOf(b, columns)
			d, rows := newDecoder(b, "", schema)
			kinds := schema.Kinds()
			b.SetBytes(int64(len(records[0])))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if i%batchRows == 0 {
					rows.Reset(kinds)
				}
				if err := d.Decode(records[i%batchRows], rows); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkEncodeBid(b *testing.B) {
	schema := schemaOf(b, "auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, url STRING, dateTime TIMESTAMP, extra STRING")
	d, rows := newDecoder(b, "", schema)
	for _, r := range bids(batchRows) {
		if err := d.Decode(r, rows); err != nil {
			b.Fatal(err)
		}
	}
	e := newEncoder(b, schema)
	var out []byte
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if out, err = e.Encode(out[:0], rows, i%batchRows); err != nil {
			b.Fatal(err)
		}
		i++
	}
}
