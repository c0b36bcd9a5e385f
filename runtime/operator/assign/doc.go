// Package assign gives each row the tumbling window that its time falls into, as two more columns, and drops the rows
// that are late. It stands in the source stage, where a row's own partition is known: a row is late exactly if its
// window's end is not after the watermark of that partition just before the row, and so the answer depends neither on
// batch sizes nor on parallelism.
//
//	time  RowWatermark        window_start  window_end
//	 12        5         ─►       10            20
//	  3       11         ─►   late: [0, 10) ended
package assign
