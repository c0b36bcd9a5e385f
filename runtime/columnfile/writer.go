package columnfile

import (
	"io"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// valueRows is how many values are handed to the library at a time.
const valueRows = 256

// Writer writes batches as Parquet. Nothing can be read before Close. One goroutine uses it.
type Writer struct {
	w       *parquet.GenericWriter[any]
	columns []Column
	values  []parquet.Value
}

// Compression names how the pages of a file are compressed.
type Compression uint8

// The compressions: Snappy is quick and takes next to no memory, Zstd makes smaller files.
const (
	Snappy Compression = iota
	Zstd
)

// NewWriter returns a writer of rows with these columns. A type that Parquet does not hold is an error of kind User.
func NewWriter(w io.Writer, columns []Column, compression Compression) (*Writer, error) {
	r, err := newRoot(columns)
	if err != nil {
		return nil, err
	}
	var codec compress.Codec = &parquet.Snappy
	if compression == Zstd {
		codec = &parquet.Zstd
	}
	return &Writer{
		w: parquet.NewGenericWriter[any](w, parquet.NewSchema("row", r), parquet.Compression(codec), parquet.DataPageStatistics(true),
			parquet.CreatedBy("millrace", "", "")),
		columns: columns, values: make([]parquet.Value, 0, valueRows),
	}, nil
}

// Write takes all rows of b, selected or not.
func (w *Writer) Write(b *batch.Batch) error {
	if len(b.Columns) != len(w.columns) {
		return fault.New(fault.Bug, fault.Place{}, "a batch of %d columns for a file of %d", len(b.Columns), len(w.columns))
	}
	for i, to := range w.w.ColumnWriters() {
		for from := 0; from < b.Length; from += valueRows {
			w.values = w.values[:0]
			for row := from; row < min(from+valueRows, b.Length); row++ {
				w.values = append(w.values, value(w.columns[i], &b.Columns[i], row, i))
			}
			if _, err := to.WriteRowValues(w.values); err != nil {
				return err
			}
		}
	}
	return nil
}

// value is a value as the library takes it; it refers to the batch's memory.
func value(c Column, v *batch.Vector, row, column int) parquet.Value {
	if v.IsNull(row) {
		return parquet.NullValue().Level(0, 0, column)
	}
	var x parquet.Value
	switch c.Kind {
	case types.Boolean:
		x = parquet.BooleanValue(v.Bool[row])
	case types.Int, types.Date:
		x = parquet.Int32Value(int32(v.Int64[row])) //nolint:gosec // an INT, and the days that text can hold
	case types.Double:
		x = parquet.DoubleValue(v.Float64[row])
	case types.String, types.Bytes:
		if x = parquet.ByteArrayValue(v.Bytes(row)); c.Wide {
			x = parquet.FixedLenByteArrayValue(v.Bytes(row))
		}
	case types.BigInt, types.Timestamp, types.Interval:
		x = parquet.Int64Value(v.Int64[row])
	case types.Invalid, types.Null:
	}
	return x.Level(0, 1, column)
}

// EndGroup ends a row group: what was written before is in one, what comes in the next.
func (w *Writer) EndGroup() error { return w.w.Flush() }

// Close writes the file's footer. It does not close what is underneath.
func (w *Writer) Close() error { return w.w.Close() }
