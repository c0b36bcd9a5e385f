package v1alpha1

import "k8s.io/apimachinery/pkg/api/resource"

// Storage is a claim for one volume a worker.
type Storage struct {
	// Size of each volume.
	//
	// +millrace:change=Immutable
	Size resource.Quantity `json:"size"`
	// StorageClassName is the class of the volumes; empty means the cluster's default.
	//
	// +kubebuilder:validation:MaxLength=253
	// +optional
	// +millrace:change=Immutable
	StorageClassName string `json:"storageClassName,omitempty"`
}
