// Package sim runs whole workers against an in-process broker, in fake time, on disks that crash, and checks what comes out.
//
//	workers ─► Line ─► Net ─► kfake
//	   │       (dies, hangs)  │
//	   │                      └─ shows clients what a real broker shows around the end of a transaction
//	   └─► Pebble on a disk in memory, cloned at the moment of a crash: what was not synced is lost
//
// kfake ends a transaction in one step. [Net] stands between it and its clients and shows what a real broker shows
// them: markers that reach each partition on their own, CONCURRENT_TRANSACTIONS until the last has arrived, offsets
// unstable per partition, connections cut before or after a request was applied. The broker itself is unchanged; only
// what clients see of it is.
//
// A seed fixes the workload and the fault plan. The plan addresses faults logically (transactional id, its n-th
// transaction, request, try), because fake time comes without a deterministic scheduler: the order of requests differs
// from run to run. So a failing seed is run again, and how often it fails is printed.
//
//	go test ./test/sim -args -seeds 200
//
// The bugs that the simulation must be able to see are planted by builds with the tag "mutants".
package sim
