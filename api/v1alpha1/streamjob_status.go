package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StreamJobStatus is the operator's journal of a job: what it is doing (attempt), what runs (epoch, runtime), and what
// it saw last.
type StreamJobStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about.
	// +optional
	// +kubebuilder:default:=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// Phase sums the status up for people; programs read the conditions.
	// +optional
	Phase JobPhase `json:"phase,omitempty"`
	// Epoch grows by one with each new plan, and with partitions that are added to an input; never with parallelism or
	// pod settings. 0 before the first start.
	// +optional
	Epoch int64 `json:"epoch,omitempty"`
	// StateEpoch is the epoch in which the job's internal topics were made; it is part of their names. Plans with the
	// same state and exchanges share it.
	// +optional
	StateEpoch int64 `json:"stateEpoch,omitempty"`
	// MaxOrdinal is the highest worker ordinal that ever existed, written before the pod is: the fence covers them all.
	// +optional
	MaxOrdinal int32 `json:"maxOrdinal,omitempty"`
	// Prefix begins every name of the job on Kafka; it is the consumer group's id too.
	// +optional
	Prefix string `json:"prefix,omitempty"`
	// Selector finds the job's worker pods, for the scale subresource.
	// +optional
	Selector string `json:"selector,omitempty"`
	// Parallelism counts the worker pods.
	// +optional
	Parallelism ParallelismStatus `json:"parallelism,omitempty"`
	// Autoscaling is what the autoscaler has decided; none where spec.autoscaling is Off.
	// +optional
	Autoscaling *AutoscalingStatus `json:"autoscaling,omitempty"`
	// Runtime is what the workers run.
	// +optional
	Runtime *RuntimeStatus `json:"runtime,omitempty"`
	// CurrentRevision is the ControllerRevision of the version that last ran with all its workers.
	// +optional
	CurrentRevision string `json:"currentRevision,omitempty"`
	// UpdateRevision is that of the version that was begun last: it is another one while that is on its way, and when it came to nothing.
	// +optional
	UpdateRevision string `json:"updateRevision,omitempty"`
	// Attempt is the change of epoch under way; none when there is nothing under way.
	// +optional
	Attempt *Attempt `json:"attempt,omitempty"`
	// Trial is there while a version is tried that the job does not run yet.
	// +optional
	Trial *TrialStatus `json:"trial,omitempty"`
	// Probation is there while an epoch on new internal topics has yet to prove that it works.
	// +optional
	Probation *Probation `json:"probation,omitempty"`
	// Range is what a batch job reads of each topic.
	// +listType=map
	// +listMapKey=topic
	// +optional
	Range []SourceRange `json:"range,omitempty"`
	// CompletedAt is when a batch job was complete.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`
	// Held is there while the job is stopped at its last commit, as its version has failed on probation.
	// +optional
	Held *Held `json:"held,omitempty"`
	// Suspended is there while the job rests.
	// +optional
	Suspended *Suspension `json:"suspended,omitempty"`
	// LastSavepoint is the last one that the operator asked for and got.
	// +optional
	LastSavepoint *SavepointStatus `json:"lastSavepoint,omitempty"`
	// SavepointSchedule is how far spec.savepoints.schedule is.
	// +optional
	SavepointSchedule *SavepointScheduleStatus `json:"savepointSchedule,omitempty"`
	// LastFailure is the last upgrade or suspension that came to nothing, while the spec still asks for it.
	// +optional
	LastFailure *Failure `json:"lastFailure,omitempty"`
	// Lag is how far the job is behind its input; of a batch job, behind the end of its range.
	// +optional
	Lag *Lag `json:"lag,omitempty"`
	// Watermark is how far event time is behind the clock; none for a job whose inputs have no event time.
	// +optional
	Watermark *WatermarkStatus `json:"watermark,omitempty"`
	// Topics are those that the running epoch uses.
	// +optional
	Topics *JobTopics `json:"topics,omitempty"`
	// Conditions are Ready, Reconciling, Stalled or Suspended while they hold, Complete once a batch job is, TopicsReady, PlanAccepted and JobRunning, and WorkersFailing while it holds; with
	// spec.autoscaling ScalingActive, AbleToScale, ScalingLimited and SkewDetected, and TwoOwners while that holds.
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// JobTopics are the topics of a running epoch, by their names on Kafka.
type JobTopics struct {
	// Reads are the topics that it reads.
	// +listType=atomic
	// +optional
	Reads []string `json:"reads,omitempty"`
	// Writes are the topics that it writes.
	// +listType=atomic
	// +optional
	Writes []string `json:"writes,omitempty"`
	// Internal are the job's own: state, exchanges, commits, commands. They go with the job as spec.deletion says.
	// +listType=atomic
	// +optional
	Internal []string `json:"internal,omitempty"`
}

// JobPhase sums a job's status up.
type JobPhase string

// The phases.
const (
	// PhasePending waits for something: a connection, a table, a topic, a valid query.
	PhasePending JobPhase = "Pending"
	// PhaseTrial has every wanted worker ready, while another version is tried.
	PhaseTrial JobPhase = "Trial"
	// PhaseSavepointing waits for the savepoint that the job is to stop at.
	PhaseSavepointing JobPhase = "Savepointing"
	// PhaseSuspended rests, without workers.
	PhaseSuspended JobPhase = "Suspended"
	// PhaseFencing makes an end of the epoch before.
	PhaseFencing JobPhase = "Fencing"
	// PhaseRollingBack sees once more, now that its workers are fenced, whether an epoch that is to be left has committed anything.
	PhaseRollingBack JobPhase = "RollingBack"
	// PhaseHeld is stopped at its last commit, without workers, since its version has failed on probation: it waits for the user.
	PhaseHeld JobPhase = "Held"
	// PhaseDeploying makes internal topics and workers of a new epoch.
	PhaseDeploying JobPhase = "Deploying"
	// PhaseRunning has every wanted worker ready.
	PhaseRunning JobPhase = "Running"
	// PhaseScaling changes the number of workers.
	PhaseScaling JobPhase = "Scaling"
	// PhaseRolling replaces workers one by one.
	PhaseRolling JobPhase = "Rolling"
	// PhaseDegraded has fewer workers ready than wanted, with no change under way.
	PhaseDegraded JobPhase = "Degraded"
	// PhaseStalled can't go on without a change by the user, and runs no worker.
	PhaseStalled JobPhase = "Stalled"
	// PhaseDeleting takes the job apart.
	PhaseDeleting JobPhase = "Deleting"
)

// ParallelismStatus counts worker pods.
type ParallelismStatus struct {
	// Current is the number of worker pods that exist.
	// +optional
	Current int32 `json:"current"`
	// Ready is the number of worker pods that are ready.
	// +optional
	Ready int32 `json:"ready"`
	// Desired is the number of worker pods that there should be.
	// +optional
	Desired int32 `json:"desired"`
}

// RuntimeStatus is what the workers of the epoch run.
type RuntimeStatus struct {
	// Image is the worker image.
	Image string `json:"image"`
	// Revision is the ControllerRevision of the version that they run.
	// +optional
	Revision string `json:"revision,omitempty"`
	// PlanFormat is the version of the plan document.
	PlanFormat int32 `json:"planFormat"`
	// PlanHash identifies the plan: two queries with the same hash run the same program.
	PlanHash string `json:"planHash"`
	// StateHash identifies the plan's state and exchanges: a plan with another one needs new internal topics, see spec.upgrade.
	StateHash string `json:"stateHash"`
	// InputHash identifies what the plan was compiled from: query and tables. While it is the same, the operator does
	// not compile again.
	InputHash string `json:"inputHash"`
	// PodHash identifies the fields of the spec, and of the KafkaConnection, that shape the pods, as they were when pods and image were chosen.
	// +optional
	PodHash string `json:"podHash,omitempty"`
	// RenderedBy is the version of the operator that made the pods' template. An operator of another version keeps it until the user changes
	// what shapes the pods.
	// +optional
	RenderedBy string `json:"renderedBy,omitempty"`
	// RestoreFrom is the savepoint that the epoch's state begins from. It counts until something is committed.
	// +optional
	RestoreFrom string `json:"restoreFrom,omitempty"`
	// RestoreExactly says that the job stopped at that savepoint: workers refuse it if rows were committed behind it.
	// +optional
	RestoreExactly bool `json:"restoreExactly,omitempty"`
	// DropRemoved says that state of operators which the plan lacks is given up.
	// +optional
	DropRemoved bool `json:"dropRemoved,omitempty"`
}

// AttemptKind says why a new epoch begins.
type AttemptKind string

// The kinds of attempt.
const (
	// AttemptFirstStart is the job's first epoch.
	AttemptFirstStart AttemptKind = "FirstStart"
	// AttemptNewPlan follows a changed query that keeps the state.
	AttemptNewPlan AttemptKind = "NewPlan"
	// AttemptMorePartitions takes up partitions that were added to an input, with the plan that runs.
	AttemptMorePartitions AttemptKind = "MorePartitions"
	// AttemptNewState follows a changed query with other state, on new internal topics.
	AttemptNewState AttemptKind = "NewState"
	// AttemptSuspend stops the job.
	AttemptSuspend AttemptKind = "Suspend"
	// AttemptResume lets a suspended job go on.
	AttemptResume AttemptKind = "Resume"
	// AttemptRollBack goes back to the plan before, from the savepoint that the failed epoch began from.
	AttemptRollBack AttemptKind = "RollBack"
	// AttemptCarry goes back to the plan before, from a savepoint of where the version that has failed stands.
	AttemptCarry AttemptKind = "Carry"
	// AttemptReplay goes back to the plan before, from the savepoint of before the upgrade, though rows have been written since.
	AttemptReplay AttemptKind = "Replay"
	// AttemptHold stops the job at its last commit. No epoch follows by itself.
	AttemptHold AttemptKind = "Hold"
)

// Attempt is the journal of a change of epoch. It is written before what it says is done, and every step can be done
// again.
type Attempt struct {
	// Epoch is the epoch that begins.
	Epoch int64 `json:"epoch"`
	// Kind says why.
	Kind AttemptKind `json:"kind"`
	// Phase is the step that is being done: Savepointing, Fencing, RollingBack or Deploying.
	Phase JobPhase `json:"phase"`
	// StartedAt is when the attempt began.
	StartedAt metav1.Time `json:"startedAt"`
	// Runtime is what the new epoch will run.
	Runtime RuntimeStatus `json:"runtime"`
	// Generation is the metadata.generation that asked for it.
	// +optional
	Generation int64 `json:"generation,omitempty"`
	// Savepoint is the id of the savepoint that the job stops at, or begins from.
	// +optional
	Savepoint string `json:"savepoint,omitempty"`
	// Message says why a version is left, of Hold and Carry.
	// +optional
	Message string `json:"message,omitempty"`
	// Deadline is when the step that is being done is given up: the savepoint, where the job then goes on; or the patience with workers
	// that do not stop, which then are fenced.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`
}

// Lag is how far a job is behind.
type Lag struct {
	// Records is the number of input records behind the newest committed one, over all input partitions.
	Records int64 `json:"records"`
	// ObservedAt is when this number was written; it is written on a real change only, at most every 30 s.
	ObservedAt metav1.Time `json:"observedAt"`
}

// WatermarkStatus is how far a job has come in event time.
type WatermarkStatus struct {
	// Delay is the clock minus the watermark that the job has committed, the lowest over the input partitions that are not
	// idle: results of later times are not out yet. It is never negative.
	Delay metav1.Duration `json:"delay"`
	// ObservedAt is when this was written: on a change by more than a quarter, at most every 30 s.
	ObservedAt metav1.Time `json:"observedAt"`
}

// Stops says that an attempt makes an end of the epoch, and has no plan of its own.
func (k AttemptKind) Stops() bool {
	switch k {
	case AttemptSuspend, AttemptHold, AttemptDelete, AttemptComplete:
		return true
	default:
		return false
	}
}
