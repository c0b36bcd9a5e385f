package build

import (
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
)

// Env is what a worker gives to its tasks. Everything is required but TableBytes, Laps and Plants.
type Env struct {
	Plan   *physical.Plan
	Topics physical.Topics
	// Worker is the ordinal of the worker, which its commits name.
	Worker int
	// JobEpoch goes into offsets, changelogs and exchange records.
	JobEpoch int64
	// Partitions is the number of partitions of each source topic, as the worker knows it now.
	Partitions map[string]int
	// Emit is the worker's.
	Emit task.Emit
	// Untransacted says that commits are no transactions; see task.Config.
	Untransacted bool
	// TableBytes returns what the tables of one aggregate or session may take now; nil, or 0, is its default. It is asked when a batch
	// is processed.
	TableBytes func() int
	// Laps says when tasks rewrite their state at the changelog's head; the zero value is never.
	Laps task.Laps
	// Plants are bugs for the tests that must find them; a build without the tag "mutants" has none.
	Plants task.Plants
}
