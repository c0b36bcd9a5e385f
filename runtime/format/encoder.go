package format

import "github.com/millrace/millrace/runtime/batch"

// Encoder writes records. Each goroutine has its own.
type Encoder interface {
	// Encode appends the record of one row of b to dst and returns it. A row that the format cannot hold is an error of
	// kind Data, and dst is returned as it was.
	Encode(dst []byte, b *batch.Batch, row int) ([]byte, error)
}
