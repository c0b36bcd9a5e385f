// Package streamsavepoint reconciles StreamSavepoints: a pass observes (the job, Kafka, the work that deletes data), asks savepointplan what
// to do, does it in order, and writes the status once.
package streamsavepoint
