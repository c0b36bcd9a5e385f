// Package task runs one stage on one partition: records come in, batches go through the branches' operators, and what
// comes out is emitted for the worker's transaction.
//
//	Process ─► decode ─► batch ─┬► branch: operators ─► sink (one record a row)
//	                            └► branch: operators ─► exchange.Lane ─► exchange.Writer (shared by the worker's tasks)
//	Seal    ─► Flush of operators ─► tail of the exchange, changelog, meta record
//
// The life of a task, all of it on the worker's one goroutine:
//
//	Open ─► ( Process | SetPosition | Tick )* ─► Seal ─► commit ─┬─ applied ─► Committed ─► …
//	                                                             └─ aborted ─► Rollback: back to the last commit
//
// Everything that a transaction decides lives in two versions, committed and open: position, watermarks, state, counts.
// Rollback goes back to the committed one; the worker rolls back all of its tasks together, since they share the
// transaction and the exchange writers, and then seeks to Meta().Offset. Where commits are no transactions
// (Config.Untransacted) there is no Rollback: after a failure tasks are closed, and opened anew from their offsets; see
// Replay for what of the changelog counts then.
package task
