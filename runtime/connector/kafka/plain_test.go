package kafka_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
)

// plainly runs a test with a producer without transactions and a member of its own.
func plainly(t *testing.T, holds bool, test func(t *testing.T, b *broker, p *kafka.Producer, m *kafka.Member)) {
	t.Helper()
	eachTransactionVersion(t, func(t *testing.T, b *broker) {
		t.Helper()
		p, err := kafka.NewPlainProducer(t.Context(), b.options, "g.0", []string{"log"}, holds)
		must(t, err)
		defer p.Close()
		must(t, p.Begin(t.Context()))
		p.At(time.Now())
		m := b.member(t, p)
		defer m.Close()
		test(t, b, p, m)
	})
}

func offsets(n int) []kafka.Committed {
	return []kafka.Committed{{Partition: kafka.Partition{Topic: "in"}, Offset: int64(n), Metadata: fmt.Sprintf("commit %d", n)}}
}

// atIn is what the group says of the first partition.
func atIn(t *testing.T, b *broker) string {
	t.Helper()
	a := admin(t, b.options)
	defer a.Close()
	found, err := a.Committed(t.Context(), "g", "in")
	must(t, err)
	return say(found[:1])
}

func TestWithoutTransactionsRecordsAreThereOnceFlushed(t *testing.T) {
	plainly(t, false, func(t *testing.T, b *broker, p *kafka.Producer, m *kafka.Member) {
		t.Helper()
		var want []string
		for n := range 4 {
			b.network.lose(kmsg.Produce, n%3, n%2)
			emit(t, p, "out", 1, "k", fmt.Sprint("v", n))
			emit(t, p, "log", 0, "", fmt.Sprint("m", n))
			must(t, p.Flush(t.Context(), 5*time.Second))
			if at, ok := p.Written(kafka.Partition{Topic: "log"}); !ok || at != int64(n) { // there are no markers between
				t.Errorf("record %d is at %d, %v", n, at, ok)
			}
			want = append(want, fmt.Sprint("1 k=v", n))
			if n%2 == 0 {
				continue
			}
			if outcome, err := m.CommitOffsets(t.Context(), offsets(n)); outcome != kafka.Landed || err != nil {
				t.Fatal(outcome, err)
			}
			must(t, p.Confirmed(t.Context(), time.Second))
			if p.Records() != 0 {
				t.Errorf("%d records in a generation that has not begun", p.Records())
			}
		}
		if got := b.committed(t, "out"); !slices.Equal(got, want) {
			t.Errorf("there are %v", got)
		}
		if got := atIn(t, b); got != "in/0 at 3: commit 3" {
			t.Errorf("the group says %s", got)
		}
	})
}

func TestAProducerThatHoldsSendsWhenItsOffsetsAreCommitted(t *testing.T) {
	plainly(t, true, func(t *testing.T, b *broker, p *kafka.Producer, _ *kafka.Member) {
		t.Helper()
		emit(t, p, "out", 1, "", "result")
		emit(t, p, "out", 1, "", strings.Repeat("x", 990_000)) // closes the batch
		emit(t, p, "out", -1, "k", "another")
		emit(t, p, "log", 0, "", "state")
		must(t, p.Ease(t.Context(), time.Second))
		must(t, p.Flush(t.Context(), time.Second))
		if out, log := b.committed(t, "out"), b.committed(t, "log"); len(out) != 0 || !slices.Equal(log, []string{"0 =state"}) {
			t.Errorf("before the offsets: %d results, log %v", len(out), log)
		}
		must(t, p.Confirmed(t.Context(), time.Second))
		got := b.committed(t, "out")
		if len(got) != 3 || !slices.Contains(got, "1 =result") {
			t.Errorf("after them: %d results", len(got))
		}
	})
}

func TestAProducerHoldsNoMoreThanItMay(t *testing.T) {
	plainly(t, true, func(t *testing.T, _ *broker, p *kafka.Producer, _ *kafka.Member) {
		t.Helper()
		value := []byte(strings.Repeat("x", 900_000))
		var err error
		for n := 0; n < 100 && err == nil; n++ {
			err = p.Emit("out", 1, nil, value)
		}
		if fault.KindOf(err) != fault.User || p.Bytes() < 60<<20 || p.Bytes() > 70<<20 {
			t.Errorf("%d bytes are held, %v", p.Bytes(), err)
		}
	})
}

// TestTheOutcomeOfOffsets lets the group refuse, and the network lose, what a member commits.
func TestTheOutcomeOfOffsets(t *testing.T) {
	cases := map[string]struct {
		code          *kerr.Error // the group's first answer
		times         int         // how often
		answers, asks int         // what is lost
		outcome       kafka.Outcome
		kind          fault.Kind
		there         bool
	}{
		"taken":                              {outcome: kafka.Landed, there: true},
		"the answer is lost":                 {answers: 1, outcome: kafka.Unknown, kind: fault.Transient, there: true},
		"the request is lost":                {asks: 1, outcome: kafka.Unknown, kind: fault.Transient},
		"the coordinator moves":              {code: kerr.NotCoordinator, times: 3, outcome: kafka.Landed, there: true},
		"the coordinator comes up":           {code: kerr.CoordinatorLoadInProgress, times: 3, outcome: kafka.Landed, there: true},
		"a generation begins":                {code: kerr.RebalanceInProgress, times: 3, outcome: kafka.Landed, there: true},
		"a generation has begun":             {code: kerr.IllegalGeneration, times: 3, outcome: kafka.Landed, there: true},
		"it is another's generation":         {code: kerr.IllegalGeneration, times: 1000, outcome: kafka.NotEnded, kind: fault.Transient},
		"the group has given the member up":  {code: kerr.UnknownMemberID, times: 1, outcome: kafka.NotEnded, kind: fault.Transient},
		"another process has its place":      {code: kerr.FencedInstanceID, times: 1, outcome: kafka.NotEnded, kind: fault.Fenced},
		"it may not":                         {code: kerr.GroupAuthorizationFailed, times: 1, outcome: kafka.NotEnded, kind: fault.User},
		"the coordinator never comes up":     {code: kerr.CoordinatorNotAvailable, times: 1 << 20, outcome: kafka.NotEnded, kind: fault.Transient},
		"refused, and then the answer lost":  {code: kerr.RebalanceInProgress, times: 1, answers: 1, outcome: kafka.Unknown, kind: fault.Transient, there: true},
		"refused, and then the request lost": {code: kerr.RebalanceInProgress, times: 1, asks: 1, outcome: kafka.Unknown, kind: fault.Transient},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			plainly(t, false, func(t *testing.T, b *broker, _ *kafka.Producer, m *kafka.Member) {
				t.Helper()
				left := c.times
				if left == 0 {
					b.network.lose(kmsg.OffsetCommit, c.answers, c.asks)
				}
				b.ControlKey(int16(kmsg.OffsetCommit), func(req kmsg.Request) (kmsg.Response, error, bool) {
					b.KeepControl()
					if left == 0 {
						return nil, nil, false
					}
					if left--; left == 0 {
						b.network.lose(kmsg.OffsetCommit, c.answers, c.asks)
					}
					return refusedOffsets(req.(*kmsg.OffsetCommitRequest), c.code.Code), nil, true
				})
				outcome, err := m.CommitOffsets(t.Context(), offsets(1))
				if outcome != c.outcome || (err == nil) != (outcome == kafka.Landed) || err != nil && fault.KindOf(err) != c.kind {
					t.Errorf("outcome %d, %v", outcome, err)
				}
				if got := atIn(t, b); (got == "in/0 at 1: commit 1") != c.there {
					t.Errorf("the group says %s", got)
				}
			})
		})
	}
}

func refusedOffsets(req *kmsg.OffsetCommitRequest, code int16) kmsg.Response {
	resp := req.ResponseKind().(*kmsg.OffsetCommitResponse)
	for _, rt := range req.Topics {
		one := kmsg.OffsetCommitResponseTopic{Topic: rt.Topic, TopicID: rt.TopicID}
		for _, rp := range rt.Partitions {
			one.Partitions = append(one.Partitions, kmsg.OffsetCommitResponseTopicPartition{Partition: rp.Partition, ErrorCode: code})
		}
		resp.Topics = append(resp.Topics, one)
	}
	return resp
}

// TestOffsetsOfAMemberThatHasJoinedAnewAreRefused is what makes a request harmless that is late on its way.
func TestOffsetsOfAMemberThatHasJoinedAnewAreRefused(t *testing.T) {
	plainly(t, false, func(t *testing.T, b *broker, p *kafka.Producer, m *kafka.Member) {
		t.Helper()
		again := b.member(t, p)
		defer again.Close()
		if outcome, err := m.CommitOffsets(t.Context(), offsets(1)); outcome == kafka.Landed {
			t.Errorf("the one before commits: %v", err)
		}
		if outcome, err := again.CommitOffsets(t.Context(), offsets(2)); outcome != kafka.Landed {
			t.Error(outcome, err)
		}
		if got := atIn(t, b); got != "in/0 at 2: commit 2" {
			t.Errorf("the group says %s", got)
		}
	})
}
