package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// UpgradeMode says how a job's state goes from one plan to the next.
type UpgradeMode string

// The modes of an upgrade.
const (
	// UpgradeSavepoint carries the state over by a savepoint.
	UpgradeSavepoint UpgradeMode = "Savepoint"
	// UpgradeStateless gives the state up.
	UpgradeStateless UpgradeMode = "Stateless"
)

// IncompatiblePolicy says what becomes of state that a new plan has no use for.
type IncompatiblePolicy string

// The policies.
const (
	// IncompatibleRefuse refuses the plan.
	IncompatibleRefuse IncompatiblePolicy = "Refuse"
	// IncompatibleDropRemoved gives up the state of operators that the plan lacks.
	IncompatibleDropRemoved IncompatiblePolicy = "DropRemoved"
)

// Upgrade says how a job gets to a plan that keeps other state or has other exchanges than the running one. A plan with the same
// ones needs none of it: it goes on from the committed offsets.
type Upgrade struct {
	// Mode is Savepoint, which stops the job by a savepoint in spec.savepoints.url and lets the new plan begin from it, so that every row
	// counts once over both; or Stateless, which goes on at the committed offsets of the sources with empty state: what was counted
	// in windows that are open then, and rows between stages, are lost.
	//
	// +kubebuilder:validation:Enum=Savepoint;Stateless
	// +kubebuilder:default=Savepoint
	// +optional
	// +millrace:change=Ignore
	Mode UpgradeMode `json:"mode,omitempty"`
	// OnIncompatible is Refuse, where the running job goes on if the new plan can't take over all of its state; or DropRemoved, which gives
	// up the state of operators that the new plan lacks. State that an operator of the new plan would have to take over and
	// can't, of another window or other types, is refused either way. It is for the mode Savepoint.
	//
	// +kubebuilder:validation:Enum=Refuse;DropRemoved
	// +kubebuilder:default=Refuse
	// +optional
	// +millrace:change=Ignore
	OnIncompatible IncompatiblePolicy `json:"onIncompatible,omitempty"`
	// Deadline is how long a savepoint may take before the job goes on without, and then how long the workers of the new epoch may take to
	// become ready before the job goes back to the plan before, as a Go duration.
	//
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10s') && duration(self) <= duration('24h')",message="must be between 10s and 24h"
	// +optional
	// +millrace:change=Ignore
	Deadline metav1.Duration `json:"deadline,omitempty"`
	// Probation is how long, and by what, a new version that has begun to commit must prove that it works. It is for upgrades by a savepoint.
	//
	// +optional
	// +millrace:change=Ignore
	Probation *UpgradeProbation `json:"probation,omitempty"`
	// Rollback is what becomes of a job whose new version fails on probation. Before its first commit it goes back to the savepoint that it began from,
	// whatever is said here. See RollbackPolicy.
	//
	// +kubebuilder:validation:Enum=Carry;Hold;Replay
	// +kubebuilder:default=Carry
	// +optional
	// +millrace:change=Ignore
	Rollback RollbackPolicy `json:"rollback,omitempty"`
	// Trial lets a query with a new plan work on real rows first, while the job goes on: one that fails there never takes over. Empty means that there is no
	// trial; `trial: {}` has the defaults. It costs a savepoint and a pod for a while.
	//
	// +optional
	// +millrace:change=Ignore
	Trial *Trial `json:"trial,omitempty"`
}

// SavepointStatus is a savepoint that the operator asked for.
type SavepointStatus struct {
	// ID is its name below spec.savepoints.url.
	ID string `json:"id"`
	// Epoch is the one that it was made in.
	Epoch int64 `json:"epoch"`
	// FinishedAt is when the operator saw that it was there.
	FinishedAt metav1.Time `json:"finishedAt"`
}

// Probation is about an epoch that has begun on new internal topics and has yet to prove that it works. Until its end the plan and the internal topics
// of before are kept. One that has nowhere to go back to ends with the first commit under ready workers.
type Probation struct {
	// Deadline is when the job goes back unless all workers are ready, or something is committed; none for one that has nowhere to go
	// back to.
	// +optional
	Deadline *metav1.Time `json:"deadline,omitempty"`
	// Epoch is the one to go back to, and Runtime what it ran: from the savepoint that this epoch began from, too.
	// +optional
	Epoch int64 `json:"epoch,omitempty"`
	// Runtime is what the epoch before ran.
	// +optional
	Runtime *RuntimeStatus `json:"runtime,omitempty"`
	// Generation is the metadata.generation that asked for the epoch.
	// +optional
	Generation int64 `json:"generation,omitempty"`
	// DropRemoved says that the savepoint is of a version with state that the plan before may lack: that goes.
	// +optional
	DropRemoved bool `json:"dropRemoved,omitempty"`
	// Begun is how many records of the input were behind the job when the epoch began, over all partitions; none where that was not seen.
	// +optional
	Begun *int64 `json:"begun,omitempty"`
	// CommittedAt is when the operator saw the epoch's first commit, and Until when the probation that began with it ends if nothing speaks against
	// the version.
	// +optional
	CommittedAt *metav1.Time `json:"committedAt,omitempty"`
	// Until is when it ends.
	// +optional
	Until *metav1.Time `json:"until,omitempty"`
	// Restarts is how often the containers of its workers had begun anew by then.
	// +optional
	Restarts int32 `json:"restarts,omitempty"`
	// Read is how many records of the input were behind the job by then, and Lag how many were before it; none where that was not known.
	// +optional
	Read *int64 `json:"read,omitempty"`
	// Lag is how many were before it.
	// +optional
	Lag *int64 `json:"lag,omitempty"`
}

// Suspension is a job that rests.
type Suspension struct {
	// Savepoint is the one that the job stopped at and goes on from; none where it goes on from its internal topics and the
	// group's offsets.
	// +optional
	Savepoint string `json:"savepoint,omitempty"`
	// Since is when its workers were gone.
	Since metav1.Time `json:"since"`
}

// Failure is an attempt that came to nothing. It is not made again before the spec changes.
type Failure struct {
	// Generation is the metadata.generation that asked for it.
	Generation int64 `json:"generation"`
	// Reason and Message are what the conditions say of it.
	Reason string `json:"reason"`
	// Message says why it failed.
	Message string `json:"message"`
}
