package v1alpha1

// LastSavepoint says whether a job that is deleted leaves a savepoint behind.
//
// +kubebuilder:validation:Enum=Never;IfPossible;Required
type LastSavepoint string

// The policies.
const (
	// LastNever leaves none.
	LastNever LastSavepoint = "Never"
	// LastIfPossible leaves one, unless that fails or can't be.
	LastIfPossible LastSavepoint = "IfPossible"
	// LastRequired keeps the job until there is one.
	LastRequired LastSavepoint = "Required"
)

// AttemptDelete stops a job that is deleted at its last savepoint.
const AttemptDelete AttemptKind = "Delete"

// The reasons of jobs that are deleted.
const (
	// ReasonSavepointRequired is that the last savepoint, without which the job is not to go, can't be made.
	ReasonSavepointRequired = "SavepointRequired"
	// ReasonSavepointSkipped is that the job goes without.
	ReasonSavepointSkipped = "SavepointSkipped"
)
