package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// Snapshots says where copies of the state go.
type Snapshots struct {
	// URL is s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER, a folder that all workers
	// share by way of template. Options follow as in ?region=eu-central-1. It holds no credentials: workers have those of
	// their ServiceAccount, or the environment that template gives them.
	//
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="self.matches('^(s3|gs|azblob)://[^/?#]+|^file:///[^?#]')",message="must be s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, azblob://CONTAINER/PREFIX or file:///FOLDER"
	// +kubebuilder:validation:XValidation:rule="!self.contains('@')",message="must not hold a user or a password: workers have the credentials of their ServiceAccount"
	// +millrace:change=Roll
	URL string `json:"url"`
	// Interval is the time between two snapshots of a task, as a Go duration.
	//
	// +kubebuilder:default="5m"
	// +kubebuilder:validation:Type=string
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10s') && duration(self) <= duration('24h')",message="must be between 10s and 24h"
	// +optional
	// +millrace:change=Roll
	Interval metav1.Duration `json:"interval,omitempty"`
}
