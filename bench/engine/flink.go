package engine

import (
	"context"
	"time"
)

func flink(p Paths, name, title, state string) *Engine {
	return &Engine{
		Name: name, Title: title,
		// a checkpoint a second is what costs Flink little: its commit is a checkpoint
		CommitInterval:   time.Second,
		LatencyIntervals: []time.Duration{time.Second, 100 * time.Millisecond},
		Queries:          []string{"q0", "q1", "q2", "q5", "q11", "q12", "q21", "q22"},
		prepare:          func(ctx context.Context, e *Engine) error { return build(ctx, e, p, "flink") },
		command: func(e *Engine, r Run) ([]string, error) {
			options := append(open("java.util", "java.lang", "java.time"), "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")
			return java(e, r, "FlinkPeer", state, options...), nil
		},
	}
}
