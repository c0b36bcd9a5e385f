package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// StreamTopicStatus is the topic as the operator saw it last.
type StreamTopicStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about.
	// +optional
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
	// Replicas is the topic's replication factor.
	// +optional
	Replicas int32 `json:"replicas,omitempty"`
	// ConfigKeys are the configuration keys that were set from spec.config, in order: what is taken back when they
	// leave it.
	// +listType=atomic
	// +optional
	ConfigKeys []string `json:"configKeys,omitempty"`
	// Conditions are Ready, and Reconciling or Stalled while they hold.
	// +listType=map
	// +listMapKey=type
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
}
