package lifecycle

import (
	"time"

	"github.com/millrace/millrace/api/v1alpha1"
)

// Observed is all that a decision depends on besides the constants of this package.
type Observed struct {
	// Now is the time of the pass.
	Now time.Time
	// Job is the job with the status as it was last written.
	Job *v1alpha1.StreamJob
	// Finalizer says whether the job carries the operator's finalizer.
	Finalizer bool
	// Prefix is the job's name on Kafka.
	Prefix string
	// Image is the worker image for this spec: the operator's own, or the one of spec.runtimeVersion.
	Image string
	// Version names the version that the spec asks for: what of it is recorded, as a name; empty where nobody records.
	Version string
	// Brokers is how workers reach Kafka; zero where there is no KafkaConnection.
	Brokers v1alpha1.KafkaConnectionSpec
	// Connection is what keeps Kafka from being used: empty when nothing does.
	Connection Obstacle
	// Topics is what is missing among the tables and topics that the plan names.
	Topics Obstacle
	// Query is why there is no plan, and Plan is nil then.
	Query Obstacle
	// Plan is what the spec compiles to.
	Plan *Plan
	// Template is why spec.template can't be merged.
	Template Obstacle
	// PlanStored says that the plan of the attempt, or else of the running epoch, is there.
	PlanStored bool
	// Stateful says that the plan of the running epoch keeps state, and Commands that its workers can be asked for a savepoint; both are
	// known where that plan is stored.
	Stateful, Commands bool
	// Misfit is why Plan can't take over the state of the running plan, and MisfitDropped why it can't even where the state of removed
	// operators is dropped; empty where it can.
	Misfit, MisfitDropped string
	// PlanBefore says that the plan is there which an epoch on probation could go back to, and MisfitBack why that can't take over the state of the one
	// that runs, though the state of operators which it lacks is dropped; empty where it can. They are looked for while a job runs on probation or is held.
	PlanBefore bool
	MisfitBack string
	// TryAgain says that the user wants a job that is held to go on as it is.
	TryAgain bool
	// Savepoint is what the job's control topic says of the attempt's savepoint; nil when it is not known.
	Savepoint *Savepoint
	// Commits says whether the sources have committed anything since the state epoch began; asked while the job is on probation.
	Commits Commits
	// Trial is the work of the trial in the journal; nil when it is not known.
	Trial *TrialWork
	// StateFound says that Kafka holds a group or topics of this job; asked only before the first start. DeleteFound says
	// that the user wants them deleted.
	StateFound, DeleteFound bool
	// Workloads are the epochs whose StatefulSet exists.
	Workloads []Workload
	// Pods are all worker pods of the job.
	Pods []Pod
	// Unmade are pods of the running epoch that nobody has made.
	Unmade Unmade
	// Members are the ids of the workers in the job's group, by ordinal; nil when they are not known. They are asked for where NeedsMembers.
	Members map[int32]string
	// NamespaceGoes says that the namespace is being deleted; asked of a job that is deleted.
	NamespaceGoes bool
	// Records are the StreamSavepoints of the job, and the one that it is to begin from.
	Records Records
	// Range is what a batch job would read if it began now; asked before it begins. RangeUnfit is why it can't.
	Range      []v1alpha1.SourceRange
	RangeUnfit Obstacle
	// Reading is how far a batch job is; nil when it is not known, or is no batch job.
	Reading *Reading
	// Progress is how far the running epoch has come; nil when it is not known.
	Progress *Progress
}

// Obstacle is a reason with a message; the zero value is none.
type Obstacle struct {
	// Reason is one of the API's reasons, or empty.
	Reason string
	// Message says what is wrong and what to do.
	Message string
	// Waiting says that it can go away without a change of this job.
	Waiting bool
}

// Is says whether there is an obstacle.
func (o Obstacle) Is() bool { return o.Reason != "" }

// Plan is what a decision needs to know of a compiled plan.
type Plan struct {
	Format    int32
	Hash      string
	StateHash string
	// InputHash identifies what it was compiled from.
	InputHash string
	// NoCommands says that its workers have no control topic, and so begin from no savepoint: it is of an older format.
	NoCommands bool
}

// Workload is a StatefulSet of the job.
type Workload struct {
	Epoch int64
	// Settled says that the StatefulSet's controller has seen its latest version, so that Pod.Current can be trusted.
	Settled bool
}

// Savepoint is how far a savepoint is that was asked for.
type Savepoint struct {
	State SavepointState
	// Reason says why it has failed.
	Reason string
	// Rows and Bytes are what a finished one holds.
	Rows, Bytes int64
}

// SavepointState is a state of a savepoint.
type SavepointState uint8

// The states. The job makes one savepoint at a time: while it is at work for another one, this one is not asked for.
const (
	SavepointAbsent SavepointState = iota
	SavepointBusy
	SavepointAsked
	SavepointFinished // and the job stands where it was made
	SavepointFailed
)

// Commits is what is known of commits.
type Commits uint8

// What there may be.
const (
	CommitsUnknown Commits = iota
	CommitsNone
	CommitsSome
)

// Pod is a worker pod.
type Pod struct {
	Name    string
	UID     string
	Epoch   int64
	Ordinal int32
	Ready   bool
	// Terminating says that it is being deleted.
	Terminating bool
	// Current says that it is of the StatefulSet's latest revision.
	Current bool
	// Overdue is for how long it should have been gone.
	Overdue time.Duration
	// Away says that its worker does not run, and won't within seconds.
	Away bool
	// Trouble is why it does not run.
	Trouble Trouble
	// Savepoints is where it writes savepoints to; empty is nowhere.
	Savepoints string
	// BackOff says that its container waits for its next start after a crash.
	BackOff bool
	// Restarts is how often the worker's container has begun anew, FailedAt when it last ended with an error, zero for never, and Failure how, in a line.
	Restarts int32
	FailedAt time.Time
	Failure  string
}
