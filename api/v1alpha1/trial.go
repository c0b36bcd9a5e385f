package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Trial says how a new version proves itself on real rows while the job runs as before: in one pod, on internal topics and a group of its own, with outputs in
// transactions that are aborted.
type Trial struct {
	// Rows is how many rows of all sources together are tried, an equal part of each partition; less where the sources have no more.
	//
	// +kubebuilder:default=10000
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=100000000
	// +optional
	// +millrace:change=Ignore
	Rows int64 `json:"rows,omitempty"`
	// Timeout is how long it may take once its savepoint is there, with the pull of the image and the taking over of state, as a Go duration. One that is not
	// through by then has passed if it has taken over all state and has committed rows, and has failed otherwise.
	//
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10s') && duration(self) <= duration('24h')",message="must be between 10s and 24h"
	// +optional
	// +millrace:change=Ignore
	Timeout metav1.Duration `json:"timeout,omitempty"`
}

// TrialOutcome is what a trial came to.
type TrialOutcome string

// The outcomes.
const (
	// TrialPassed lets the version take over.
	TrialPassed TrialOutcome = "Passed"
	// TrialFailed leaves the job with the version that runs.
	TrialFailed TrialOutcome = "Failed"
	// TrialGivenUp is of a version that the spec does not ask for any more.
	TrialGivenUp TrialOutcome = "GivenUp"
)

// TrialStatus is a trial under way. It is there until what the trial had on Kubernetes and Kafka is gone.
type TrialStatus struct {
	// ID tells it from other trials: it is in the names of its objects, and of its topics and group.
	ID string `json:"id"`
	// Epoch is the one that the version would run in.
	Epoch int64 `json:"epoch"`
	// StartedAt is when it was decided on.
	StartedAt metav1.Time `json:"startedAt"`
	// Runtime is the version that is tried.
	Runtime RuntimeStatus `json:"runtime"`
	// Savepoint is the StreamSavepoint that it begins from, made for it and deleted with it; none where it begins at the committed offsets with empty
	// state.
	// +optional
	Savepoint string `json:"savepoint,omitempty"`
	// Deadline is when it must be through; none before it has begun.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`
	// Outcome is what it came to; empty while it runs.
	// +optional
	Outcome TrialOutcome `json:"outcome,omitempty"`
	// Message says why; of one without an outcome what keeps it from beginning.
	// +optional
	Message string `json:"message,omitempty"`
	// EndedAt is when that was seen.
	// +optional
	EndedAt *metav1.Time `json:"endedAt,omitempty"`
}
