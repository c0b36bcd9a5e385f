package task

import "github.com/millrace/millrace/runtime/types"

// Config is what a task is made of. Exactly one of Source and Exchange is set.
type Config struct {
	// Stage and Partition name the task; Topic is its input.
	Stage     string
	Topic     string
	Partition int32
	// JobEpoch and Worker, the ordinal, go into Meta.
	JobEpoch int64
	Worker   int
	// Changelog is the topic of the stage's state, partitioned like the input; empty for a stage without state.
	Changelog string

	Source *Source
	// Exchange lists the column types of an exchange's records.
	Exchange []types.Kind
	Branches []Branch

	// Laps says when the state is rewritten at the changelog's head; the zero value is never.
	Laps Laps

	Emit  Emit
	Tally *Tally

	// Untransacted says that commits are no transactions: what is written is there, whether its offset will be committed or not,
	// and a former owner may still write. Changelog and marks then say by which owner they are. The worker commits the
	// task's Meta once between Open and what comes next.
	Untransacted bool

	// WithoutLaps writes changelog records that tell of no lap, for workers of a version that does not know of laps. Laps must be
	// the zero value then.
	WithoutLaps bool

	// Plants are bugs for the tests that must find them; a build without the tag "mutants" has none.
	Plants Plants
}
