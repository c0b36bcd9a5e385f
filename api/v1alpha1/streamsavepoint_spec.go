package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StreamSavepointSpec is which job a savepoint is of, and what becomes of it.
//
// +kubebuilder:validation:XValidation:rule="has(self.existing) == has(oldSelf.existing)",message="spec.existing is immutable: make a new StreamSavepoint"
type StreamSavepointSpec struct {
	// JobRef names the StreamJob of the same namespace that the savepoint is of. A StreamSavepoint outlives its job.
	//
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.jobRef is immutable: make a new StreamSavepoint"
	// +millrace:change=Immutable
	JobRef JobReference `json:"jobRef"`
	// Origin says what the savepoint is made for: Manual, for a user; Scheduled, by spec.savepoints.schedule of its job; Upgrade, Suspension or
	// Deletion, where the operator has stopped the job at it; Trial, for the trial of a version, with which it goes. Which origins spec.savepoints.retention of the job deletes is said there.
	//
	// +kubebuilder:default=Manual
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.origin is immutable"
	// +optional
	// +millrace:change=Immutable
	Origin SavepointOrigin `json:"origin,omitempty"`
	// Deadline is how long the job has for it, once it is asked; past that it goes on without. A Go duration.
	//
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10s') && duration(self) <= duration('24h')",message="must be between 10s and 24h"
	// +optional
	// +millrace:change=Ignore
	Deadline metav1.Duration `json:"deadline,omitempty"`
	// DeletionPolicy is Retain, which leaves the data in the store when the StreamSavepoint is deleted, or Delete, which deletes the data
	// first. It may be changed while the StreamSavepoint is being deleted: Retain lets it go where the data can't be deleted.
	//
	// +kubebuilder:default=Retain
	// +optional
	// +millrace:change=Ignore
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
	// Existing is a savepoint that is there already, as one that `millrace savepoint create` has made: no job is asked for anything.
	// Nobody looks whether it is there before a job begins from it.
	//
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.existing is immutable: make a new StreamSavepoint"
	// +optional
	// +millrace:change=Immutable
	Existing *ExistingSavepoint `json:"existing,omitempty"`
}

// JobReference names a StreamJob of the same namespace.
type JobReference struct {
	// Name is its metadata.name.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +millrace:change=Immutable
	Name string `json:"name"`
}

// SavepointOrigin says what a savepoint is made for.
//
// +kubebuilder:validation:Enum=Manual;Scheduled;Upgrade;Suspension;Deletion;Trial
type SavepointOrigin string

// The origins.
const (
	// OriginManual is for a user.
	OriginManual SavepointOrigin = "Manual"
	// OriginScheduled is by a schedule.
	OriginScheduled SavepointOrigin = "Scheduled"
	// OriginUpgrade has carried state to another plan.
	OriginUpgrade SavepointOrigin = "Upgrade"
	// OriginSuspension is what a suspended job rests at.
	OriginSuspension SavepointOrigin = "Suspension"
	// OriginDeletion is the last one of a job that was deleted.
	OriginDeletion SavepointOrigin = "Deletion"
	// OriginTrial is what the trial of a version begins from, and goes with it.
	OriginTrial SavepointOrigin = "Trial"
)

// ExistingSavepoint says where a savepoint is, and what is known of it.
type ExistingSavepoint struct {
	// ID is the savepoint's.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9._-]*$`
	// +millrace:change=Immutable
	ID string `json:"id"`
	// URL is the store, as spec.savepoints.url of a job; empty is that of the job.
	//
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self == '' || self.matches('^(s3|gs|azblob)://[^/?#]+|^file:///[^?#]')",message="must be s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER"
	// +kubebuilder:validation:XValidation:rule="!self.contains('@')",message="must not hold a user or a password"
	// +optional
	// +millrace:change=Immutable
	URL string `json:"url,omitempty"`
	// Job is the prefix of the job's names on Kafka, CLUSTER.NAMESPACE.NAME; empty is that of spec.jobRef here.
	//
	// +kubebuilder:validation:MaxLength=249
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9._-]*$`
	// +optional
	// +millrace:change=Immutable
	Job string `json:"job,omitempty"`
	// Epoch is the job's when it was made; 0 is unknown.
	//
	// +kubebuilder:validation:Minimum=0
	// +optional
	// +millrace:change=Immutable
	Epoch int64 `json:"epoch,omitempty"`
	// CompletedAt is when it was there.
	//
	// +optional
	// +millrace:change=Immutable
	CompletedAt *metav1.Time `json:"completedAt,omitempty"`
	// Rows is how many rows it holds.
	//
	// +optional
	// +millrace:change=Immutable
	Rows *int64 `json:"rows,omitempty"`
	// Bytes is how large its files are.
	//
	// +optional
	// +millrace:change=Immutable
	Bytes *int64 `json:"bytes,omitempty"`
}
