package v1alpha1

// StreamTopicSpec is a topic as it should be on Kafka, and how its records are read as rows.
//
// +kubebuilder:validation:XValidation:rule="self.connectionRef.name == oldSelf.connectionRef.name",message="spec.connectionRef is immutable: a topic does not move between clusters"
// +kubebuilder:validation:XValidation:rule="has(self.replicas) == has(oldSelf.replicas) && (!has(self.replicas) || self.replicas == oldSelf.replicas)",message="spec.replicas is immutable: move replicas with Kafka's own tools"
type StreamTopicSpec struct {
	// ConnectionRef names the KafkaConnection of the cluster that holds the topic.
	//
	// +kubebuilder:default={name: "default"}
	// +optional
	// +millrace:change=Immutable
	ConnectionRef ConnectionReference `json:"connectionRef,omitempty"`
	// TopicName is the topic's name on Kafka; empty means metadata.name.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=249
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9._-]+$`
	// +optional
	// +millrace:change=Immutable
	TopicName string `json:"topicName,omitempty"`
	// Partitions is the number of partitions. It can grow, never shrink. A StreamJob that reads the topic begins a new
	// epoch, which reads what was added from the first record; Kafka's producers then send some keys elsewhere.
	//
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10000
	// +kubebuilder:validation:XValidation:rule="self >= oldSelf",message="partitions can only grow: Kafka cannot remove one"
	// +optional
	// +millrace:change=Rescale
	Partitions int32 `json:"partitions,omitempty"`
	// Replicas is the replication factor; none means the brokers' default.
	//
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=32767
	// +optional
	// +millrace:change=Immutable
	Replicas *int32 `json:"replicas,omitempty"`
	// Config is the topic's configuration by Kafka's names, such as retention.ms. A key that was set here and is
	// removed goes back to the broker's default; other keys of the topic are left alone.
	//
	// +kubebuilder:validation:MaxProperties=64
	// +optional
	// +millrace:change=Ignore
	Config map[string]string `json:"config,omitempty"`
	// DeletionPolicy says what becomes of the topic and its data when the StreamTopic is deleted.
	//
	// +kubebuilder:default=Retain
	// +optional
	// +millrace:change=Ignore
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
	// AdoptionPolicy says whether a topic that exists already may be taken over.
	//
	// +kubebuilder:default=IfMatches
	// +optional
	// +millrace:change=Ignore
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`
	// Schema makes the topic a table, named in SQL by metadata.name with underscores for hyphens; a topic
	// without one can't be named there.
	//
	// +optional
	// +millrace:change=Savepoint
	Schema *TableSchema `json:"schema,omitempty"`
}

// DeletionPolicy says what becomes of a topic when its StreamTopic is deleted.
//
// +kubebuilder:validation:Enum=Retain;Delete
type DeletionPolicy string

// The deletion policies.
const (
	// DeletionRetain leaves the topic on Kafka.
	DeletionRetain DeletionPolicy = "Retain"
	// DeletionDelete deletes the topic and its data.
	DeletionDelete DeletionPolicy = "Delete"
)

// AdoptionPolicy says when an existing topic may be taken over.
//
// +kubebuilder:validation:Enum=Never;IfMatches;Always
type AdoptionPolicy string

// The adoption policies.
const (
	// AdoptNever refuses a topic that the operator did not create.
	AdoptNever AdoptionPolicy = "Never"
	// AdoptIfMatches takes a topic over that is as the spec says already.
	AdoptIfMatches AdoptionPolicy = "IfMatches"
	// AdoptAlways takes any topic over and changes it to what the spec says.
	AdoptAlways AdoptionPolicy = "Always"
)
