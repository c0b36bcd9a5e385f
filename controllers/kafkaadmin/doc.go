// Package kafkaadmin is the operator's side of Kafka: topics as StreamTopics want them, and for a job its internal
// topics, fence, lag and clean-up. What workers do too (fencing, internal topics) is runtime/connector/kafka's, and
// called from here, so that both sides agree.
//
// A Pool keeps one Cluster for each list of bootstrap servers; both are safe for concurrent use.
package kafkaadmin
