package v1alpha1

// KafkaSASL says who we are to the brokers.
//
// +kubebuilder:validation:XValidation:rule="has(self.plain) == (self.type == 'Plain')",message="plain is given with type Plain, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.scramSHA256) == (self.type == 'ScramSHA256')",message="scramSHA256 is given with type ScramSHA256, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.scramSHA512) == (self.type == 'ScramSHA512')",message="scramSHA512 is given with type ScramSHA512, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.oauthBearer) == (self.type == 'OAuthBearer')",message="oauthBearer is given with type OAuthBearer, and with no other"
type KafkaSASL struct {
	// Type is the SASL mechanism: Plain (PLAIN), ScramSHA256 (SCRAM-SHA-256), ScramSHA512 (SCRAM-SHA-512) or OAuthBearer
	// (OAUTHBEARER). Plain and OAuthBearer send the secret itself: without spec.tls whoever sees the network has it.
	//
	// +kubebuilder:validation:Enum=Plain;ScramSHA256;ScramSHA512;OAuthBearer
	// +millrace:change=Roll
	Type SASLType `json:"type"`
	// Plain is the user of the type Plain.
	//
	// +optional
	// +millrace:change=Roll
	Plain *SASLUser `json:"plain,omitempty"`
	// ScramSHA256 is the user of the type ScramSHA256.
	//
	// +optional
	// +millrace:change=Roll
	ScramSHA256 *SASLUser `json:"scramSHA256,omitempty"`
	// ScramSHA512 is the user of the type ScramSHA512.
	//
	// +optional
	// +millrace:change=Roll
	ScramSHA512 *SASLUser `json:"scramSHA512,omitempty"`
	// OAuthBearer says where the token of the type OAuthBearer comes from.
	//
	// +optional
	// +millrace:change=Roll
	OAuthBearer *OAuthBearer `json:"oauthBearer,omitempty"`
}

// SASLType names a SASL mechanism.
type SASLType string

// The types of KafkaSASL.
const (
	// SASLPlain is PLAIN.
	SASLPlain SASLType = "Plain"
	// SASLScramSHA256 is SCRAM-SHA-256.
	SASLScramSHA256 SASLType = "ScramSHA256"
	// SASLScramSHA512 is SCRAM-SHA-512.
	SASLScramSHA512 SASLType = "ScramSHA512"
	// SASLOAuthBearer is OAUTHBEARER.
	SASLOAuthBearer SASLType = "OAuthBearer" //nolint:gosec // a name, not a credential
)

// User returns the user of the type, or nil where the type has none.
func (s *KafkaSASL) User() *SASLUser {
	switch s.Type {
	case SASLPlain:
		return s.Plain
	case SASLScramSHA256:
		return s.ScramSHA256
	case SASLScramSHA512:
		return s.ScramSHA512
	case SASLOAuthBearer:
	}
	return nil
}

// SASLUser is a user with a password.
//
// +kubebuilder:validation:XValidation:rule="has(self.username) != has(self.usernameRef)",message="exactly one of username and usernameRef is given"
type SASLUser struct {
	// Username is the user's name, where it is no secret.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +optional
	// +millrace:change=Roll
	Username string `json:"username,omitempty"`
	// UsernameRef names the key of a Secret that holds the user's name.
	//
	// +optional
	// +millrace:change=Roll
	UsernameRef *SecretKeyReference `json:"usernameRef,omitempty"`
	// PasswordRef names the key of a Secret that holds the password. The end of its last line is left out.
	//
	// +millrace:change=Roll
	PasswordRef SecretKeyReference `json:"passwordRef"`
}

// OAuthBearer says where a token comes from.
//
// +kubebuilder:validation:XValidation:rule="has(self.token) == (self.type == 'Token')",message="token is given with type Token, and with no other"
// +kubebuilder:validation:XValidation:rule="has(self.clientCredentials) == (self.type == 'ClientCredentials')",message="clientCredentials is given with type ClientCredentials, and with no other"
type OAuthBearer struct {
	// Type is Token, a token that somebody else puts into a Secret and renews there, or ClientCredentials, a token that
	// operator and workers fetch from a server.
	//
	// +kubebuilder:validation:Enum=Token;ClientCredentials
	// +millrace:change=Roll
	Type OAuthBearerType `json:"type"`
	// Token is the token of the type Token.
	//
	// +optional
	// +millrace:change=Roll
	Token *OAuthToken `json:"token,omitempty"`
	// ClientCredentials is the server of the type ClientCredentials.
	//
	// +optional
	// +millrace:change=Roll
	ClientCredentials *OAuthClientCredentials `json:"clientCredentials,omitempty"`
}

// OAuthBearerType says where a token comes from.
type OAuthBearerType string

// The types of OAuthBearer.
const (
	// OAuthFromToken is a token in a Secret.
	OAuthFromToken OAuthBearerType = "Token"
	// OAuthFromClientCredentials is a token server's.
	OAuthFromClientCredentials OAuthBearerType = "ClientCredentials" //nolint:gosec // a name, not a credential
)

// OAuthToken is a token in a Secret.
type OAuthToken struct {
	// TokenRef names the key of a Secret that holds the token. It is read for each connection.
	//
	// +millrace:change=Roll
	TokenRef SecretKeyReference `json:"tokenRef"`
}

// OAuthClientCredentials is a server that gives tokens for a client's secret (RFC 6749, section 4.4).
type OAuthClientCredentials struct {
	// TokenURL is the server's token endpoint, https://HOST[:PORT]/PATH. It holds no secret, and is not followed elsewhere.
	//
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^https://[^/@?#]+(/[^@?#]*)?([?][^@#]*)?$')",message="must be https://HOST[:PORT]/PATH, without a user or a password"
	// +millrace:change=Roll
	TokenURL string `json:"tokenURL"`
	// ClientID is the client's name with that server.
	//
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +millrace:change=Roll
	ClientID string `json:"clientID"`
	// ClientSecretRef names the key of a Secret that holds the client's secret.
	//
	// +millrace:change=Roll
	ClientSecretRef SecretKeyReference `json:"clientSecretRef"`
	// Scopes are asked for with the token.
	//
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MinLength=1
	// +kubebuilder:validation:items:MaxLength=256
	// +kubebuilder:validation:items:Pattern=`^[\x21\x23-\x2B\x2D-\x5B\x5D-\x7E]+$`
	// +listType=atomic
	// +optional
	// +millrace:change=Roll
	Scopes []string `json:"scopes,omitempty"`
	// CA are the authorities that the server's certificate is checked by; none means those of the machine, of which the
	// images have none.
	//
	// +optional
	// +millrace:change=Roll
	CA *Authorities `json:"ca,omitempty"`
}
