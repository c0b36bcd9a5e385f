// Package kafkaconnection reconciles KafkaConnections: it says whether the cluster answers, and keeps a connection that
// is being deleted until nothing needs it any more, so that topics and jobs deleted along with it can still clean up.
package kafkaconnection
