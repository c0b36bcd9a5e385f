package kafka_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
)

// sink is a broker that takes every batch and keeps none.
func sink(b *testing.B) (options kafka.Options) {
	b.Helper()
	var network kfake.VirtualNetwork
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(network.Listen), kfake.SeedTopics(4, "out"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(cluster.Close)
	cluster.ControlKey(kmsg.Produce.Int16(), func(req kmsg.Request) (kmsg.Response, error, bool) {
		cluster.KeepControl()
		resp := req.ResponseKind().(*kmsg.ProduceResponse)
		for _, rt := range req.(*kmsg.ProduceRequest).Topics {
			one := kmsg.ProduceResponseTopic{Topic: rt.Topic, TopicID: rt.TopicID}
			for _, rp := range rt.Partitions {
				one.Partitions = append(one.Partitions, kmsg.ProduceResponseTopicPartition{Partition: rp.Partition, BaseOffset: 1})
			}
			resp.Topics = append(resp.Topics, one)
		}
		return resp, nil, true
	})
	return kafka.Options{Brokers: cluster.ListenAddrs(), Dial: network.DialContext}
}

const benchRecords = 20_000

// BenchmarkProduce sends records of 200 bytes, 20 000 between two flushes; what the broker in this process does with their
// bytes is in it. ns/record and allocs/op count.
func BenchmarkProduce(b *testing.B) {
	value := bytes.Repeat([]byte("0123456789"), 20)
	b.Run("millrace", func(b *testing.B) {
		p, err := kafka.NewProducer(b.Context(), sink(b), "bench", nil)
		if err != nil {
			b.Fatal(err)
		}
		defer p.Close()
		if err := p.Begin(b.Context()); err != nil {
			b.Fatal(err)
		}
		p.At(time.Now())
		measure(b, func() error {
			for range benchRecords {
				if err := p.Emit("out", -1, nil, append(p.Tail("out", -1, 256), value...)); err != nil {
					return err
				}
			}
			return p.Flush(b.Context(), time.Minute)
		})
	})
	b.Run("franz-go", func(b *testing.B) {
		o := sink(b)
		client, err := kgo.NewClient(kgo.SeedBrokers(o.Brokers...), kgo.Dialer(o.Dial), kgo.TransactionalID("bench"), kgo.ProducerLinger(5*time.Millisecond),
			kgo.ProducerBatchCompression(kgo.NoCompression()), kgo.DisableClientMetrics(), kgo.MaxBufferedRecords(100_000))
		if err != nil {
			b.Fatal(err)
		}
		defer client.Close()
		if err := client.BeginTransaction(); err != nil {
			b.Fatal(err)
		}
		records, now := make([]kgo.Record, benchRecords), time.Now()
		measure(b, func() error {
			for i := range records {
				records[i] = kgo.Record{Topic: "out", Value: value, Timestamp: now}
				client.Produce(context.Background(), &records[i], nil)
			}
			return client.Flush(b.Context())
		})
	})
}

func measure(b *testing.B, pass func() error) {
	b.Helper()
	if err := pass(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := pass(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRecords, "ns/record")
}
