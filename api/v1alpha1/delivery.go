package v1alpha1

// Delivery says how often a row counts that is on its way when a worker fails.
//
// +kubebuilder:validation:Enum=ExactlyOnce;AtLeastOnce;AtMostOnce
type Delivery string

// The deliveries.
const (
	// DeliveryExactlyOnce counts it once: outputs, state and offsets are one Kafka transaction.
	DeliveryExactlyOnce Delivery = "ExactlyOnce"
	// DeliveryAtLeastOnce may count it again: offsets are committed when the rest is written.
	DeliveryAtLeastOnce Delivery = "AtLeastOnce"
	// DeliveryAtMostOnce may lose it: outputs are written when the offsets are committed.
	DeliveryAtMostOnce Delivery = "AtMostOnce"
)
