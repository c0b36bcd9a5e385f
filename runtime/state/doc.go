// Package state keeps what a task must remember, so that a crash at any point loses nothing and repeats nothing.
//
//	operator ─► View.Put ─► open changes ──seal──► Changes ─► changelog topic (in the transaction)
//	               │                                  │
//	               └── reads: open, then Store        └─ after the commit ─► Store.Apply (one batch, with the Position)
//
// A store holds committed state only, and knows which changelog position it equals: after a crash the tail of the
// changelog is replayed on top, and nothing is wiped. An aborted transaction drops the open changes.
package state
