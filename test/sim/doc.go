// Package sim runs whole workers against an in-process broker, in fake time, on disks that crash, and checks what comes out.
//
//	workers ─► Line ─► Net ─► kfake
//	   │       (dies, hangs)  │
//	   │                      └─ shows clients what a real broker shows around the end of a transaction
//	   ├─► Pebble on a disk in memory, cloned at the moment of a crash: what was not synced is lost
//	   └─► snapshots in a blob store in memory, in games whose crashes take the disk along and whose changelogs are cut short
//
// kfake ends a transaction in one step. [Net] stands between it and its clients and shows what a real broker shows
// them: markers that reach each partition on their own, CONCURRENT_TRANSACTIONS until the last has arrived, offsets
// unstable per partition, connections cut before or after a request was applied. The broker itself is unchanged; only
// what clients see of it is.
//
// A seed fixes the workload and the plan: when workers come and go (up to five), when brokers are away or slow, how a dead
// worker comes back and whether with its disk, and which requests meet a fault. The plan addresses faults logically
// (transactional id, its n-th transaction, request, try), because fake time comes without a deterministic scheduler: the
// order of requests differs from run to run. So a failing seed is run again, how often it fails is printed, and what
// it met is written down as a [Script], which can be shortened and played again.
//
//	go test ./test/sim -args -seeds 300 -first 1
//	go test ./test/sim -run TestPlan -args -plan bin/sim/seed-17.plan
//
// The bugs that the simulation must be able to see are planted by builds with the tag "mutants".
package sim
