// Operator reconciles KafkaConnections, StreamTopics and StreamJobs of a Kubernetes cluster. Workers keep running while
// it is away. It reads flags and signals; wire puts the parts together.
package main
