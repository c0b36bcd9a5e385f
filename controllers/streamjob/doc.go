// Package streamjob reconciles StreamJobs. A pass observes (Kubernetes, the compiler, Kafka), asks lifecycle what to do,
// does it in order, and writes the status once.
//
//	observe ─► lifecycle.Next ─► act ─► status
//
// The job itself is read past the cache: its status is the journal that decides, and an old one would repeat a fence
// under running workers.
package streamjob
