package kafka_test

import (
	"testing"
	"testing/synctest"
	"time"

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

// slowly makes the broker answer each produce request after d.
func slowly(c *kfake.Cluster, d time.Duration) {
	c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		c.SleepControl(func() { time.Sleep(d) })
		return nil, nil, false
	})
}

func TestAProducerWaitsForAnswersWhenMuchIsUnanswered(t *testing.T) {
	cases := map[string]struct {
		records, bytes int
		waits          bool
	}{
		"much":   {records: 40, bytes: 500_000, waits: true},
		"little": {records: 40, bytes: 100_000},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			withCluster(t, func(t *testing.T, cluster *kfake.Cluster, o kafka.Options) {
				t.Helper()
				p := beginning(t, o)
				defer p.Close()
				slowly(cluster, 10*time.Millisecond)
				emitMany(t, p, c.records, c.bytes)
				if p.Bytes() != int64(c.records*c.bytes) || p.Records() != c.records {
					t.Errorf("%d records of %d bytes in all", p.Records(), p.Bytes())
				}
				begin := time.Now()
				must(t, p.Ease(t.Context(), 10*time.Second))
				if waited := time.Since(begin) > 0; waited != c.waits {
					t.Errorf("waited: %v", waited)
				}
				must(t, p.Flush(t.Context(), 10*time.Second))
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
		emitMany(t, p, 20_000, 1000)
		begin := time.Now()
		if err := p.Ease(t.Context(), time.Second); fault.KindOf(err) != fault.Transient || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestARecordThatNoOtherFollowsIsSentWhenItHasLingered(t *testing.T) {
	withCluster(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
		t.Helper()
		p := beginning(t, o)
		defer p.Close()
		requests := 0
		c.ControlKey(kmsg.Produce.Int16(), func(kmsg.Request) (kmsg.Response, error, bool) {
			c.KeepControl()
			requests++
			return nil, nil, false
		})
		emitMany(t, p, 1, 10)
		for range 3 {
			must(t, p.Ease(t.Context(), time.Second))
		}
		synctest.Wait()
		if requests != 0 {
			t.Errorf("%d requests at once", requests)
		}
		time.Sleep(5 * time.Millisecond)
		must(t, p.Ease(t.Context(), time.Second))
		time.Sleep(time.Second)
		if requests != 1 {
			t.Errorf("%d requests after the linger", requests)
		}
	})
}
