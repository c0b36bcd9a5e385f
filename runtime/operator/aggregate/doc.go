// Package aggregate groups rows by window and keys, and emits a row a group when the watermark reaches the window's end.
//
// Each live window has a table in memory, open addressing with the accumulators inline, so that a row costs one look-up
// and one cache line. A batch is cut into runs of rows of one window; a run first finds the entry of every row and then
// updates one aggregate function after the other, each in a loop over columns:
//
//	window_end 20 ─► table   slot: [key word | tag | COUNT | SUM value | SUM count | …]
//	window_end 30 ─► table         tag: hash (32 bits) … dirty, live, NULL key, used
//
// The key word is the key itself where the only grouping column is an integer, else the place of the encoded key
// (batch.AppendKey) in the table's arena.
//
// Flush writes the entries that changed to the view, from where the table can be rebuilt:
//
//	key    window_end, window_start (if a key): 8 bytes big-endian each, sign flipped; then the group's encoded key
//	value  1 byte layout version, then each function's accumulator (codec.go)
//
// A window with no entry in the view that its table lacks needs no reads. Others, after a restore or when groups had to
// leave to keep below MemoryBytes, read a group when it is first touched. Those leave that counted rows only once since the last
// time (evict.go), so that a table is a write-back cache of the view with the groups that come often.
//
// When the window fires, its table is emitted in the order of keys or, where it lacks groups, written to the view and emitted from there; then the
// window's range of the view is deleted. So a window cannot fire twice: after a restore the view no longer has it, and the watermark, which the task gives
// back, makes its rows late. Of a window of many groups some are emitted at a time, and those leave the view with the commit that they are in: the empty key in
// the view says that what is left of windows up to the watermark is still to be emitted (operator.Gradual).
//
// # Windows that overlap
//
// Rows of HOP and CUMULATE come in slices: a slice is the set of windows, from a first to a last, that a row counts in
// (package assign). A table then is a slice, its key in the view begins with the ends of the first and the last window,
// and a row updates one table however many windows it is in. Windows fire one after the other; the totals of the one at
// hand slide on from it to the next (slide.go). Slices go, from memory and from the view, with their last window.
//
// That the answer does not depend on timing needs no more than that each slice's set is decided before the row gets here,
// and that a slice gets no row any more once its first window has fired: rows with a first window at or before the
// watermark come only from a channel that was idle, and are moved to the slice that begins after it.
//
// # Two phases
//
//	source stage   rows ─► Local ─► partial results of (window or slice, key) ═ exchange ═► Aggregate, which merges them
//
// Local is without state: what it holds goes out before each commit, and earlier for windows that its task's watermark
// has reached, so that neither exactly-once nor the meaning of watermarks is its concern.
//
// SUM and AVG of integers sum in 128 bits, so that only what a window comes to can be out of range: a bad row then is the
// group's, whatever the order in which its rows came. SUM and AVG of DOUBLE add in the order of arrival.
//
// # Savepoints
//
// Codec says what all this is as rows: it reads and writes records, and needs no aggregate for it (savepoint.go).
package aggregate
