package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// three runs a test in fake time against three brokers and a topic of six partitions.
func three(t *testing.T, test func(t *testing.T, c *kfake.Cluster, o kafka.Options)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		cluster, err := kfake.NewCluster(kfake.NumBrokers(3), kfake.Ports(9092, 9093, 9094), kfake.ListenFn(network.Listen), kfake.SeedTopics(6, "in"))
		must(t, err)
		defer cluster.Close()
		test(t, cluster, kafka.Options{
			Brokers: cluster.ListenAddrs(), Dial: network.DialContext, RequestRetries: 3,
			RetryBackoff: func(int) time.Duration { return 100 * time.Millisecond },
		})
	})
}

func plain(t *testing.T, o kafka.Options, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append(opts, kgo.SeedBrokers(o.Brokers...), kgo.Dialer(o.Dial), kgo.DisableClientMetrics(), kgo.MetadataMinAge(50*time.Millisecond))...)
	must(t, err)
	return cl
}

// write writes transactions to all partitions; some abort.
func write(t *testing.T, o kafka.Options, r *rand.Rand, transactions int) {
	t.Helper()
	codecs := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression()}
	for n := range transactions {
		cl := plain(t, o, kgo.TransactionalID(fmt.Sprint("writer", n%3)), kgo.ProducerBatchCompression(codecs[n%len(codecs)]), kgo.DefaultProduceTopic("in"))
		must(t, cl.BeginTransaction())
		for i := range 1 + r.IntN(60) {
			cl.Produce(t.Context(), &kgo.Record{Key: fmt.Append(nil, r.IntN(100)), Value: fmt.Appendf(nil, "%d.%d", n, i)}, nil)
		}
		must(t, cl.Flush(t.Context()))
		must(t, cl.EndTransaction(t.Context(), kgo.TransactionEndTry(r.IntN(3) > 0)))
		cl.Close()
	}
}

// stampEach commits offset 0 for each partition of in.
func stampEach(t *testing.T, o kafka.Options, g kafka.Group, partitions int32) {
	t.Helper()
	a := admin(t, o)
	defer a.Close()
	var stamps []kafka.Committed
	for p := range partitions {
		stamps = append(stamps, kafka.Committed{Partition: kafka.Partition{Topic: "in", Number: p}})
	}
	must(t, a.Stamp(t.Context(), g.Group, stamps))
}

// member joins a group of one.
func member(t *testing.T, o kafka.Options) (m *kafka.Member, leave func()) {
	t.Helper()
	g := group(1, 0)
	stampEach(t, o, g, 6)
	p, err := kafka.NewProducer(t.Context(), o, g.Name(0), nil)
	must(t, err)
	m, err = kafka.NewMember(t.Context(), o, g, &recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}})
	must(t, err)
	return m, func() { m.Close(); p.Close() }
}

// ends returns what READ_COMMITTED readers can reach.
func ends(t *testing.T, o kafka.Options) map[kafka.Partition]int64 {
	t.Helper()
	a := admin(t, o)
	defer a.Close()
	found, err := a.StableEnds(t.Context(), "in")
	must(t, err)
	return found
}

// all reads everything committed with franz-go's own consumer.
func all(t *testing.T, o kafka.Options, until map[kafka.Partition]int64) map[kafka.Partition][]string {
	t.Helper()
	cl := plain(t, o, kgo.ConsumeTopics("in"), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer cl.Close()
	found, at := map[kafka.Partition][]string{}, map[kafka.Partition]int64{}
	for !reached(at, until) {
		cl.PollFetches(t.Context()).EachRecord(func(r *kgo.Record) {
			p := kafka.Partition{Topic: r.Topic, Number: r.Partition}
			at[p] = r.Offset + 1
			if !r.Attrs.IsControl() {
				found[p] = append(found[p], fmt.Sprintf("%d %s %s %d", r.Offset, r.Key, r.Value, r.Timestamp.UnixMicro()))
			}
		})
	}
	return found
}

func reached(at, until map[kafka.Partition]int64) bool {
	for p, end := range until {
		if at[p] < end {
			return false
		}
	}
	return true
}

// Leaders move and the member is sent back while it reads; what it reads must be what the library's consumer reads.
func TestAMemberReadsWhatTheLibrarysConsumerReads(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			three(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
				t.Helper()
				r := rand.New(rand.NewPCG(seed, 0))
				write(t, o, r, 20)
				m, leave := member(t, o)
				defer leave()
				found, at := map[kafka.Partition][]string{}, map[kafka.Partition]int64{}
				take := func(f kafka.Fetched) error {
					for _, rec := range f.Records {
						found[f.Partition] = append(found[f.Partition], fmt.Sprintf("%d %s %s %d", rec.Offset, rec.Key, rec.Value, rec.TimestampMicros))
					}
					at[f.Partition] = f.Next
					return nil
				}
				for n := range 40 {
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
					must(t, m.Poll(ctx, 1+r.IntN(100), take))
					cancel()
					p := kafka.Partition{Topic: "in", Number: r.Int32N(6)}
					if at[p] > 0 && n%5 == 0 {
						found[p], at[p] = nil, 0
						m.Seek(map[kafka.Partition]int64{p: 0})
					}
					m.Release()
					switch n % 8 {
					case 0:
						c.ShufflePartitionLeaders()
					case 3:
						must(t, c.MoveTopicPartition("in", p.Number, r.Int32N(3)))
					case 6:
						write(t, o, r, 2)
					}
				}
				until := ends(t, o)
				for !reached(at, until) {
					poll(t, m, take)
				}
				want := all(t, o, until)
				for p := range until {
					if !slices.Equal(found[p], want[p]) {
						t.Errorf("%s: %d records, the library's consumer has %d", p, len(found[p]), len(want[p]))
					}
				}
			})
		})
	}
}

func TestALogThatWasCutBackIsCorrupt(t *testing.T) {
	three(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
		t.Helper()
		write(t, o, rand.New(rand.NewPCG(1, 1)), 5)
		m, leave := member(t, o)
		defer leave()
		until, at := ends(t, o), map[kafka.Partition]int64{}
		for !reached(at, until) {
			poll(t, m, func(f kafka.Fetched) error { at[f.Partition] = f.Next; return nil })
		}
		c.ControlKey(kmsg.OffsetForLeaderEpoch.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			req := r.(*kmsg.OffsetForLeaderEpochRequest)
			resp := req.ResponseKind().(*kmsg.OffsetForLeaderEpochResponse)
			for _, rt := range req.Topics {
				one := kmsg.NewOffsetForLeaderEpochResponseTopic()
				one.Topic = rt.Topic
				for _, rp := range rt.Partitions {
					p := kmsg.NewOffsetForLeaderEpochResponseTopicPartition()
					p.Partition, p.LeaderEpoch, p.EndOffset = rp.Partition, rp.LeaderEpoch, 1
					one.Partitions = append(one.Partitions, p)
				}
				resp.Topics = append(resp.Topics, one)
			}
			return resp, nil, true
		})
		c.ShufflePartitionLeaders()
		var err error
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			err = m.Poll(ctx, 100, func(kafka.Fetched) error { return nil })
			cancel()
			m.Release()
			if err != nil {
				break
			}
		}
		if _, ok := errors.AsType[*kgo.ErrDataLoss](err); !ok || fault.KindOf(err) != fault.Corrupt {
			t.Errorf("%v", err)
		}
	})
}

// Watermarks wait for the slowest partition: partitions with a backlog must be read side by side, however many idle ones
// there are.
func TestPartitionsWithABacklogAdvanceTogether(t *testing.T) {
	const idle, busy, records, recordBytes = 8, 4, 1000, 10_000
	synctest.Test(t, func(t *testing.T) {
		var network kfake.VirtualNetwork
		cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(idle+busy, "in"))
		must(t, err)
		defer cluster.Close()
		o := kafka.Options{Brokers: cluster.ListenAddrs(), Dial: network.DialContext, RequestRetries: 3}
		cl := plain(t, o, kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DefaultProduceTopic("in"), kgo.ProducerBatchCompression(kgo.NoCompression()),
			kgo.ProducerBatchMaxBytes(128<<10))
		for n := range int32(records * busy) {
			cl.Produce(t.Context(), &kgo.Record{Partition: idle + n%busy, Value: make([]byte, recordBytes)}, nil)
		}
		must(t, cl.Flush(t.Context()))
		cl.Close()
		g := group(1, 0)
		stampEach(t, o, g, idle+busy)
		p, err := kafka.NewProducer(t.Context(), o, g.Name(0), nil)
		must(t, err)
		defer p.Close()
		m, err := kafka.NewMember(t.Context(), o, g, &recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}})
		must(t, err)
		defer m.Close()
		at := make([]int64, busy)
		apart := int64(0)
		for slices.Min(at) < records {
			poll(t, m, func(f kafka.Fetched) error {
				if f.Number >= idle {
					at[f.Number-idle] = f.Next
					apart = max(apart, slices.Max(at)-slices.Min(at))
				}
				return nil
			})
		}
		if apart > 300 {
			t.Errorf("partitions were up to %d records of %d apart", apart, records)
		}
	})
}
