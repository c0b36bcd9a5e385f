// Package kafkaadmin is the operator's side of Kafka: topics as StreamTopics want them, and for a job its internal
// topics, fence, lag and clean-up. What workers do too (fencing, internal topics) is runtime/connector/kafka's, and
// called from here, so that both sides agree.
//
// A Pool keeps one Cluster for each way in which a KafkaConnection reaches one; both are safe for concurrent use. Errors have
// a reason for conditions (see package verdict), which says whose they are to correct: brokers that are away, a certificate
// that is not trusted, credentials that are not taken, a permission that is missing.
package kafkaadmin
