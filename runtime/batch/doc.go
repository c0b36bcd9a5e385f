// Package batch holds rows as columns: some thousand rows a batch, each column a typed vector, and a selection vector
// that says which rows still count.
//
//	            Columns[0]   Columns[1]        Selection   RowWatermark  Offsets
//	row 0         17          view ─┐            1            100          4711
//	row 1         23          view ─┼─► Data     2            100          4712
//	row 2        NULL         view ─┘                         130          4713
//
// A filter shortens the selection and leaves the vectors alone; nothing is copied until rows are encoded. Batches are
// owned by one goroutine and reused: what an operator is handed is valid until it returns.
package batch
