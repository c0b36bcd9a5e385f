// Package assign gives each row the windows that its time falls into, as two more columns, and drops the rows that are
// late. It stands in the source stage, where a row's own partition is known: a row counts in a window if and only if the
// window's end is after the watermark of that partition just before the row, and so the answer depends neither on batch
// sizes nor on parallelism. A row with no window left is late.
//
//	TUMBLE of 10:       time  RowWatermark        window_start  window_end
//	                     12        5         ─►       10            20
//	                      3       11         ─►   late: [0, 10) ended
//
// With HOP and CUMULATE a time falls into several windows. Their ends are a step apart, so that the first and the last
// of them name them all: a run (package window). Two forms of the output serve two ways to go on:
//
//	HOP of 10 by 5:     time  RowWatermark        slices: first, last    expanded: a row for each window
//	                     12        5         ─►          15     20       [5, 15) and [10, 20)
//	                     12       15         ─►          20     20       [10, 20)
//	                      7       15         ─►   late: [0, 10) and [5, 15) ended
//
// # Slices, and rows that are late for some of their windows
//
// A slice is not a stretch of time but a set of windows: the run of those that the row counts in. Mostly it is the
// whole run of the row's time; a row that is late for the early windows of it gets a run that begins later and ends
// where it would have. An aggregate that keeps its accumulators by (first, last, key), and adds to the window that ends
// at E those with first ≤ E ≤ last, counts each row exactly in the windows that the rule gives it:
//
//   - The rule's windows of a row are those of its time whose end is after its watermark w. The ends of the windows of a
//     time are First, First+step, …, Last (window.Shape), so the rule's are those of them above w: from the smallest
//     end above w up to Last. That is a run again, or empty; window.Run.After computes it. (1)
//   - So a row's windows are decided here, by its own time and watermark alone, and what the aggregate does with
//     (first, last) is a sum over sets: no matter when the row arrives there, in which batch, or which windows have fired
//     meanwhile for others. (2)
//   - No window of the run has fired at the aggregate when the row gets there: they all end after w, the watermark of the
//     row's own partition, and the aggregate's is a minimum that this partition holds at w until the row has passed
//     (package exchange). So all of them are still to fire, and none is missed. (3)
//
// The number of runs that are alive is bounded by the square of windows a row is in, and is, but for late rows, one or
// two a step.
package assign
