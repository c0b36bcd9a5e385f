package kafka

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kbin"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka/recordbatch"
	"github.com/millrace/millrace/runtime/fault"
)

// log makes a partition's bytes, as a broker would hold them.
type log struct {
	*rand.Rand
	data    []byte
	next    int64
	aborted []aborted
	open    map[int64]int64 // transactions by producer, with their first offset
}

type aborted struct{ producer, first, marker int64 }

// answer is what a broker answers to who asks from an offset on: from the batch on that holds it, with the aborted
// transactions that reach so far, in no order.
func (l *log) answer(from int64) *kmsg.FetchResponseTopicPartition {
	rp := &kmsg.FetchResponseTopicPartition{Partition: 1, RecordBatches: l.data}
	for {
		b, rest, err := recordbatch.Next(rp.RecordBatches)
		if err != nil || b.LastOffset >= from {
			break
		}
		rp.RecordBatches = rest
	}
	for _, i := range l.Perm(len(l.aborted)) {
		if a := l.aborted[i]; a.marker >= from {
			rp.AbortedTransactions = append(rp.AbortedTransactions, kmsg.FetchResponseTopicPartitionAbortedTransaction{ProducerID: a.producer, FirstOffset: a.first})
		}
	}
	return rp
}

func newLog(seed uint64) *log {
	return &log{Rand: rand.New(rand.NewPCG(seed, 0)), next: int64(seed % 1000), open: map[int64]int64{}}
}

// codecs by their numbers in the format.
func compressors(tb testing.TB) []kgo.Compressor {
	tb.Helper()
	list := []kgo.Compressor{nil}
	for _, c := range []kgo.CompressionCodec{kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()} {
		compressor, err := kgo.DefaultCompressor(c)
		if err != nil {
			tb.Fatal(err)
		}
		list = append(list, compressor)
	}
	return list
}

func (l *log) bytes(most int) []byte {
	switch l.IntN(10) {
	case 0:
		return nil
	case 1:
		return []byte{}
	case 2:
		return bytes.Repeat([]byte("ab"), l.IntN(most))
	}
	b := make([]byte, l.IntN(100))
	for i := range b {
		b[i] = byte('a' + l.IntN(5))
	}
	return b
}

// record appends one record to a batch's payload.
func (l *log) record(dst []byte, delta int32, key, value []byte) []byte {
	b := []byte{0}
	b = kbin.AppendVarlong(b, int64(l.IntN(2000)-500))
	b = kbin.AppendVarint(b, delta)
	b = kbin.AppendVarintBytes(b, key)
	b = kbin.AppendVarintBytes(b, value)
	headers := l.IntN(3)
	b = kbin.AppendVarint(b, int32(headers))
	for range headers {
		b = kbin.AppendVarintString(b, "header")
		b = kbin.AppendVarintBytes(b, l.bytes(10))
	}
	dst = kbin.AppendVarint(dst, int32(len(b)))
	return append(dst, b...)
}

const (
	transactional = 0x10
	control       = 0x20
)

func (l *log) append(b kmsg.RecordBatch) {
	b.FirstOffset, b.Magic, b.PartitionLeaderEpoch, b.FirstTimestamp, b.MaxTimestamp = l.next, 2, 3, 1_700_000_000_000, 1_700_000_100_000
	b.ProducerEpoch, b.FirstSequence, b.Length = 1, 0, int32(49+len(b.Records))
	at := len(l.data)
	l.data = b.AppendTo(l.data)
	binary.BigEndian.PutUint32(l.data[at+17:], crc32.Checksum(l.data[at+21:], crc32.MakeTable(crc32.Castagnoli)))
	l.next += int64(b.LastOffsetDelta) + 1
}

// batch appends a batch of a producer, -1 for none, with compacted gaps; codec is by number.
func (l *log) batch(producer int64, codec int, compressor kgo.Compressor) {
	var b kmsg.RecordBatch
	b.ProducerID, b.Attributes = producer, int16(codec)
	if producer >= 0 {
		b.Attributes |= transactional
		if _, ok := l.open[producer]; !ok {
			l.open[producer] = l.next
		}
	}
	if l.IntN(5) == 0 {
		b.Attributes |= 0x08 // log append time
	}
	delta := int32(0)
	var payload []byte
	for range l.IntN(200) {
		delta += int32(max(0, l.IntN(8)-5))
		payload = l.record(payload, delta, l.bytes(100), l.bytes(2000))
		b.NumRecords++
		delta++
	}
	b.LastOffsetDelta = max(0, delta-1) + int32(l.IntN(2))
	if b.Records = payload; compressor != nil {
		out, _ := compressor.Compress(new(bytes.Buffer), payload)
		b.Records = slices.Clone(out)
	}
	if codec == 2 && l.IntN(2) == 0 {
		b.Records = xerial(b.Records)
	}
	l.append(b)
}

// xerial frames a snappy block as Java clients do.
func xerial(block []byte) []byte {
	framed := []byte{130, 'S', 'N', 'A', 'P', 'P', 'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1}
	framed = binary.BigEndian.AppendUint32(framed, uint32(len(block)))
	return append(framed, block...)
}

// end appends the marker of a producer's transaction.
func (l *log) end(producer int64, commit bool) {
	first, ok := l.open[producer]
	if !ok {
		return
	}
	delete(l.open, producer)
	kind := byte(1)
	if !commit {
		kind = 0
		l.aborted = append(l.aborted, aborted{producer, first, l.next})
	}
	l.append(kmsg.RecordBatch{
		ProducerID: producer, Attributes: transactional | control, NumRecords: 1,
		Records: l.record(nil, 0, []byte{0, 0, 0, kind}, []byte{0, 0, 0, 0, 0, 0}),
	})
}

func (l *log) fill(t *testing.T) {
	t.Helper()
	list := compressors(t)
	for range 1 + l.IntN(30) {
		producer := int64(l.IntN(4) - 1)
		if producer >= 0 && l.IntN(3) == 0 {
			l.end(producer, l.IntN(2) == 0)
			continue
		}
		codec := l.IntN(len(list))
		l.batch(producer, codec, list[codec])
	}
	for producer := range int64(3) {
		l.end(producer, l.IntN(2) == 0)
	}
}

// said is what a reader was shown, one line a record.
func said(offset int64, key, value []byte, micros int64) string {
	return fmt.Sprintf("%d %d %v %v %x %x", offset, micros, key == nil, value == nil, key, value)
}

// read reads a share with the reader.
func readShare(rp *kmsg.FetchResponseTopicPartition, from int64) (lines []string, next int64, err error) {
	s := share{cursor: newCursor(Partition{"t", 1}, from), from: from, batches: rp.RecordBatches}
	for _, a := range rp.AbortedTransactions {
		s.aborted = append(s.aborted, recordbatch.Aborted{ProducerID: a.ProducerID, FirstOffset: a.FirstOffset})
	}
	var r reader
	next = from
	err = r.read(&s, func(f Fetched) error {
		for _, rec := range f.Records {
			lines = append(lines, said(rec.Offset, rec.Key, rec.Value, rec.TimestampMicros))
		}
		if f.Next < next {
			return fmt.Errorf("position %d after %d", f.Next, next)
		}
		next = f.Next
		return nil
	})
	return lines, next, err
}

// oracle reads a share with franz-go.
func oracle(rp *kmsg.FetchResponseTopicPartition, from int64) (lines []string, next int64, err error) {
	opts := kgo.ProcessFetchPartitionOpts{Offset: from, IsolationLevel: kgo.ReadCommitted(), Topic: "t", Partition: 1}
	fp, next := kgo.ProcessFetchPartition(opts, rp, kgo.DefaultDecompressor(), nil)
	for _, rec := range fp.Records {
		lines = append(lines, said(rec.Offset, rec.Key, rec.Value, rec.Timestamp.UnixMicro()))
	}
	return lines, next, fp.Err
}

func TestAnAnswerIsReadAsTheLibraryReadsIt(t *testing.T) {
	const logs = 150
	records := 0
	for seed := range uint64(logs) {
		l := newLog(seed)
		begin := l.next
		l.fill(t)
		from := begin + l.Int64N(1+(l.next-begin)/2)
		rp := l.answer(from)
		if l.IntN(2) == 0 { // cut off by a number of bytes
			rp.RecordBatches = rp.RecordBatches[:len(rp.RecordBatches)-l.IntN(len(rp.RecordBatches)/4+1)]
		}
		want, wantNext, err := oracle(rp, from)
		if err != nil {
			t.Fatal(seed, err)
		}
		got, next, err := readShare(rp, from)
		if err != nil {
			t.Fatal(seed, err)
		}
		if next != wantNext || !slices.Equal(got, want) {
			t.Fatalf("seed %d: %d records to %d, the library has %d to %d", seed, len(got), next, len(want), wantNext)
		}
		records += len(got)
	}
	t.Logf("%d records of %d logs", records, logs)
}

func TestDamageIsAnErrorAndSaysWhere(t *testing.T) {
	l := newLog(7)
	l.next = 100
	list := compressors(t)
	for codec := range list {
		l.batch(-1, codec, list[codec])
	}
	for at := 21; at < len(l.data); at += 97 {
		damaged := slices.Clone(l.data)
		damaged[at] ^= 0x10
		_, _, err := readShare(&kmsg.FetchResponseTopicPartition{RecordBatches: damaged}, 100)
		if err == nil { // a length that was changed may cut the rest off
			continue
		}
		if place, ok := fault.PlaceOf(err); fault.KindOf(err) != fault.Corrupt || !ok || place.String() == "" {
			t.Fatalf("byte %d: %v", at, err)
		}
	}
}

// FuzzAnswer reads damaged batches whose checksum fits: nothing may panic, or ask for memory without end, and what the
// library reads whole is read the same.
func FuzzAnswer(f *testing.F) {
	for seed := range uint64(8) {
		l := newLog(seed)
		list := compressors(f)
		codec := int(seed) % len(list)
		l.batch(int64(seed%3)-1, codec, list[codec])
		f.Add(l.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const crcAt, checkedAt, header = 17, 21, 61
		if len(data) < header || len(data) > 1<<20 {
			return
		}
		data = slices.Clone(data)
		end := min(len(data), max(header, int(min(binary.BigEndian.Uint32(data[8:]), 1<<20))+12))
		binary.BigEndian.PutUint32(data[crcAt:], crc32.Checksum(data[checkedAt:end], crc32.MakeTable(crc32.Castagnoli)))
		rp := &kmsg.FetchResponseTopicPartition{Partition: 1, RecordBatches: data}
		got, _, err := readShare(rp, 0)
		if err != nil {
			return
		}
		want, _, err := oracle(rp, 0)
		if err == nil && len(want) > 0 && !slices.Equal(got, want) && len(got) < len(want) {
			t.Fatalf("%d records, the library has %d", len(got), len(want))
		}
	})
}

func TestRecordsOfTheOldFormatAreRead(t *testing.T) {
	var set []byte
	for offset := range int64(3) {
		m := kmsg.MessageV1{Offset: offset, Magic: 1, Timestamp: 5, Key: []byte("k"), Value: fmt.Appendf(nil, "v%d", offset)}
		m.MessageSize = int32(len(m.AppendTo(nil)) - 12)
		at := len(set)
		set = m.AppendTo(set)
		binary.BigEndian.PutUint32(set[at+12:], crc32.ChecksumIEEE(set[at+16:]))
	}
	rp := &kmsg.FetchResponseTopicPartition{Partition: 1, RecordBatches: set}
	f := &fetcher{cursors: map[Partition]*cursor{}}
	c := newCursor(Partition{"t", 1}, 1)
	a := &answer{}
	if !f.accept(a, c, rp) || c.next != 3 {
		t.Fatal(f.failed, c.next)
	}
	var got []string
	var r reader
	if err := r.read(&a.parts[0], func(f Fetched) error {
		for _, rec := range f.Records {
			got = append(got, fmt.Sprintf("%d %s %d", rec.Offset, rec.Value, rec.TimestampMicros))
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"1 v1 5000", "2 v2 5000"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// A broker never sends a record twice in one answer; where one did, the library would take the first.
func TestNothingIsReadTwiceFromOneAnswer(t *testing.T) {
	l := newLog(3)
	l.next = 100
	for l.next < 130 {
		l.batch(-1, 0, nil)
	}
	rp := &kmsg.FetchResponseTopicPartition{Partition: 1, RecordBatches: append(slices.Clone(l.data), l.data...)}
	want, _, err := oracle(rp, 100)
	if err != nil {
		t.Fatal(err)
	}
	got, next, err := readShare(rp, 100)
	if err != nil || next != l.next || !slices.Equal(got, want) {
		t.Errorf("%d records to %d, the library has %d to %d: %v", len(got), next, len(want), l.next, err)
	}
	for seed := range uint64(20) { // batches that overlap
		half := newLog(seed)
		for range 4 {
			half.next = 100
			half.batch(-1, 0, nil)
		}
		rp = &kmsg.FetchResponseTopicPartition{Partition: 1, RecordBatches: half.data}
		want, _, err = oracle(rp, 100)
		if err != nil {
			t.Fatal(err)
		}
		if got, _, err := readShare(rp, 100); err != nil || !slices.Equal(got, want) {
			t.Errorf("seed %d: %d records, the library has %d: %v", seed, len(got), len(want), err)
		}
	}
}

func TestABatchThatCompactionHasEmptiedIsSkippedWhateverItsCodec(t *testing.T) {
	for codec := range 5 {
		l := newLog(1)
		l.next = 10
		l.append(kmsg.RecordBatch{ProducerID: -1, Attributes: int16(codec), LastOffsetDelta: 4})
		l.batch(-1, 0, nil)
		_, next, err := readShare(&kmsg.FetchResponseTopicPartition{RecordBatches: l.data}, 10)
		if err != nil || next != l.next {
			t.Errorf("codec %d: %d, want %d: %v", codec, next, l.next, err)
		}
	}
}

// Answers are large: what was shown must not keep them.
func TestWhatWasShownIsForgotten(t *testing.T) {
	l := newLog(5)
	l.batch(-1, 0, nil)
	l.batch(-1, 0, nil)
	r := reader{}
	s := share{cursor: newCursor(Partition{"t", 1}, 0), batches: l.data}
	shown := 0
	if err := r.read(&s, func(f Fetched) error { shown += len(f.Records); return nil }); err != nil || shown == 0 {
		t.Fatal(shown, err)
	}
	for i, rec := range r.records[:cap(r.records)] {
		if rec.Key != nil || rec.Value != nil {
			t.Fatalf("the record %d of %d that were shown is held", i, shown)
		}
	}
}

func TestARequestForManyPartitionsWaitsLonger(t *testing.T) {
	for partitions, want := range map[int]int32{1: 50, 63: 50, 64: 100, 300: 250, 10_000: 500} {
		f := &fetcher{}
		if got := f.request(slices.Repeat([]*cursor{newCursor(Partition{"t", 1}, 0)}, partitions), 1).MaxWaitMillis; got != want {
			t.Errorf("%d partitions: %d ms, want %d", partitions, got, want)
		}
	}
}
