// Package operator holds what all operators have in common: batches are pushed in, pushed on, and never kept; a
// watermark is pushed through the same chain, and whatever it causes is emitted before it is passed on.
//
//	task: batch ─► filter ─► project ─► aggregate ─► output
//	                                      │  ▲
//	                                      ▼  │
//	                                    state.View (open changes over the committed store)
//
// A task runs on one goroutine, so operators need no locks.
package operator
