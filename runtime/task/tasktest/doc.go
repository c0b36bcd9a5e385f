// Package tasktest runs tasks against a log in memory with Kafka's transactions: records lie in partitions in the order
// in which they were written, those of open transactions hold back the reader, those of aborted ones are skipped. A
// Worker owns tasks and commits as a real one does, so that interleavings, aborts, moves and crashes can be tried by the
// hundred without a broker.
package tasktest
