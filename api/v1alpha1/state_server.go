package v1alpha1

// RedisState is the server of the backend Redis.
type RedisState struct {
	// URL is redis://[USER@]HOST[:PORT][/NUMBER], or rediss:// for TLS. It holds no password.
	//
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^rediss?://([^/:@?#]+@)?([^/:@?#]+|\\\\[[0-9a-fA-F:.]+\\\\])(:[0-9]{1,5})?(/[0-9]{1,4})?$')",message="must be redis://[USER@]HOST[:PORT][/NUMBER] or rediss://…, without a password"
	// +millrace:change=Roll
	URL string `json:"url"`
	// PasswordRef names the key of a Secret that holds the password; none means that the server asks for none.
	//
	// +optional
	// +millrace:change=Roll
	PasswordRef *SecretKeyReference `json:"passwordRef,omitempty"`
	// CARef names the key of a Secret with the authorities, as PEM, that the server's certificate is checked by. With
	// rediss:// it is needed: the worker's image has no authorities.
	//
	// +optional
	// +millrace:change=Roll
	CARef *SecretKeyReference `json:"caRef,omitempty"`
}

// PostgresState is the server of the backend Postgres.
type PostgresState struct {
	// URL is postgres://USER@HOST[:PORT]/DATABASE. It holds no password. The connection is encrypted and the server's
	// certificate checked, unless the URL ends in ?sslmode=disable.
	//
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^postgres(ql)?://[^/:@?#]+@([^/:@?#]+|\\\\[[0-9a-fA-F:.]+\\\\])(:[0-9]{1,5})?/[^/?#]+([?]sslmode=(disable|verify-full))?$')",message="must be postgres://USER@HOST[:PORT]/DATABASE, without a password, and with no option but sslmode=disable or verify-full"
	// +millrace:change=Roll
	URL string `json:"url"`
	// PasswordRef names the key of a Secret that holds the password; none means that the server asks for none.
	//
	// +optional
	// +millrace:change=Roll
	PasswordRef *SecretKeyReference `json:"passwordRef,omitempty"`
	// CARef names the key of a Secret with the authorities, as PEM, that the server's certificate is checked by. It is
	// needed unless the URL ends in ?sslmode=disable: the worker's image has no authorities.
	//
	// +optional
	// +millrace:change=Roll
	CARef *SecretKeyReference `json:"caRef,omitempty"`
}

// SecretKeyReference names a key of a Secret of the same namespace.
type SecretKeyReference struct {
	// Name of the Secret.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +millrace:change=Roll
	Name string `json:"name"`
	// Key of the Secret.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +millrace:change=Roll
	Key string `json:"key"`
}
