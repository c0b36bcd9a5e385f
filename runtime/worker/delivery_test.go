package worker

import (
	"log/slog"
	"testing"

	"github.com/millrace/millrace/runtime/connector/kafka"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/state/memory"
	"github.com/millrace/millrace/runtime/task"
)

func TestWhoSaysTheDelivery(t *testing.T) {
	cases := map[string]struct {
		worker, plan, want spec.Delivery
	}{
		"nobody":                  {"", "", spec.ExactlyOnce},
		"the plan":                {"", spec.AtMostOnce, spec.AtMostOnce},
		"the worker":              {spec.AtLeastOnce, "", spec.AtLeastOnce},
		"both: the worker counts": {spec.ExactlyOnce, spec.AtMostOnce, spec.ExactlyOnce},
		"what is no delivery":     {"Twice", "", ""},
		"and so says the plan":    {"", "Twice", ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := Config{
				Plan: &physical.Plan{Format: physical.Format, Delivery: c.plan}, Topics: physical.Topics{Prefix: "p"}, Epoch: 1,
				Kafka: kafka.Options{Brokers: []string{"b:1"}}, Backend: memory.New(), Logger: slog.New(slog.DiscardHandler), Delivery: c.worker,
			}
			w, err := New(cfg)
			if c.want == "" {
				if fault.KindOf(err) != fault.User {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil || w.cfg.Delivery != c.want || w.cfg.untransacted() != (c.want != spec.ExactlyOnce) || w.cfg.group().Untransacted != w.cfg.untransacted() {
				t.Errorf("got %+v, %v", w, err)
			}
		})
	}
}

// TestOffsetsThatAreThereInPart is about a request that was taken for some partitions only: nothing may go on as if it had
// been taken whole.
func TestOffsetsThatAreThereInPart(t *testing.T) {
	before, now := task.Meta{JobEpoch: 1, Owner: 3, Seq: 4, Offset: 40}, task.Meta{JobEpoch: 1, Owner: 3, Seq: 5, Offset: 50}
	at := func(n int32) kafka.Partition { return kafka.Partition{Topic: "in", Number: n} }
	parts := []part{{running: &running{in: at(0)}, meta: now, sealed: true}, {running: &running{in: at(1)}, meta: now, sealed: true}}
	said := func(n int32, m task.Meta) kafka.Committed {
		return kafka.Committed{Partition: at(n), Offset: m.Offset, Metadata: m.Encode()}
	}
	for name, c := range map[string]struct {
		found  []kafka.Committed
		landed bool
	}{
		"all":  {[]kafka.Committed{said(0, now), said(1, now)}, true},
		"none": {[]kafka.Committed{said(0, before), said(1, before)}, false},
		"one":  {[]kafka.Committed{said(0, now), said(1, before)}, false},
	} {
		if there, err := landed(parts, c.found); (there && err == nil) != c.landed {
			t.Errorf("%s: %v, %v", name, there, err)
		}
	}
}
