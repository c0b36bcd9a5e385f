package kafka_test

import (
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// emitMany emits n records of so many bytes.
func emitMany(t *testing.T, p *kafka.Producer, n, bytes int) {
	t.Helper()
	value := make([]byte, bytes)
	for range n {
		must(t, p.Emit("out", 0, nil, value))
	}
}

func beginning(t *testing.T, o kafka.Options) *kafka.Producer {
	t.Helper()
	p, err := kafka.NewProducer(t.Context(), o, "local.test.job.0", nil)
	must(t, err)
	must(t, p.Begin(t.Context()))
	return p
}

func TestAProducerWaitsForAnswersWhenMuchIsUnanswered(t *testing.T) {
	for name, c := range map[string]struct{ records, bytes int }{
		"many records": {40_000, 10}, "many bytes": {40, 500_000},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T, o kafka.Options) {
				t.Helper()
				p := beginning(t, o)
				defer p.Close()
				emitMany(t, p, c.records, c.bytes)
				if p.Bytes() != int64(c.records*c.bytes) || p.Emitted() != int64(c.records) {
					t.Errorf("%d records of %d bytes in all", p.Emitted(), p.Bytes())
				}
				must(t, p.Ease(t.Context(), time.Second))
				if least := int64(c.records) - 8<<10; p.Answered() < least {
					t.Errorf("%d answered, want %d at least", p.Answered(), least)
				}
				must(t, p.Flush(t.Context(), time.Second))
				if over := p.Emitted() - p.Answered(); over >= 512 {
					t.Errorf("%d records count as unanswered after a flush", over)
				}
			})
		})
	}
}

func TestAProducerDoesNotWaitForeverForAnswers(t *testing.T) {
	withCluster(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
		t.Helper()
		p := beginning(t, o)
		silent := make(chan struct{})
		defer func() { close(silent); p.Close() }()
		c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.SleepControl(func() { <-silent })
			return nil, nil, false
		})
		emitMany(t, p, 20_000, 1)
		begin := time.Now()
		if err := p.Ease(t.Context(), time.Second); fault.KindOf(err) != fault.Transient || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestNothingCountsAsAnsweredAfterARecordThatWasNotTaken(t *testing.T) {
	withCluster(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
		t.Helper()
		p := beginning(t, o)
		defer p.Close()
		emitMany(t, p, 1000, 1)
		must(t, p.Flush(t.Context(), time.Second))
		if p.Answered() == 0 {
			t.Error("nothing is answered after a flush")
		}
		c.ControlKey(kmsg.Produce.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			resp := r.ResponseKind().(*kmsg.ProduceResponse)
			for _, rt := range r.(*kmsg.ProduceRequest).Topics {
				one := kmsg.ProduceResponseTopic{Topic: rt.Topic, TopicID: rt.TopicID}
				for _, rp := range rt.Partitions {
					one.Partitions = append(one.Partitions, kmsg.ProduceResponseTopicPartition{Partition: rp.Partition, ErrorCode: kerr.InvalidRecord.Code})
				}
				resp.Topics = append(resp.Topics, one)
			}
			return resp, nil, true
		})
		for range 1000 {
			if p.Emit("out", 0, nil, []byte("x")) != nil {
				break // the first answer is in already
			}
		}
		if p.Flush(t.Context(), time.Second) == nil {
			t.Fatal("records that were refused are flushed")
		}
		if p.Answered() != 0 {
			t.Errorf("%d answered", p.Answered())
		}
		if p.Ease(t.Context(), time.Second) == nil {
			t.Error("there is no word of the refused record")
		}
	})
}
