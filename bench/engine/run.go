package engine

import (
	"time"

	"github.com/millrace/millrace/bench/answer"
)

// Run is what an engine is asked to do.
type Run struct {
	Query answer.Query
	// Edit changes the query's text, where the engine is Millrace; nil leaves it.
	Edit func(sql string) string
	// Brokers is HOST:PORT, Topic what is read and Output what is written.
	Brokers, Topic, Output string
	// Group names the run on Kafka: the consumer group and the prefix of transactions and internal topics.
	Group string
	// CommitInterval replaces the engine's own where it is not 0.
	CommitInterval time.Duration
	// Watermark is how far it lags behind the latest event of a partition.
	Watermark   time.Duration
	Parallelism int
	// Compression is none or lz4.
	Compression string
	// Folder is the run's own, for state, checkpoints and plans.
	Folder string
	// CPUProfile and AllocationProfile are files to write, where the engine is Millrace; empty means none.
	CPUProfile, AllocationProfile string
	// Flags are further ones of the worker, where the engine is Millrace.
	Flags []string
	// HTTP is where Millrace's metrics are served; empty means nowhere.
	HTTP string
}
