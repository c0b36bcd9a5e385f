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

// TestWhatAPlanOfTheFormatBeforeAllows: workers of the version before may run beside, and understand nothing else.
func TestWhatAPlanOfTheFormatBeforeAllows(t *testing.T) {
	cases := map[string]struct {
		format  int
		change  func(c *Config)
		refused bool
		laps    bool
	}{
		"today's":                              {format: physical.Format, laps: true},
		"today's, delivered at least once":     {format: physical.Format, change: func(c *Config) { c.Delivery = spec.AtLeastOnce }},
		"the one before":                       {format: physical.OldestFormat},
		"the one before, exactly once":         {format: physical.OldestFormat, change: func(c *Config) { c.Delivery = spec.ExactlyOnce }},
		"the one before, at least once":        {format: physical.OldestFormat, change: func(c *Config) { c.Delivery = spec.AtLeastOnce }, refused: true},
		"the one before, out of a savepoint":   {format: physical.OldestFormat, change: func(c *Config) { c.Savepoints.RestoreFrom = "sp-1" }, refused: true},
		"the one before that":                  {format: physical.OldestFormat - 1, refused: true},
		"one that a later version has written": {format: physical.Format + 1, refused: true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			cfg := Config{
				Plan: &physical.Plan{Format: c.format}, Topics: physical.Topics{Prefix: "p"}, Epoch: 1, Laps: task.Laps{LeastBytes: 1},
				Kafka: kafka.Options{Brokers: []string{"b:1"}}, Backend: memory.New(), Logger: slog.New(slog.DiscardHandler),
			}
			if c.change != nil {
				c.change(&cfg)
			}
			w, err := New(cfg)
			if c.refused {
				if fault.KindOf(err) != fault.User {
					t.Errorf("got %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := w.cfg.Laps.LeastBytes > 0; got != c.laps {
				t.Errorf("laps are %v", got)
			}
		})
	}
}
