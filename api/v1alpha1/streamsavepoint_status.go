package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StreamSavepointStatus is the operator's journal of a savepoint. What was asked of the job is here before it is asked.
type StreamSavepointStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about.
	// +optional
	// +kubebuilder:default:=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// Phase sums the status up for people; programs read the conditions.
	// +optional
	Phase SavepointPhase `json:"phase,omitempty"`
	// ID is the savepoint's: made of the time at which the StreamSavepoint was, and of its uid.
	// +optional
	ID string `json:"id,omitempty"`
	// URL is the store, and Location the folder in it.
	// +optional
	URL string `json:"url,omitempty"`
	// Location is the savepoint's folder.
	// +optional
	Location string `json:"location,omitempty"`
	// Job is the prefix of the job's names on Kafka.
	// +optional
	Job string `json:"job,omitempty"`
	// Epoch is the job's when it was asked.
	// +optional
	Epoch int64 `json:"epoch,omitempty"`
	// StateEpoch is the job's state epoch when it was asked, by whose control topic it was.
	// +optional
	StateEpoch int64 `json:"stateEpoch,omitempty"`
	// RequestedAt is when the job was asked.
	// +optional
	RequestedAt *metav1.Time `json:"requestedAt,omitempty"`
	// Deadline is when the job goes on without it.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`
	// CompletedAt is when it was there.
	// +optional
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`
	// Rows is how many rows it holds.
	// +optional
	Rows *int64 `json:"rows,omitempty"`
	// Bytes is how large its files are.
	// +optional
	Bytes *int64 `json:"bytes,omitempty"`
	// Conditions are Ready, and Reconciling or Stalled while they hold.
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// SavepointPhase sums the status of a savepoint up.
type SavepointPhase string

// The phases.
const (
	// SavepointPending waits until the job can be asked.
	SavepointPending SavepointPhase = "Pending"
	// SavepointInProgress is being made.
	SavepointInProgress SavepointPhase = "InProgress"
	// SavepointCompleted is there.
	SavepointCompleted SavepointPhase = "Completed"
	// SavepointFailed will not be there.
	SavepointFailed SavepointPhase = "Failed"
	// SavepointDeleting is no savepoint any more: its data is being deleted.
	SavepointDeleting SavepointPhase = "Deleting"
)

// The reasons of conditions and events of savepoints, besides those of other kinds.
const (
	// ReasonSavepointCompleted is that the savepoint is there.
	ReasonSavepointCompleted = "SavepointCompleted"
	// ReasonJobMissing is that there is no such StreamJob.
	ReasonJobMissing = "JobMissing"
	// ReasonJobNotStarted is that the job has never run.
	ReasonJobNotStarted = "JobNotStarted"
	// ReasonJobBusy is that the job begins a new epoch, or stops.
	ReasonJobBusy = "JobBusy"
	// ReasonSavepointsUnknown is that the plan that runs is of a format that knows no savepoints.
	ReasonSavepointsUnknown = "SavepointsUnknown"
	// ReasonWaitingForSavepoint is that the job makes another one first.
	ReasonWaitingForSavepoint = "WaitingForSavepoint"
	// ReasonDataDeleted is that a savepoint's data was deleted.
	ReasonDataDeleted = "DataDeleted"
	// ReasonDataLeft is that it was not, and that the record went without.
	ReasonDataLeft = "DataLeft"
	// ReasonDeletionFailed is that it could not be deleted, so far.
	ReasonDeletionFailed = "DeletionFailed"
)

// The labels of StreamSavepoints that the operator and the command line make.
const (
	// LabelSavepointOf is the label with the name of the job.
	LabelSavepointOf = "millrace.dev/savepoint-of"
	// LabelSavepointOrigin is the label with spec.origin.
	LabelSavepointOrigin = "millrace.dev/savepoint-origin"
)

// The reasons of jobs that are about their savepoints.
const (
	// ReasonInvalidSchedule is that spec.savepoints.schedule can't be read.
	ReasonInvalidSchedule = "InvalidSchedule"
	// ReasonSavepointMissing is that the StreamSavepoint of spec.restoreFrom is not there, or not yet.
	ReasonSavepointMissing = "SavepointMissing"
	// ReasonSavepointUnfit is that the job can't begin from it.
	ReasonSavepointUnfit = "SavepointUnfit"
	// ReasonSavepointUnrecorded is that a savepoint was made and no StreamSavepoint of it could be.
	ReasonSavepointUnrecorded = "SavepointUnrecorded"
)

// SavepointNamePrefix begins a spec.restoreFrom that names a StreamSavepoint of the namespace rather than the id of a savepoint, which holds no slash.
const SavepointNamePrefix = "savepoint/"
