// Package manifest reads manifests as kubectl would and checks them as an API server would: the schema, defaults, list
// keys and CEL rules of the CustomResourceDefinitions, in process. What passes here is admitted by a cluster.
//
//	files ─► documents ─► CRD schema: unknown fields, defaults, types, rules ─► KafkaConnections, StreamTopics, StreamJobs
package manifest
