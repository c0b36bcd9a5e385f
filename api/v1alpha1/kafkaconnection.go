package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KafkaConnection says how the StreamTopics and StreamJobs of its namespace reach a Kafka cluster.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=kc,categories=streaming
// +kubebuilder:printcolumn:name="Servers",type=string,JSONPath=`.spec.bootstrapServers`
// +kubebuilder:printcolumn:name="Brokers",type=integer,JSONPath=`.status.brokers`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type KafkaConnection struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// Spec is what the user wants.
	// +required
	Spec KafkaConnectionSpec `json:"spec"`
	// Status is what the operator saw last.
	// +optional
	// +kubebuilder:default:={"observedGeneration":-1}
	Status KafkaConnectionStatus `json:"status,omitempty"`
}

// KafkaConnectionSpec is how a Kafka cluster is reached. Secrets and ConfigMaps are those of its own namespace. What they
// hold is read anew by the operator with each of its passes, and by workers with each connection: one that changes counts
// without a restart, and rolls no pod.
type KafkaConnectionSpec struct {
	// BootstrapServers are host:port addresses of brokers, as the pods of this namespace and the operator reach them.
	// One that answers is enough.
	//
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=260
	// +kubebuilder:validation:items:Pattern=`^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([-A-Za-z0-9._]*[A-Za-z0-9])?):[0-9]{1,5}$`
	// +listType=atomic
	// +millrace:change=Roll
	BootstrapServers []string `json:"bootstrapServers"`
	// TLS encrypts connections; none means plain text.
	//
	// +optional
	// +millrace:change=Roll
	TLS *KafkaTLS `json:"tls,omitempty"`
	// SASL says who we are; none means nobody, or whom spec.tls.clientCertificate names.
	//
	// +optional
	// +millrace:change=Roll
	SASL *KafkaSASL `json:"sasl,omitempty"`
}

// KafkaConnectionStatus is what the operator saw when it last asked the cluster.
type KafkaConnectionStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about.
	// +optional
	// +kubebuilder:default:=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// ClusterID is the cluster's own id, as it named it. Two connections with the same one lead to the same topics.
	// +optional
	ClusterID string `json:"clusterID,omitempty"`
	// Brokers is the number of brokers that the cluster named.
	// +optional
	Brokers int32 `json:"brokers,omitempty"`
	// Conditions are Ready, and Reconciling or Stalled while they hold.
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// KafkaConnectionList is a list of KafkaConnections.
//
// +kubebuilder:object:root=true
type KafkaConnectionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []KafkaConnection `json:"items"`
}
