package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StreamJob is a query that runs for ever, or over what there is, see spec.mode: it reads tables, keeps state, and writes its results exactly once, unless spec.delivery says otherwise.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.parallelism,statuspath=.status.parallelism.current,selectorpath=.status.selector
// +kubebuilder:resource:shortName=sj,categories=streaming
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Parallelism",type=integer,JSONPath=`.spec.parallelism`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.parallelism.desired`
// +kubebuilder:printcolumn:name="Ready",type=integer,JSONPath=`.status.parallelism.ready`
// +kubebuilder:printcolumn:name="Lag",type=integer,JSONPath=`.status.lag.records`
// +kubebuilder:printcolumn:name="Epoch",type=integer,priority=1,JSONPath=`.status.epoch`
// +kubebuilder:printcolumn:name="Image",type=string,priority=1,JSONPath=`.status.runtime.image`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Stalled",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Stalled")].reason`
// +kubebuilder:printcolumn:name="Delay",type=string,priority=1,JSONPath=`.status.watermark.delay`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 40 && self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",message="metadata.name must be at most 40 characters of a-z, 0-9 and '-', begin with a letter and end with a letter or digit: it names pods and Kafka topics"
type StreamJob struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what the user wants.
	// +required
	Spec StreamJobSpec `json:"spec"`
	// Status is what the operator did and saw.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status StreamJobStatus `json:"status,omitempty"`
}

// StreamJobList is a list of StreamJobs.
//
// +kubebuilder:object:root=true
type StreamJobList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []StreamJob `json:"items"`
}
