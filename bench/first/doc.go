// Command first takes the first figures: how many events a worker process handles in a second of CPU, exactly once, on a
// real Kafka, for a pass-through and for a 10-second tumbling count by bidder over Nexmark bids as JSON.
//
//	broker (a process) ◄─ load once ─ bids        for each query: worker (a process) ─► read-committed output, checked
//
// Run it by `make bench-first`, which builds the worker. The CPU is what the operating system says that the finished
// process has used, start and end included.
package main
