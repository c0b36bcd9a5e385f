package v1alpha1

// KafkaTLS encrypts the connections to the brokers.
type KafkaTLS struct {
	// CA are the authorities that the brokers' certificates are checked by. None means those of the machine, of which the
	// images of operator and workers have none: leave it out only where spec.template or another image brings some.
	//
	// +optional
	// +millrace:change=Roll
	CA *Authorities `json:"ca,omitempty"`
	// ClientCertificate is the certificate that brokers know us by; none means that they don't ask for one.
	//
	// +optional
	// +millrace:change=Roll
	ClientCertificate *ClientCertificate `json:"clientCertificate,omitempty"`
}

// Authorities are certificates of authorities, as PEM, in a Secret or a ConfigMap of the same namespace.
//
// +kubebuilder:validation:XValidation:rule="has(self.secret) == (self.type == 'Secret')",message="secret is given with type Secret, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.configMap) == (self.type == 'ConfigMap')",message="configMap is given with type ConfigMap, and with no other"
type Authorities struct {
	// Type says where they are.
	//
	// +kubebuilder:validation:Enum=Secret;ConfigMap
	// +millrace:change=Roll
	Type AuthoritiesType `json:"type"`
	// Secret names the key of a Secret.
	//
	// +optional
	// +millrace:change=Roll
	Secret *SecretKeyReference `json:"secret,omitempty"`
	// ConfigMap names the key of a ConfigMap: what it holds is no secret.
	//
	// +optional
	// +millrace:change=Roll
	ConfigMap *ConfigMapKeyReference `json:"configMap,omitempty"`
}

// AuthoritiesType says what holds certificates of authorities.
type AuthoritiesType string

// The types of Authorities.
const (
	// AuthoritiesSecret is a key of a Secret.
	AuthoritiesSecret AuthoritiesType = "Secret"
	// AuthoritiesConfigMap is a key of a ConfigMap.
	AuthoritiesConfigMap AuthoritiesType = "ConfigMap"
)

// ConfigMapKeyReference names a key of a ConfigMap of the same namespace.
type ConfigMapKeyReference struct {
	// Name of the ConfigMap.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +millrace:change=Roll
	Name string `json:"name"`
	// Key of the ConfigMap.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +millrace:change=Roll
	Key string `json:"key"`
}

// ClientCertificate is a certificate of ours with its key.
type ClientCertificate struct {
	// SecretRef names a Secret of type kubernetes.io/tls: its keys tls.crt and tls.key.
	//
	// +millrace:change=Roll
	SecretRef TLSSecretReference `json:"secretRef"`
}

// TLSSecretReference names a Secret of type kubernetes.io/tls of the same namespace.
type TLSSecretReference struct {
	// Name of the Secret.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +millrace:change=Roll
	Name string `json:"name"`
}
