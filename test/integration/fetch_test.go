//go:build integration

package integration_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	runtimekafka "github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/test/kafka"
)

const (
	readTopic      = "to_read"
	compactedTopic = "compacted"
	largeBytes     = 3 << 20 // more than an answer holds
	readPatience   = 60 * time.Second
	segmentAge     = 500 * time.Millisecond
)

// topics are what the member reads and what the library's consumer reads.
func topics() []string { return []string{compactedTopic, readTopic} }

// opens lets everything be read, and nothing be produced.
type opens struct{}

func (opens) Joined(context.Context) error                         { return nil }
func (opens) Open(context.Context, []runtimekafka.Committed) error { return nil }
func (opens) Revoked(context.Context, []runtimekafka.Partition)    {}
func (opens) Lost(context.Context, []runtimekafka.Partition)       {}

func instance(n int) string { return fmt.Sprint("local.it.read.", n) }

// said is a record as a line.
func said(offset int64, key, value []byte, micros int64, n int32) string {
	return fmt.Sprintf("%d/%d %d %x %d %.40x", n, offset, micros, key, len(value), value)
}

// writers fill the topics by transactions that overlap on every partition; some abort, all codecs come by.
type writers struct {
	t      *testing.T
	broker *kafka.Broker
	random *rand.Rand
	list   []*kgo.Client
}

func newWriters(t *testing.T, broker *kafka.Broker) *writers {
	t.Helper()
	w := &writers{t: t, broker: broker, random: rand.New(rand.NewPCG(7, 7))}
	for n, codec := range []kgo.CompressionCodec{
		kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression(),
	} {
		client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()), kgo.TransactionalID(fmt.Sprint("writer", n)),
			kgo.ProducerBatchCompression(codec), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerBatchMaxBytes(2*largeBytes))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(client.Close)
		w.list = append(w.list, client)
	}
	return w
}

// round has every writer write a transaction; their records come in turns, and they end in any order.
func (w *writers) round(round int) {
	w.t.Helper()
	for _, client := range w.list {
		if err := client.BeginTransaction(); err != nil {
			w.t.Fatal(err)
		}
	}
	for part := range 3 {
		for n, client := range w.list {
			for i := range 1 + w.random.IntN(40) {
				value := fmt.Appendf(nil, "%d.%d.%d.%d", round, n, part, i)
				if w.random.IntN(150) == 0 {
					value = append(value, make([]byte, largeBytes)...)
				}
				for _, topic := range topics() {
					client.Produce(w.t.Context(), &kgo.Record{
						Topic: topic, Partition: w.random.Int32N(partitions), Key: fmt.Appendf(nil, "k%d", w.random.IntN(30)), Value: value,
					}, nil)
				}
			}
			if err := client.Flush(w.t.Context()); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	for _, n := range w.random.Perm(len(w.list)) {
		if err := w.list[n].EndTransaction(w.t.Context(), kgo.TransactionEndTry(w.random.IntN(3) > 0)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// library reads everything with franz-go's own consumer, to the positions after the last markers.
func library(t *testing.T, broker *kafka.Broker, until map[runtimekafka.Partition]int64) map[runtimekafka.Partition][]string {
	t.Helper()
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()), kgo.ConsumeTopics(topics()...), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), readPatience)
	defer cancel()
	found, at := map[runtimekafka.Partition][]string{}, map[runtimekafka.Partition]int64{}
	for !reached(at, until) {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			t.Fatalf("at %v of %v", at, until)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			p := runtimekafka.Partition{Topic: r.Topic, Number: r.Partition}
			at[p] = r.Offset + 1
			if !r.Attrs.IsControl() {
				found[p] = append(found[p], said(r.Offset, r.Key, r.Value, r.Timestamp.UnixMicro(), r.Partition))
			}
		})
	}
	return found
}

func reached(at, until map[runtimekafka.Partition]int64) bool {
	for p, end := range until {
		if at[p] < end {
			return false
		}
	}
	return true
}

// stampAll commits the log's start for every partition, as a hand-over does.
func stampAll(t *testing.T, admin *runtimekafka.Admin, group string) {
	t.Helper()
	starts, err := admin.Starts(t.Context(), topics()...)
	if err != nil {
		t.Fatal(err)
	}
	var stamps []runtimekafka.Committed
	for p, at := range starts {
		stamps = append(stamps, runtimekafka.Committed{Partition: p, Offset: at})
	}
	if err := admin.Stamp(t.Context(), group, stamps); err != nil {
		t.Fatal(err)
	}
}

// member reads everything with a member, and goes back now and then.
func member(t *testing.T, o runtimekafka.Options, admin *runtimekafka.Admin, group string, until map[runtimekafka.Partition]int64) map[runtimekafka.Partition][]string {
	t.Helper()
	stampAll(t, admin, group)
	m, err := runtimekafka.NewMember(t.Context(), o, runtimekafka.Group{Group: group, Epoch: 1, Topics: topics(), Name: instance}, opens{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	r := rand.New(rand.NewPCG(1, 7))
	found, at := map[runtimekafka.Partition][]string{}, map[runtimekafka.Partition]int64{}
	positions := map[runtimekafka.Partition][]int64{}
	for begin := time.Now(); !reached(at, until); {
		if time.Since(begin) > readPatience {
			t.Fatalf("at %v of %v", at, until)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := m.Poll(ctx, 1+r.IntN(2000), func(f runtimekafka.Fetched) error {
			for _, rec := range f.Records {
				found[f.Partition] = append(found[f.Partition], said(rec.Offset, rec.Key, rec.Value, rec.TimestampMicros, rec.Partition))
				positions[f.Partition] = append(positions[f.Partition], rec.Offset)
			}
			at[f.Partition] = f.Next
			return nil
		})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		for p, offsets := range positions { // back into the middle of a batch, and of a transaction
			if len(offsets) > 0 && r.IntN(20) == 0 {
				n := r.IntN(len(offsets))
				m.Seek(map[runtimekafka.Partition]int64{p: offsets[n]})
				at[p], found[p], positions[p] = offsets[n], found[p][:n], offsets[:n]
				break
			}
		}
		m.Release()
	}
	return found
}

// compact makes the broker compact the topic, and writes on until it has: it leaves the segment in use alone.
func compact(t *testing.T, client *kgo.Client, admin *runtimekafka.Admin, w *writers) {
	t.Helper()
	backoff := "100"
	if _, err := kadm.NewClient(client).AlterBrokerConfigs(t.Context(), []kadm.AlterConfig{{Name: "log.cleaner.backoff.ms", Value: &backoff}}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for round := 1000; time.Since(begin) < readPatience; round++ {
		w.round(round)
		ends, err := admin.StableEnds(t.Context(), compactedTopic)
		if err != nil {
			t.Fatal(err)
		}
		records, offsets := 0, int64(0)
		for p, lines := range library(t, w.broker, ends) {
			if p.Topic == compactedTopic {
				records, offsets = records+len(lines), offsets+ends[p]
			}
		}
		if int64(records)*3 < offsets {
			return
		}
		time.Sleep(segmentAge) // the next record begins a segment
	}
	t.Fatal("the topic was not compacted")
}

// What a member reads of a real broker is what the library's consumer reads: all codecs, transactions that overlap and
// abort, records that are larger than an answer, batches that compaction has thinned out, a log whose beginning is gone.
func TestAMemberReadsARealBrokerAsTheLibraryDoes(t *testing.T) {
	broker := kafka.Start(t)
	client, err := kgo.NewClient(kgo.SeedBrokers(broker.Address()))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	largest, size := strconv.Itoa(3*largeBytes), "1048576"
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), partitions, 1, map[string]*string{"max.message.bytes": &largest}, readTopic); err != nil {
		t.Fatal(err)
	}
	policy, dirty, roll := "compact", "0.001", strconv.FormatInt(segmentAge.Milliseconds(), 10)
	if _, err := kadm.NewClient(client).CreateTopic(t.Context(), partitions, 1, map[string]*string{
		"max.message.bytes": &largest, "cleanup.policy": &policy, "min.cleanable.dirty.ratio": &dirty, "segment.ms": &roll, "segment.bytes": &size,
	}, compactedTopic); err != nil {
		t.Fatal(err)
	}
	w := newWriters(t, broker)
	for round := range 12 {
		w.round(round)
	}
	options := runtimekafka.Options{Brokers: []string{broker.Address()}}
	admin, err := runtimekafka.NewAdmin(options)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	if err := admin.DeleteBefore(t.Context(), map[runtimekafka.Partition]int64{{Topic: readTopic, Number: 1}: 77}); err != nil {
		t.Fatal(err)
	}
	compact(t, client, admin, w)
	until, err := admin.StableEnds(t.Context(), topics()...)
	if err != nil {
		t.Fatal(err)
	}
	want := library(t, broker, until)
	for try := 0; ; try++ {
		got := member(t, options, admin, fmt.Sprint("local.it.read", try), until)
		before := want
		if want = library(t, broker, until); !maps.EqualFunc(before, want, slices.Equal) && try < 10 {
			continue // the broker has compacted meanwhile
		}
		for p := range until {
			if !slices.Equal(got[p], want[p]) {
				t.Errorf("%s: %d records, the library's consumer has %d", p, len(got[p]), len(want[p]))
			}
			t.Logf("%s: %d records to %d", p, len(want[p]), until[p])
		}
		return
	}
}
