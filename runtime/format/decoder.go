package format

import "github.com/millrace/millrace/runtime/batch"

// Decoder reads records. It keeps scratch memory, so each goroutine has its own.
type Decoder interface {
	// Decode appends the record's row to every column of dst, whose kinds are those of the decoder's schema, or leaves
	// the columns as they were and returns an error of kind Data that names the column. The caller sets Length, Offsets
	// and RowWatermark. It keeps nothing of value.
	Decode(value []byte, dst *batch.Batch) error
}
