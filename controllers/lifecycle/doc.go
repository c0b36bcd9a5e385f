// Package lifecycle decides what to do next about one StreamJob. It is a pure function from the spec, the status (the
// journal of what was done), and what was observed, to actions and the next status; it talks to nobody and owns no clock.
//
//	            ┌─ a new plan with the same state, or partitions added to an input ◄─┐
//	            ▼                                                                    │
//	Pending ─► attempt{Fencing} ─► attempt{Deploying} ─► epoch runs ─► scale, roll, observe
//	            ▲  old workers gone,  internal topics,      │               │
//	            │  old epoch fenced   workload of the epoch │               └─► deletion: stop, fence, clean up, let go
//	            │                                           │
//	            ├── attempt{Savepointing} ◄─────────────────┤ a new plan with other state, or a stop
//	            │        └─ fails, or is not wanted any more ─► the epoch goes on
//	            │                                           │
//	            └── attempt{RollBack} ◄── probation ◄───────┘ an epoch with internal topics of its own, until it has committed
//
// A stop ends in Suspended instead of Deploying, and a job that rests goes on by an attempt like any other.
//
// The rules of the journal: an intent is written before anything that it leads to, a pass that writes an intent does
// nothing outside that a repeated pass would not do again, and the status of a Decision is written only once all of its
// actions have succeeded. So an operator that dies at any point goes on from the status.
//
// A spec that can't be followed (a query that does not compile, a plan that can't take the state over, a template that does not
// decode) never disturbs the running job: it is said in the conditions, and what runs goes on.
package lifecycle
