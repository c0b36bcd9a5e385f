package v1alpha1

// ConnectionReference names a KafkaConnection of the same namespace.
type ConnectionReference struct {
	// Name of the KafkaConnection.
	//
	// +kubebuilder:default=default
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	// +millrace:change=Immutable
	Name string `json:"name,omitempty"`
}
