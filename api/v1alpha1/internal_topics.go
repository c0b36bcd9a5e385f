package v1alpha1

// InternalTopics says how a job's internal topics are replicated. They hold its state: what is not replicated is lost
// with a broker's disk.
//
// +kubebuilder:validation:XValidation:rule="!has(self.replicas) || !has(self.minInSyncReplicas) || self.minInSyncReplicas <= self.replicas",message="minInSyncReplicas must not be above replicas: no commit would succeed"
type InternalTopics struct {
	// Replicas is the replication factor; none means the brokers' default.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=32767
	// +optional
	// +millrace:change=Immutable
	Replicas *int32 `json:"replicas,omitempty"`
	// MinInSyncReplicas is min.insync.replicas, how many replicas must have a record before it counts; none means the
	// brokers' default.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=32767
	// +optional
	// +millrace:change=Immutable
	MinInSyncReplicas *int32 `json:"minInSyncReplicas,omitempty"`
}
