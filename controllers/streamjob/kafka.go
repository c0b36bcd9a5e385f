package streamjob

import (
	"context"
	"time"

	"github.com/millrace/millrace/controllers/lifecycle"
	"github.com/millrace/millrace/runtime/physical"
)

// Observer asks a Kafka cluster about a job.
type Observer interface {
	// Missing returns those of the topics that are not there.
	Missing(ctx context.Context, topics []string) ([]string, error)
	// Progress returns how far a group has come with its input topics in an epoch.
	Progress(ctx context.Context, group string, epoch int64, topics []string) (*lifecycle.Progress, error)
	// HasState says whether there is a group or internal topics of a job.
	HasState(ctx context.Context, remains lifecycle.Remains) (bool, error)
	// Commits says whether one of the sources has committed since the state epoch of the names began.
	Commits(ctx context.Context, names physical.Topics, sources []string) (lifecycle.Commits, error)
	// Tried says whether the sources of a trial, by its names, have taken over their state and one has committed rows.
	Tried(ctx context.Context, names physical.Topics, sources []string) (lifecycle.Commits, error)
}

// Commander speaks with a job by the control topic of its state epoch.
type Commander interface {
	// Savepoint says what became of a savepoint; sources are the topics whose offsets must be those of its cut.
	Savepoint(ctx context.Context, names physical.Topics, id string, now time.Time, sources []string) (lifecycle.Savepoint, error)
	// RequestSavepoint asks the job to stop at a savepoint, once.
	RequestSavepoint(ctx context.Context, names physical.Topics, id string, now, deadline time.Time) error
	// ResumeJob lets the job go on, whether the request for the savepoint has arrived or is still to.
	ResumeJob(ctx context.Context, names physical.Topics, id string, now time.Time) error
}

// Group knows who works on a job, and takes out who does not.
type Group interface {
	// Members returns the ids of the workers in a job's group, by ordinal.
	Members(ctx context.Context, prefix string) (map[int32]string, error)
	// RemoveMembers takes workers that are gone for good out of the group.
	RemoveMembers(ctx context.Context, prefix string, ordinals []int32) error
	// EvictMembers takes workers that do not run out of the group, unless other processes have their places.
	EvictMembers(ctx context.Context, prefix string, members []lifecycle.Member) error
}

// Actor changes what a job has on a Kafka cluster. Every method can be called again with the same result.
type Actor interface {
	// Fence makes an end of all workers of a job.
	Fence(ctx context.Context, prefix string, maxOrdinal int32) error
	// CreateInternal creates and verifies internal topics. Replicas and minInSync are those of new topics; 0 is the
	// brokers' default.
	CreateInternal(ctx context.Context, topics []physical.InternalTopic, replicas, minInSync int32) error
	// EndTrial deletes the topics and the group of a trial, by its names.
	EndTrial(ctx context.Context, names physical.Topics) error
	// DropState deletes the internal topics of the state epochs before one.
	DropState(ctx context.Context, remains lifecycle.Remains, stateEpoch int64) error
	// CleanUp deletes the job's internal topics and group.
	CleanUp(ctx context.Context, remains lifecycle.Remains) error
}

// Kafka is what a job's cluster must do.
type Kafka interface {
	Observer
	Ranger
	Commander
	Group
	Actor
}
