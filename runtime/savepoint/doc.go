// Package savepoint is a consistent cut of a whole job in a blob store, from which any later version can start: the
// sources' positions, and the state of each operator as typed columns in Parquet files.
//
//	state.Frozen ─► records ─► rows (operator.StateCodec) ─► Parquet files ─► part of a task ┐
//	                                                                     … part of a task ┼─► manifest, written last
//	put ◄─ records ◄─ rows whose key hashes to the task's partition ◄─ files ◄─ manifest      ┘
//
// A savepoint is there when its manifest is. A part is what a task has written; its digest is a fact that the task commits,
// and the manifest is made of parts with such facts and nothing else.
//
//	<job>/savepoints/<id>/
//	    manifest.json
//	    parts/<stage>/<partition>-<attempt>.json
//	    state/<stage>/<operator>/<partition>-<attempt>-<number>.parquet
//
// No name is written twice with different content, but for the manifest, of which the first stays. Rows are in the order of the state's keys.
// All that is read is compared with the checksum that names it, up to the manifest, which has one of its own.
//
// Rows are of the operator, not of a task: which task takes them back is decided by the hash that the exchange before the
// operator uses, so a savepoint can be restored at any parallelism and maxParallelism, and into any backend.
package savepoint
