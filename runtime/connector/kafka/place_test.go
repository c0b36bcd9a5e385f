package kafka_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// listener remembers how partitions were taken away.
type listener struct {
	recorder
	revoked atomic.Int32
}

func (l *listener) Revoked(context.Context, []kafka.Partition) { l.revoked.Add(1) }

// A worker that hung for longer than its session joins again without a word where the answer to its JoinGroup is the first sign. Its tasks
// have run elsewhere meanwhile, and the group takes offsets under its new id.
func TestAMemberThatWasThrownOutCommitsNothingUnderItsNextID(t *testing.T) {
	withCluster(t, func(t *testing.T, c *kfake.Cluster, o kafka.Options) {
		t.Helper()
		a := admin(t, o)
		defer a.Close()
		g := group(1, 0)
		stampAll(t, a, g, "1")
		p, err := kafka.NewProducer(t.Context(), o, g.Name(0), nil)
		must(t, err)
		defer p.Close()
		l := &listener{recorder: recorder{producer: p, opened: map[kafka.Partition]kafka.Committed{}}}
		m, err := kafka.NewMember(t.Context(), o, g, l)
		must(t, err)
		defer m.Close()
		for m.ID() == "" || len(l.opened) < 2 {
			poll(t, m, func(kafka.Fetched) error { return nil })
		}
		must(t, p.Emit("out", 0, nil, []byte("of a task that runs elsewhere")))
		must(t, p.Flush(t.Context(), time.Second))
		c.ControlKey(kmsg.JoinGroup.Int16(), func(r kmsg.Request) (kmsg.Response, error, bool) { // once
			resp := r.ResponseKind().(*kmsg.JoinGroupResponse)
			resp.ErrorCode = kerr.UnknownMemberID.Code
			return resp, nil, true
		})
		before := m.ID()
		m.Rejoin()
		for m.ID() == before || m.ID() == "" {
			time.Sleep(10 * time.Millisecond)
		}
		outcome, err := p.Commit(t.Context(), m, []kafka.Committed{{Partition: kafka.Partition{Topic: "in"}, Offset: 1}})
		if outcome != kafka.NotEnded || fault.KindOf(err) != fault.Transient {
			t.Errorf("the commit: %v, %v", outcome, err)
		}
		if _, err := pollFor(t, m, 5*time.Second, func(kafka.Fetched) error { return nil }); fault.KindOf(err) != fault.Transient || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the next polls: %v", err)
		}
		if l.revoked.Load() > 0 {
			t.Error("partitions were taken away as if they had been the member's")
		}
	})
}
