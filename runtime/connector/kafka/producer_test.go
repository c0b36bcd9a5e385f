package kafka_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// eachTransactionVersion runs a test in fake time against brokers of transaction.version 2, and of 0.
func eachTransactionVersion(t *testing.T, test func(t *testing.T, b *broker)) {
	t.Helper()
	for name, opts := range map[string][]kfake.Opt{"version 2": nil, "version 0": {kfake.MaxVersions(kversion.V3_6_0())}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var network kfake.VirtualNetwork
				net := &lossy{dial: network.DialContext}
				opts := append([]kfake.Opt{
					kfake.NumBrokers(3), kfake.Ports(9092, 9093, 9094), kfake.ListenFn(network.Listen), kfake.SeedTopics(4, "in", "out", "log"),
				}, opts...)
				cluster, err := kfake.NewCluster(opts...)
				must(t, err)
				defer cluster.Close()
				test(t, &broker{cluster, net, kafka.Options{
					Brokers: cluster.ListenAddrs(), Dial: net.DialContext, RequestRetries: 3,
					RetryBackoff: func(int) time.Duration { return 10 * time.Millisecond },
				}})
			})
		})
	}
}

// broker is a cluster that tests make trouble in.
type broker struct {
	*kfake.Cluster
	network *lossy
	options kafka.Options
}

// client is franz-go's, which reads what is committed.
func (b *broker) client(t *testing.T, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	opts = append(opts, kgo.SeedBrokers(b.ListenAddrs()...), kgo.Dialer(b.network.DialContext), kgo.DisableClientMetrics())
	client, err := kgo.NewClient(opts...)
	must(t, err)
	return client
}

// committed reads the committed records of a topic: "partition key=value", sorted by partition.
func (b *broker) committed(t *testing.T, topic string) (found []string) {
	t.Helper()
	client := b.client(t, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	defer client.Close()
	for quiet := 0; quiet < 2; quiet++ {
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Second)
		fetches := client.PollFetches(ctx)
		cancel()
		fetches.EachRecord(func(r *kgo.Record) {
			quiet = 0
			found = append(found, fmt.Sprintf("%d %s=%s", r.Partition, r.Key, r.Value))
		})
	}
	slices.SortStableFunc(found, func(a, b string) int { return int(a[0]) - int(b[0]) })
	return found
}

// member joins a group that reads nothing: a commit needs one.
func (b *broker) member(t *testing.T, p *kafka.Producer) *kafka.Member {
	t.Helper()
	m, err := kafka.NewMember(t.Context(), b.options, kafka.Group{
		Group: "g", Epoch: 1, Topics: []string{"in"}, Name: func(int) string { return "g.0" },
	}, &recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}})
	must(t, err)
	for m.ID() == "" {
		poll(t, m, func(kafka.Fetched) error { return nil })
	}
	return m
}

func (b *broker) producer(t *testing.T, tracked ...string) *kafka.Producer {
	t.Helper()
	p, err := kafka.NewProducer(t.Context(), b.options, "g.0", tracked)
	must(t, err)
	must(t, p.Begin(t.Context()))
	p.At(time.Now())
	return p
}

func land(t *testing.T, p *kafka.Producer, m *kafka.Member) {
	t.Helper()
	must(t, p.Flush(t.Context(), 5*time.Second))
	outcome, err := p.Commit(t.Context(), m, []kafka.Committed{{Partition: kafka.Partition{Topic: "in"}, Offset: 1}})
	if outcome != kafka.Landed || err != nil {
		t.Fatal(outcome, err)
	}
}

func emit(t *testing.T, p *kafka.Producer, topic string, partition int32, key, value string) {
	t.Helper()
	var k []byte
	if key != "" {
		k = []byte(key)
	}
	must(t, p.Emit(topic, partition, k, append(p.Tail(topic, partition, 8), value...)))
}

func TestOnlyLandedTransactionsAreSeen(t *testing.T) {
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p := b.producer(t, "log")
		defer p.Close()
		m := b.member(t, p)
		defer m.Close()
		for n := range 6 {
			for i := range 100 {
				emit(t, p, "out", int32(i%4), "", fmt.Sprintf("%d.%d", n, i))
			}
			emit(t, p, "log", 1, "", strconv.Itoa(n))
			if n%3 == 1 { // nothing of it was sent
				must(t, p.Abort(t.Context()))
				continue
			}
			must(t, p.Flush(t.Context(), 5*time.Second))
			if _, ok := p.Written(kafka.Partition{Topic: "log", Number: 1}); !ok {
				t.Error("nothing is known of the log")
			}
			if n%3 == 2 {
				must(t, p.Abort(t.Context()))
				continue
			}
			land(t, p, m)
		}
		var want []string
		for partition := range 4 {
			for _, n := range []int{0, 3} {
				for i := partition; i < 100; i += 4 {
					want = append(want, fmt.Sprintf("%d =%d.%d", partition, n, i))
				}
			}
		}
		if got := b.committed(t, "out"); !slices.Equal(got, want) {
			t.Errorf("%d records, want %d: %.300v", len(got), len(want), got)
		}
	})
}

// TestAProducerCountsThePartitionsOfItsTransaction: each of them gets a marker, however many records and batches went there.
func TestAProducerCountsThePartitionsOfItsTransaction(t *testing.T) {
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p := b.producer(t)
		defer p.Close()
		m := b.member(t, p)
		defer m.Close()
		for round := range 3 {
			if p.Touched() != 0 {
				t.Errorf("round %d begins with %d partitions", round, p.Touched())
			}
			for range 2 {
				for _, partition := range []int32{0, 2, 2} {
					emit(t, p, "out", partition, "k", "v")
				}
				emit(t, p, "log", 0, "k", "v")
				must(t, p.Flush(t.Context(), time.Minute)) // the second time, other batches
			}
			if p.Touched() != 3 {
				t.Errorf("round %d: %d partitions, want 3", round, p.Touched())
			}
			if round == 1 {
				must(t, p.Abort(t.Context()))
			} else {
				land(t, p, m)
			}
		}
	})
}

func TestRecordsWithoutAPartitionAreSpread(t *testing.T) {
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p := b.producer(t)
		defer p.Close()
		m := b.member(t, p)
		defer m.Close()
		const keys = 50
		for n := range 4 { // a batch each
			emit(t, p, "out", -1, "", "of batch "+strconv.Itoa(n))
			for i := range keys {
				emit(t, p, "in", -1, "key "+strconv.Itoa(i), "v")
			}
			must(t, p.Flush(t.Context(), time.Second))
		}
		land(t, p, m)
		seen := map[byte]int{}
		for _, r := range b.committed(t, "out") {
			seen[r[0]]++
		}
		if len(seen) != 4 {
			t.Errorf("four batches are in the partitions %v", seen)
		}
		chooser := kgo.StickyKeyPartitioner(nil).ForTopic("in")
		for _, r := range b.committed(t, "in") {
			key := r[2:strings.IndexByte(r, '=')]
			if want := chooser.Partition(&kgo.Record{Key: []byte(key)}, 4); int(r[0]-'0') != want {
				t.Errorf("%q is in %c, franz-go has it in %d", key, r[0], want)
			}
		}
	})
}

// refuseOnce answers the next request of a kind with an error in each partition.
func (b *broker) refuseOnce(key kmsg.Key, code int16) *atomic.Int32 {
	met := &atomic.Int32{}
	b.ControlKey(int16(key), func(req kmsg.Request) (kmsg.Response, error, bool) {
		met.Add(1)
		resp := req.ResponseKind()
		switch r := resp.(type) {
		case *kmsg.ProduceResponse:
			for _, rt := range req.(*kmsg.ProduceRequest).Topics {
				one := kmsg.ProduceResponseTopic{Topic: rt.Topic, TopicID: rt.TopicID}
				for _, rp := range rt.Partitions {
					one.Partitions = append(one.Partitions, kmsg.ProduceResponseTopicPartition{Partition: rp.Partition, ErrorCode: code, BaseOffset: -1})
				}
				r.Topics = append(r.Topics, one)
			}
		case *kmsg.AddPartitionsToTxnResponse:
			for _, rt := range req.(*kmsg.AddPartitionsToTxnRequest).Topics {
				one := kmsg.AddPartitionsToTxnResponseTopic{Topic: rt.Topic}
				for _, rp := range rt.Partitions {
					one.Partitions = append(one.Partitions, kmsg.AddPartitionsToTxnResponseTopicPartition{Partition: rp, ErrorCode: code})
				}
				r.Topics = append(r.Topics, one)
			}
		case *kmsg.InitProducerIDResponse:
			r.ErrorCode = code
		case *kmsg.EndTxnResponse:
			r.ErrorCode = code
		}
		return resp, nil, true
	})
	return met
}

func TestRefusedBatchesAreSentAgainWhereThatHelps(t *testing.T) {
	retried := []*kerr.Error{
		kerr.NotLeaderForPartition, kerr.LeaderNotAvailable, kerr.FencedLeaderEpoch, kerr.UnknownLeaderEpoch, kerr.UnknownTopicOrPartition,
		kerr.UnknownTopicID, kerr.InconsistentTopicID, kerr.RequestTimedOut, kerr.NotEnoughReplicas, kerr.NotEnoughReplicasAfterAppend,
		kerr.KafkaStorageError, kerr.NetworkException, kerr.CoordinatorLoadInProgress, kerr.CoordinatorNotAvailable, kerr.NotCoordinator,
		kerr.ConcurrentTransactions, kerr.ThrottlingQuotaExceeded,
	}
	fatal := []*kerr.Error{
		kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.OutOfOrderSequenceNumber, kerr.UnknownProducerID, kerr.InvalidProducerIDMapping,
		kerr.InvalidTxnState, kerr.TransactionAbortable, kerr.CorruptMessage, kerr.MessageTooLarge, kerr.InvalidRecord, kerr.InvalidRequiredAcks,
		kerr.TopicAuthorizationFailed, kerr.TransactionalIDAuthorizationFailed, kerr.UnsupportedForMessageFormat, kerr.UnknownServerError,
	}
	for _, code := range slices.Concat(retried, fatal) {
		t.Run(code.Message, func(t *testing.T) {
			eachTransactionVersion(t, func(t *testing.T, b *broker) {
				t.Helper()
				p := b.producer(t)
				defer p.Close()
				m := b.member(t, p)
				defer m.Close()
				emit(t, p, "out", 0, "", "first")
				land(t, p, m)
				emit(t, p, "out", 0, "", "second")
				met := b.refuseOnce(kmsg.Produce, code.Code)
				err := p.Flush(t.Context(), 5*time.Second)
				if met.Load() != 1 {
					t.Fatal("nothing was refused")
				}
				if slices.Contains(retried, code) {
					must(t, err)
				} else {
					if !errors.Is(err, code) {
						t.Fatalf("%v, want %v", err, code)
					}
					if p.Ease(t.Context(), time.Second) == nil {
						t.Error("there is no word of the refused batch")
					}
					must(t, p.Abort(t.Context()))
					emit(t, p, "out", 0, "", "second")
				}
				land(t, p, m)
				emit(t, p, "out", 0, "", "third")
				land(t, p, m)
				if got := b.committed(t, "out"); !slices.Equal(got, []string{"0 =first", "0 =second", "0 =third"}) {
					t.Errorf("committed: %v", got)
				}
			})
		})
	}
}

func TestAPartitionThatIsNotAddedIsAddedAgain(t *testing.T) {
	for _, code := range []*kerr.Error{kerr.ConcurrentTransactions, kerr.CoordinatorLoadInProgress, kerr.UnknownTopicOrPartition, kerr.OperationNotAttempted} {
		t.Run(code.Message, func(t *testing.T) {
			eachTransactionVersion(t, func(t *testing.T, b *broker) {
				t.Helper()
				p := b.producer(t)
				defer p.Close()
				m := b.member(t, p)
				defer m.Close()
				_ = b.refuseOnce(kmsg.AddPartitionsToTxn, code.Code)
				emit(t, p, "out", 0, "", "v")
				land(t, p, m)
				if got := b.committed(t, "out"); len(got) != 1 {
					t.Errorf("committed: %v", got)
				}
			})
		})
	}
}

// Connections break before the broker has a batch, or after: it is sent again, and is there once.
func TestLostAnswersMakeNoDuplicates(t *testing.T) {
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p := b.producer(t, "out")
		defer p.Close()
		m := b.member(t, p)
		defer m.Close()
		var want []string
		for n := range 8 {
			b.network.lose(kmsg.Produce, n%3, n%2)
			value := "v" + strconv.Itoa(n)
			emit(t, p, "out", 2, "", value)
			must(t, p.Flush(t.Context(), 5*time.Second))
			if lost := b.network.losses(); lost != n%3+n%2 {
				t.Errorf("%d requests were lost", lost)
			}
			if at, ok := p.Written(kafka.Partition{Topic: "out", Number: 2}); !ok || at != int64(n+n/4) { // markers count too
				t.Errorf("record %d is at %d", n, at)
			}
			if n%4 == 3 {
				land(t, p, m)
			}
			want = append(want, "2 ="+value)
		}
		if got := b.committed(t, "out"); !slices.Equal(got, want) {
			t.Errorf("committed: %v", got)
		}
	})
}

func TestARecordThatNoBrokerTakesIsRefusedAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		p := beginning(t, o)
		defer p.Close()
		if err := p.Emit("out", 0, nil, make([]byte, 1_000_001)); fault.KindOf(err) != fault.User || !errors.Is(err, kerr.MessageTooLarge) {
			t.Error(err)
		}
		must(t, p.Emit("out", 0, nil, bytes.Repeat([]byte("x"), 600_000)))
		must(t, p.Emit("out", 0, nil, bytes.Repeat([]byte("x"), 900_000))) // a batch of its own
		must(t, p.Flush(t.Context(), time.Second))
	})
}

func TestATopicThatIsNotThereFailsTheTransaction(t *testing.T) {
	for _, partition := range []int32{-1, 0} {
		bubble(t, func(t *testing.T, o kafka.Options) {
			t.Helper()
			p := beginning(t, o)
			defer p.Close()
			err := p.Emit("nowhere", partition, nil, []byte("v"))
			if err == nil {
				err = p.Flush(t.Context(), 10*time.Second)
			}
			if fault.KindOf(err) != fault.User || !errors.Is(err, kerr.UnknownTopicOrPartition) {
				t.Error(err)
			}
			must(t, p.Abort(t.Context()))
		})
	}
}

func TestAPartitionThatIsNotThereFailsTheTransaction(t *testing.T) {
	bubble(t, func(t *testing.T, o kafka.Options) {
		t.Helper()
		p := beginning(t, o)
		defer p.Close()
		must(t, p.Emit("out", 7, nil, []byte("v")))
		if err := p.Flush(t.Context(), 10*time.Second); !errors.Is(err, kerr.UnknownTopicOrPartition) {
			t.Error(err)
		}
	})
}

func TestAFencedProducerIsOfNoUse(t *testing.T) {
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p := b.producer(t)
		defer p.Close()
		m := b.member(t, p)
		defer m.Close()
		emit(t, p, "out", 0, "", "of the old one")
		must(t, p.Flush(t.Context(), time.Second))
		successor := b.producer(t)
		defer successor.Close()
		emit(t, p, "out", 1, "", "of the old one")
		err := p.Flush(t.Context(), time.Second)
		if err == nil {
			_, err = p.Commit(t.Context(), m, nil)
		}
		if fault.KindOf(err) != fault.Transient {
			t.Errorf("a fenced producer goes on: %v", err)
		}
		if err := p.Abort(t.Context()); err == nil {
			t.Error("a fenced producer aborts, and would have fenced its successor")
		}
		emit(t, successor, "out", 2, "", "of the new one")
		land(t, successor, m)
		if got := b.committed(t, "out"); !slices.Equal(got, []string{"2 =of the new one"}) {
			t.Errorf("committed: %v", got)
		}
	})
}

// What became of a commit whose answer is lost is known after Abort, and the producer goes on.
func TestAfterAnUnknownOutcomeTheTransactionIsOver(t *testing.T) {
	for name, applied := range map[string]int{"applied": 1, "not applied": 0} {
		t.Run(name, func(t *testing.T) {
			eachTransactionVersion(t, func(t *testing.T, b *broker) {
				t.Helper()
				p := b.producer(t)
				defer p.Close()
				m := b.member(t, p)
				defer m.Close()
				emit(t, p, "out", 0, "", "first")
				must(t, p.Flush(t.Context(), time.Second))
				b.network.lose(kmsg.EndTxn, applied, 100)
				outcome, err := p.Commit(t.Context(), m, []kafka.Committed{{Partition: kafka.Partition{Topic: "in"}, Offset: 1}})
				if outcome != kafka.Unknown || err == nil {
					t.Fatal(outcome, err)
				}
				b.network.lose(kmsg.EndTxn, 0, 0)
				must(t, p.Abort(t.Context()))
				emit(t, p, "out", 0, "", "second")
				land(t, p, m)
				want := []string{"0 =second"}
				if applied > 0 {
					want = []string{"0 =first", "0 =second"}
				}
				if got := b.committed(t, "out"); !slices.Equal(got, want) {
					t.Errorf("committed: %v", got)
				}
			})
		})
	}
}

func TestCompressedBatchesAreRead(t *testing.T) {
	for _, c := range []kafka.Compression{kafka.CompressionGzip, kafka.CompressionSnappy, kafka.CompressionLz4} {
		t.Run(string(c), func(t *testing.T) {
			eachTransactionVersion(t, func(t *testing.T, b *broker) {
				t.Helper()
				b.options.Compression = c
				p := b.producer(t)
				defer p.Close()
				m := b.member(t, p)
				defer m.Close()
				var want []string
				for i := range 1000 {
					emit(t, p, "out", 0, "", "value "+strconv.Itoa(i))
					want = append(want, "0 =value "+strconv.Itoa(i))
				}
				land(t, p, m)
				if got := b.committed(t, "out"); !slices.Equal(got, want) {
					t.Errorf("%d records", len(got))
				}
			})
		})
	}
}

func TestACommitThatIsNotFlushedIsABug(t *testing.T) {
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p := b.producer(t)
		defer p.Close()
		m := b.member(t, p)
		defer m.Close()
		if outcome, err := p.Commit(t.Context(), m, nil); outcome != kafka.NotEnded || fault.KindOf(err) != fault.Bug {
			t.Error("an empty transaction:", outcome, err)
		}
		emit(t, p, "out", 0, "", "v")
		if outcome, err := p.Commit(t.Context(), m, nil); outcome != kafka.NotEnded || fault.KindOf(err) != fault.Bug {
			t.Error("one that is not flushed:", outcome, err)
		}
	})
}
