package kafka_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// refuse makes brokers answer every fetch with an error for each partition, until heal is called.
func refuse(c *kfake.Cluster, code int16) (heal func()) {
	healed := make(chan struct{})
	c.ControlKey(kmsg.Fetch.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
		select {
		case <-healed:
			return nil, nil, false
		default:
		}
		c.KeepControl()
		resp := r.ResponseKind().(*kmsg.FetchResponse)
		for _, rt := range r.(*kmsg.FetchRequest).Topics {
			one := kmsg.FetchResponseTopic{Topic: rt.Topic, TopicID: rt.TopicID}
			for _, rp := range rt.Partitions {
				p := kmsg.NewFetchResponseTopicPartition()
				p.Partition, p.ErrorCode = rp.Partition, code
				one.Partitions = append(one.Partitions, p)
			}
			resp.Topics = append(resp.Topics, one)
		}
		return resp, nil, true
	})
	return func() { close(healed) }
}

// pollFor polls until there is an error or the time is over.
func pollFor(t *testing.T, m *kafka.Member, d time.Duration, visit func(kafka.Fetched) error) (time.Duration, error) {
	t.Helper()
	begin := time.Now()
	for time.Since(begin) < d {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		err := m.Poll(ctx, 100, visit)
		cancel()
		m.Release()
		if err != nil {
			return time.Since(begin), err
		}
	}
	return d, nil
}

func TestALeaderThatRefusesForLongIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		code   *kerr.Error
		kind   fault.Kind
		within time.Duration
	}{
		"records are gone":                     {kerr.OffsetOutOfRange, fault.Corrupt, 3 * time.Second},
		"the topic is gone":                    {kerr.UnknownTopicOrPartition, fault.User, 15 * time.Second},
		"the topic was made again":             {kerr.UnknownTopicID, fault.User, 15 * time.Second},
		"the broker's log is damaged":          {kerr.CorruptMessage, fault.Corrupt, 15 * time.Second},
		"the broker can't convert what it has": {kerr.UnsupportedCompressionType, fault.Transient, 15 * time.Second},
		"reading is not allowed":               {kerr.TopicAuthorizationFailed, fault.User, 0},
	} {
		t.Run(name, func(t *testing.T) {
			three(t, func(t *testing.T, cluster *kfake.Cluster, o kafka.Options) {
				t.Helper()
				write(t, o, rand.New(rand.NewPCG(1, 1)), 5)
				refuse(cluster, c.code.Code)
				m, leave := member(t, o)
				defer leave()
				took, err := pollFor(t, m, time.Minute, func(kafka.Fetched) error { return nil })
				if !errors.Is(err, c.code) || fault.KindOf(err) != c.kind {
					t.Fatalf("%v (%s)", err, fault.KindOf(err))
				}
				if took < c.within || took > c.within+5*time.Second {
					t.Errorf("after %v, want %v", took, c.within)
				}
				at, _, gone := kafka.GoneRecords(err)
				if want := errors.Is(c.code, kerr.OffsetOutOfRange); gone != want || gone && at.Topic == "" {
					t.Errorf("records of %v are gone: %v, want %v", at, gone, want)
				}
			})
		})
	}
}

func TestALeaderThatIsNoneIsWaitedFor(t *testing.T) {
	for name, code := range map[string]*kerr.Error{
		"moved": kerr.NotLeaderForPartition, "no leader": kerr.LeaderNotAvailable, "older metadata at the broker": kerr.UnknownLeaderEpoch,
		"older metadata here": kerr.FencedLeaderEpoch, "a disk that went": kerr.KafkaStorageError, "just started": kerr.OffsetNotAvailable,
	} {
		t.Run(name, func(t *testing.T) {
			three(t, func(t *testing.T, cluster *kfake.Cluster, o kafka.Options) {
				t.Helper()
				write(t, o, rand.New(rand.NewPCG(1, 1)), 5)
				heal := refuse(cluster, code.Code)
				m, leave := member(t, o)
				defer leave()
				if took, err := pollFor(t, m, time.Minute, func(kafka.Fetched) error { return nil }); err != nil {
					t.Fatal(took, err)
				}
				heal()
				until, at := ends(t, o), map[kafka.Partition]int64{}
				for !reached(at, until) {
					poll(t, m, func(f kafka.Fetched) error { at[f.Partition] = f.Next; return nil })
				}
			})
		})
	}
}

// A cluster that just starts says this and that for a while.
func TestRefusalsThatEndInTimeAreForgotten(t *testing.T) {
	three(t, func(t *testing.T, cluster *kfake.Cluster, o kafka.Options) {
		t.Helper()
		write(t, o, rand.New(rand.NewPCG(1, 1)), 5)
		heal := refuse(cluster, kerr.UnknownTopicOrPartition.Code)
		m, leave := member(t, o)
		defer leave()
		for range 3 {
			if took, err := pollFor(t, m, 10*time.Second, func(kafka.Fetched) error { return nil }); err != nil {
				t.Fatal(took, err)
			}
			heal()
			if took, err := pollFor(t, m, 5*time.Second, func(kafka.Fetched) error { return nil }); err != nil {
				t.Fatal(took, err)
			}
			heal = refuse(cluster, kerr.UnknownTopicOrPartition.Code)
		}
		heal()
	})
}
