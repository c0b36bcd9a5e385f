package recordbatch_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector"
	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
)

// written is a record that goes into a batch.
type written struct {
	millis     int64
	key, value []byte
	inPlace    bool // the value is appended to the writer's tail
}

func (r written) String() string { return fmt.Sprintf("%d %q=%q", r.millis, r.key, r.value) }

// write makes a batch of records.
func write(tb testing.TB, records []written, codec recordbatch.Codec, compressor *recordbatch.Compressor) []byte {
	tb.Helper()
	var w recordbatch.Writer
	for _, r := range records {
		value := r.value
		if r.inPlace && value != nil {
			value = append(w.Tail(len(value)), value...)
		}
		w.Append(r.millis, r.key, value)
	}
	if int(w.Count()) != len(records) {
		tb.Fatalf("%d records of %d", w.Count(), len(records))
	}
	size := w.Bytes()
	batch, err := w.Seal(recordbatch.Identity{ProducerID: 1 << 40, Epoch: 7, Sequence: 99, Transactional: true}, codec, compressor, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if codec == recordbatch.None && len(batch) != size {
		tb.Fatalf("%d bytes, it said %d", len(batch), size)
	}
	return batch
}

// ours reads a batch with this package.
func ours(tb testing.TB, data []byte) (found []string) {
	tb.Helper()
	b, rest, err := recordbatch.Next(data)
	if err == nil {
		err = b.Check()
	}
	if err != nil || len(rest) > 0 {
		tb.Fatalf("%v, %d bytes left", err, len(rest))
	}
	if !b.Transactional() || b.Control() || b.ProducerID != 1<<40 || b.LeaderEpoch != -1 || b.BaseOffset != 0 || b.LastOffset != int64(b.Count)-1 {
		tb.Fatalf("the header says %+v", b)
	}
	payload, err := new(recordbatch.Decompressor).Append(nil, b.Codec(), b.Payload)
	if err != nil {
		tb.Fatal(err)
	}
	it := b.Records(payload)
	for more := true; more; {
		var records []connector.Record
		if records, more, err = it.Fill(make([]connector.Record, 0, 100), "t", 0, 0); err != nil {
			tb.Fatal(err)
		}
		for _, r := range records {
			found = append(found, written{millis: r.TimestampMicros / 1000, key: r.Key, value: r.Value}.String())
		}
	}
	return found
}

// theirs reads it with franz-go, which checks the checksum and every length.
func theirs(tb testing.TB, data []byte) (found []string) {
	tb.Helper()
	var raw kmsg.RecordBatch
	if err := raw.ReadFrom(data); err != nil {
		tb.Fatal(err)
	}
	if raw.ProducerEpoch != 7 || raw.FirstSequence != 99 || raw.PartitionLeaderEpoch != -1 || int(raw.LastOffsetDelta) != int(raw.NumRecords)-1 {
		tb.Fatalf("the header says %+v", raw)
	}
	rp := kmsg.NewFetchResponseTopicPartition()
	rp.RecordBatches, rp.HighWatermark = data, math.MaxInt64
	fp, _ := kgo.ProcessFetchPartition(kgo.ProcessFetchPartitionOpts{Topic: "t"}, &rp, kgo.DefaultDecompressor(), nil)
	if fp.Err != nil {
		tb.Fatal(fp.Err)
	}
	for _, r := range fp.Records {
		if len(r.Headers) > 0 {
			tb.Fatalf("headers: %v", r.Headers)
		}
		found = append(found, written{millis: r.Timestamp.UnixMilli(), key: r.Key, value: r.Value}.String())
	}
	return found
}

// canonical fails where a number takes more bytes than it needs: not every reader takes such.
func canonical(tb testing.TB, data []byte) {
	tb.Helper()
	records := data[61:]
	for len(records) > 0 {
		r := kbin.Reader{Src: records}
		length := r.Varint()
		rest := r.Src[length:]
		rebuilt := kbin.AppendVarint(nil, length)
		body := kbin.Reader{Src: r.Src[1:length]}
		inner := append(kbin.AppendVarlong([]byte{0}, body.Varlong()), kbin.AppendVarint(nil, body.Varint())...)
		inner = kbin.AppendVarintBytes(inner, body.VarintBytes())
		inner = kbin.AppendVarintBytes(inner, body.VarintBytes())
		rebuilt = append(append(rebuilt, inner...), 0)
		if !bytes.Equal(rebuilt, records[:len(records)-len(rest)]) {
			tb.Fatalf("a record is %x, and would be %x", records[:len(records)-len(rest)], rebuilt)
		}
		records = rest
	}
}

// compare reads the batch in every way.
func compare(tb testing.TB, records []written, compressor *recordbatch.Compressor) {
	tb.Helper()
	want := make([]string, len(records))
	for i, r := range records {
		want[i] = r.String()
	}
	canonical(tb, write(tb, records, recordbatch.None, nil))
	for codec := recordbatch.None; codec <= recordbatch.Zstd; codec++ {
		data := write(tb, records, codec, compressor)
		if got := ours(tb, data); !slices.Equal(got, want) {
			tb.Fatalf("codec %d: we read %v, want %v", codec, got, want)
		}
		if got := theirs(tb, data); !slices.Equal(got, want) {
			tb.Fatalf("codec %d: franz-go reads %v, want %v", codec, got, want)
		}
	}
}

func TestBatchesAreReadAsTheyWereWritten(t *testing.T) {
	big := bytes.Repeat([]byte("0123456789"), 30_000)
	cases := map[string][]written{
		"one record":                       {{millis: 5, value: []byte("v")}},
		"null and empty":                   {{value: nil}, {value: []byte{}}, {key: []byte{}, value: nil}, {key: []byte("k"), value: []byte{}}},
		"lengths that take more bytes":     {{value: big[:63]}, {value: big[:64]}, {value: big[:8191]}, {value: big[:8192]}, {value: big}, {value: big[:1]}},
		"the same in place":                {{value: big[:63], inPlace: true}, {value: big[:64], inPlace: true}, {value: big[:8191], inPlace: true}, {value: big[:8192], inPlace: true}, {value: big[:1], inPlace: true}},
		"keys of many lengths, in place":   {{value: big[:10], inPlace: true}, {key: big[:100], value: big[:100], inPlace: true}, {value: big[:20], inPlace: true}, {key: big[:9000], value: big[:7], inPlace: true}},
		"a clock that goes back and forth": {{millis: 1 << 40}, {millis: 1<<40 - 1000}, {millis: 1<<40 + 100_000}, {millis: 0}},
	}
	compressor := &recordbatch.Compressor{}
	for name, records := range cases {
		t.Run(name, func(t *testing.T) { compare(t, records, compressor) })
	}
}

func TestRandomBatchesAreReadAsTheyWereWritten(t *testing.T) {
	rng, compressor := rand.New(rand.NewPCG(1, 2)), &recordbatch.Compressor{}
	for range 100 {
		records := make([]written, 1+rng.IntN(300))
		for i := range records {
			records[i] = written{millis: rng.Int64N(1 << (1 + rng.IntN(42))), value: make([]byte, rng.IntN(1<<rng.IntN(12))), inPlace: rng.IntN(2) == 0}
			if rng.IntN(3) == 0 {
				records[i].key = []byte(strconv.Itoa(rng.IntN(1000)))
			}
		}
		compare(t, records, compressor)
	}
}

// A tail is the writer's memory: whoever appends more than it holds gets memory elsewhere, and the batch is right all the same.
func TestATailMayBeOutgrownOrLeftAlone(t *testing.T) {
	var w recordbatch.Writer
	w.Use(make([]byte, 0, 4096))
	_ = append(w.Tail(10), "never given to Append"...)
	w.Append(1, nil, append(w.Tail(1), bytes.Repeat([]byte("x"), 5000)...))
	_ = w.Move(make([]byte, 0, 16384))
	w.Append(1, nil, append(w.Tail(8), "in place"...))
	batch, err := w.Seal(recordbatch.Identity{ProducerID: 1 << 40, Transactional: true}, recordbatch.None, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := ours(t, batch); len(got) != 2 || got[1] != `1 ""="in place"` {
		t.Errorf("%d records, the last is %s", len(got), got[len(got)-1])
	}
}

func TestAppendingTakesNoMemoryOfItsOwn(t *testing.T) {
	memory := make([]byte, 0, 1<<20)
	value := make([]byte, 200)
	var w recordbatch.Writer
	if n := testing.AllocsPerRun(10, func() {
		w.Use(memory)
		for range 1000 {
			w.Append(1, nil, append(w.Tail(256), value...))
		}
		if _, err := w.Seal(recordbatch.Identity{}, recordbatch.None, nil, nil); err != nil {
			t.Fatal(err)
		}
		_ = w.Memory()
	}); n > 0 {
		t.Errorf("%v allocations for 1000 records", n)
	}
}

func FuzzWriter(f *testing.F) {
	f.Add([]byte("a"), []byte("b"), int64(0), int64(1), true)
	f.Add([]byte{}, bytes.Repeat([]byte("v"), 70), int64(-1), int64(math.MaxInt64>>8), false)
	f.Add(bytes.Repeat([]byte("k"), 200), bytes.Repeat([]byte("v"), 9000), int64(1<<41), int64(0), true)
	f.Fuzz(func(t *testing.T, key, value []byte, first, second int64, inPlace bool) {
		const most = 1 << 42 // beyond it franz-go has no room for the nanoseconds
		first, second = first%most, second%most
		compare(t, []written{{first, nil, value, inPlace}, {second, key, value, inPlace}, {first, nil, key, inPlace}}, &recordbatch.Compressor{})
	})
}

// BenchmarkWriter makes batches of 1000 records of 200 bytes, sealed.
func BenchmarkWriter(b *testing.B) {
	value := bytes.Repeat([]byte("0123456789"), 20)
	memory := make([]byte, 0, 256<<10)
	b.ReportAllocs()
	for b.Loop() {
		var w recordbatch.Writer
		w.Use(memory)
		for range 1000 {
			w.Append(1, nil, append(w.Tail(256), value...))
		}
		if _, err := w.Seal(recordbatch.Identity{}, recordbatch.None, nil, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
}
