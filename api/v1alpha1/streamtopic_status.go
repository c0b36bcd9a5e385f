package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StreamTopicStatus is the topic as the operator saw it last.
type StreamTopicStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about.
	// +optional
	// +kubebuilder:default:=-1
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// TopicName is the topic's name on Kafka.
	// +optional
	TopicName string `json:"topicName,omitempty"`
	// TopicID is Kafka's id of the topic that this StreamTopic created or adopted. A topic of the same name with another
	// id was made anew behind the operator's back.
	// +optional
	TopicID string `json:"topicID,omitempty"`
	// Partitions is the topic's number of partitions.
	// +optional
	Partitions int32 `json:"partitions,omitempty"`
	// Replicas is the topic's replication factor, the smallest of its partitions.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`
	// ConfigKeys are the configuration keys that were set from spec.config, in order: what is taken back when they
	// leave it.
	// +listType=atomic
	// +optional
	ConfigKeys []string `json:"configKeys,omitempty"`
	// AppliedGeneration is the metadata.generation whose spec the topic was last brought to: what differs from it while it is
	// the present one was changed by others.
	// +optional
	AppliedGeneration int64 `json:"appliedGeneration,omitempty"`
	// Drift is the last time that the topic was found changed behind the operator's back, and put back.
	// +optional
	Drift *TopicDrift `json:"drift,omitempty"`
	// Conditions are Ready, and Reconciling, Stalled, Paused or Unmanaged while they hold.
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}

// TopicDrift is what somebody else had changed.
type TopicDrift struct {
	// ObservedAt is when it was noticed.
	ObservedAt metav1.Time `json:"observedAt"`
	// Changes say what had changed and what it was put back to, at most 16 of them.
	// +listType=atomic
	Changes []string `json:"changes"`
}
