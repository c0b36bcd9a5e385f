package engine

import (
	"context"
	"time"
)

func kafkaStreams(p Paths, name, title, state string) *Engine {
	return &Engine{
		Name: name, Title: title, Updates: true, CommitInterval: 100 * time.Millisecond, // its default under exactly-once
		LatencyIntervals: []time.Duration{100 * time.Millisecond, 20 * time.Millisecond},
		Queries:          []string{"q0", "q1", "q2", "q5", "q11", "q12", "q21", "q22"},
		prepare:          func(ctx context.Context, e *Engine) error { return build(ctx, e, p, "kstreams") },
		command: func(e *Engine, r Run) ([]string, error) {
			return java(e, r, "KafkaStreamsPeer", state, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"), nil
		},
	}
}
