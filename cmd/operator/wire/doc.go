// Package wire puts the operator together: scheme, cache, reconcilers, Kafka clients, leader election. The binary and the
// tests against a real API server run the same.
package wire
