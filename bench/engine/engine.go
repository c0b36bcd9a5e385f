package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Engine is one that can be measured.
type Engine struct {
	// Name is what it is asked for by, and Title what it is called in tables. Version is known once it is prepared.
	Name, Title, Version string
	// Updates says that a window is emitted on each update, under the record's key.
	Updates bool
	// AtLeastOnce says that its output may hold rows twice after a crash.
	AtLeastOnce bool
	// Reports says that it prints "progress ROWS", since it commits no offsets to Kafka.
	Reports bool
	// CommitInterval is what the engine is measured with for throughput.
	CommitInterval time.Duration
	// Early says that it commits earlier than that when it has caught up with its input.
	Early bool
	// LatencyIntervals are those that its latency is measured with.
	LatencyIntervals []time.Duration
	// Queries are those that it has.
	Queries []string

	prepare func(ctx context.Context, e *Engine) error
	command func(e *Engine, r Run) ([]string, error)
	folder  string // what prepare made
}

// Prepare builds the engine, or finds it built.
func (e *Engine) Prepare(ctx context.Context) error { return e.prepare(ctx, e) }

// PrepareAll prepares one engine after the other.
func PrepareAll(ctx context.Context, engines []*Engine) error {
	for _, e := range engines {
		if err := e.Prepare(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Command returns the command line of a run.
func (e *Engine) Command(r Run) ([]string, error) {
	if r.CommitInterval == 0 {
		r.CommitInterval = e.CommitInterval
	}
	return e.command(e, r)
}

// Has says whether the engine has the query.
func (e *Engine) Has(query string) bool {
	return slices.Contains(e.Queries, query)
}

// Paths says where things of the project are.
type Paths struct {
	// Worker is the worker's binary, Queries the folder with Millrace's SQL, Peers that with the peers' sources.
	Worker, Queries, Peers string
}

// All returns the engines, Millrace first.
func All(p Paths) []*Engine {
	return []*Engine{
		millrace(p),
		flink(p, "flink", "Flink", "hashmap"), flink(p, "flink-rocksdb", "Flink, RocksDB", "rocksdb"),
		kafkaStreams(p, "kstreams", "Kafka Streams", "rocksdb"), kafkaStreams(p, "kstreams-memory", "Kafka Streams, in memory", "memory"),
		spark(p),
	}
}

// Named picks engines by their names, comma separated; Millrace comes first, named or not.
func Named(p Paths, names string) ([]*Engine, error) {
	all := All(p)
	picked := all[:1]
	for name := range strings.SplitSeq(names, ",") {
		name = strings.TrimSpace(name)
		if name == "" || name == all[0].Name {
			continue
		}
		found := false
		for _, e := range all[1:] {
			if e.Name == name {
				picked, found = append(slices.Clip(picked), e), true
			}
		}
		if !found {
			return nil, fmt.Errorf("no engine is named %q; there are flink, flink-rocksdb, kstreams, kstreams-memory and spark", name)
		}
	}
	return picked, nil
}
