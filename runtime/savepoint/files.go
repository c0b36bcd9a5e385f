package savepoint

import (
	"io"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
)

// wideBytes is the length of an integer of 128 bits: two's complement, the highest byte first.
const wideBytes = 16

// batchRows is how many rows are written at a time.
const batchRows = 512

// Files is the form that files have: Parquet, by package savepoint/parquet. It is handed in because a library for it is large, and a
// worker without savepoints is built without it (docs/decisions/0067-two-workers.md). It is safe for concurrent use.
type Files interface {
	// Create begins a file of rows with these columns. It can be read once the writer is closed.
	Create(to io.Writer, columns []Column) (RowWriter, error)
	// Open looks at a file that Create has written with these columns. What is wrong with it is an error of kind Corrupt that
	// begins with name, here and later.
	Open(name string, blob []byte, columns []Column) (RowReader, error)
}

// RowWriter writes a file. One goroutine uses it.
type RowWriter interface {
	// Write takes all rows of a batch, selected or not.
	Write(b *batch.Batch) error
	// EndGroup says that rows which come later need not be in one piece with those before.
	EndGroup() error
	// Close ends the file, not what is underneath.
	Close() error
}

// RowReader reads a file. One goroutine uses it.
type RowReader interface {
	// Next appends some hundred rows to b, which has the file's columns, or returns io.EOF behind the last one.
	Next(b *batch.Batch) error
	// Place returns where a row is, counted from 0.
	Place(row int64) fault.Place
	// Close gives back what the reader holds.
	Close() error
}
