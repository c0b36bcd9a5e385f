package v1alpha1

// API opens the workers' HTTP API, which shows their status and what is committed of a key, on port 8443 over TLS.
type API struct {
	// SecretRef names the Secret that holds the API's certificate and token. Workers read it anew when it changes. A worker
	// does not start before the Secret is there.
	//
	// +millrace:change=Roll
	SecretRef SecretReference `json:"secretRef"`
}

// SecretReference names a Secret of the same namespace with the keys tls.crt, tls.key and token.
type SecretReference struct {
	// Name of the Secret. The certificate is to be good for *.<job>-worker.<namespace>.svc, and the token has at least 16 characters.
	//
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",message="must be the name of a Secret"
	// +millrace:change=Roll
	Name string `json:"name"`
}
