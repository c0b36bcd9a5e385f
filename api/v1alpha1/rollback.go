package v1alpha1

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RollbackPolicy says what becomes of a job whose new version fails on probation, when rows of it are out.
type RollbackPolicy string

// The policies. Only Replay writes a row twice.
const (
	// RollbackCarry carries the state of the last commit into the plan before: the job makes a savepoint of where it stands, without reading another
	// record, and the plan before begins from that. State of operators which that plan lacks goes. Where it can't be, the job is held.
	RollbackCarry RollbackPolicy = "Carry"
	// RollbackHold stops the job at its last commit, and waits for the user.
	RollbackHold RollbackPolicy = "Hold"
	// RollbackReplay goes back to the savepoint from before the upgrade: what the new version has written since is written again.
	RollbackReplay RollbackPolicy = "Replay"
)

// DefaultProbation is how long a probation lasts where the spec does not say.
const DefaultProbation = time.Minute

// UpgradeProbation says what a new version must do to be kept. While it lasts, the plan and the internal topics of before are kept, too.
type UpgradeProbation struct {
	// Duration is how long after its first commit the version must work, as a Go duration. With 0s the version stays once it has committed
	// anything. A change counts for a probation that is under way as well.
	//
	// +kubebuilder:default="1m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('24h')",message="must be between 0s and 24h"
	// +optional
	// +millrace:change=Ignore
	Duration *metav1.Duration `json:"duration,omitempty"`
	// MaxRestarts is how many ends of workers with an error there may be meanwhile. Pods that are deleted, moved or replaced do not count.
	//
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	// +optional
	// +millrace:change=Ignore
	MaxRestarts int32 `json:"maxRestarts,omitempty"`
	// MaxLagGrowth is by how many records the lag may have grown at the end. Where it is not set the lag alone fails no version; one that has read nothing at
	// all though records waited for it fails either way.
	//
	// +kubebuilder:validation:Minimum=0
	// +optional
	// +millrace:change=Ignore
	MaxLagGrowth *int64 `json:"maxLagGrowth,omitempty"`
}

// ProbationTime is how long a version must work after its first commit; 0 is not at all.
func (u *Upgrade) ProbationTime() time.Duration {
	if u.Probation == nil || u.Probation.Duration == nil {
		return DefaultProbation
	}
	return u.Probation.Duration.Duration
}

// What a user says about a job that is held.
const (
	// AnnotationHeld is the annotation on a StreamJob that says what to do about it. It counts once: the operator takes it off.
	AnnotationHeld = "millrace.dev/held"
	// HeldTryAgain lets the job go on as it is.
	HeldTryAgain = "TryAgain"
)

// Held is a job that was stopped at its last commit, as its version has failed. Its workers are stopped and fenced, and its state is in its internal
// topics.
type Held struct {
	// Since is when its workers were gone.
	Since metav1.Time `json:"since"`
	// Generation is the metadata.generation that it was held under: another one lets it try again.
	Generation int64 `json:"generation"`
	// Message says why it is held.
	Message string `json:"message"`
}
