package parquetfile

import (
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Bounds of a row group, and of the rows that wait to be handed to the library.
const (
	groupRows   = 128 << 10
	groupBytes  = 32 << 20
	pendingRows = 512
)

// Writer writes rows as Parquet. Nothing can be read before Close.
type Writer struct {
	w       *parquet.GenericWriter[any]
	columns []types.Column
	pending []parquet.Row
	rows    int // of the row group
	bytes   int // about, of the row group
}

// NewWriter returns a writer of rows with the columns of schema.
func NewWriter(w io.Writer, schema types.Schema) (*Writer, error) {
	r, err := newRoot(schema)
	if err != nil {
		return nil, err
	}
	return &Writer{
		w: parquet.NewGenericWriter[any](w, parquet.NewSchema("row", r), parquet.Compression(&parquet.Zstd), parquet.DataPageStatistics(true),
			parquet.CreatedBy("millrace", "", "")),
		columns: schema.Columns,
	}, nil
}

// Write takes a row of b.
func (p *Writer) Write(b *batch.Batch, row int) error {
	values := make(parquet.Row, len(p.columns))
	for i, c := range p.columns {
		if v := &b.Columns[i]; v.IsNull(row) {
			values[i] = parquet.NullValue().Level(0, 0, i)
		} else {
			values[i] = p.value(c.Kind, v, row).Level(0, 1, i)
		}
	}
	p.bytes += 8 * len(p.columns)
	p.pending = append(p.pending, values)
	if len(p.pending) < pendingRows && p.bytes < groupBytes {
		return nil
	}
	return p.hand()
}

// hand gives the rows that wait to the library, and ends the row group when it is full.
func (p *Writer) hand() error {
	if _, err := p.w.WriteRows(p.pending); err != nil {
		return err
	}
	p.rows += len(p.pending)
	clear(p.pending)
	p.pending = p.pending[:0]
	if p.rows < groupRows && p.bytes < groupBytes {
		return nil
	}
	p.rows, p.bytes = 0, 0
	return p.w.Flush()
}

func (p *Writer) value(kind types.Kind, v *batch.Vector, row int) parquet.Value {
	switch kind {
	case types.Boolean:
		return parquet.BooleanValue(v.Bool[row])
	case types.Int, types.Date:
		return parquet.Int32Value(int32(v.Int64[row])) //nolint:gosec // an INT, and the days that text can hold
	case types.Double:
		return parquet.DoubleValue(v.Float64[row])
	case types.String, types.Bytes:
		raw := v.Bytes(row)
		p.bytes += len(raw)
		return parquet.ByteArrayValue(append([]byte(nil), raw...))
	case types.BigInt, types.Timestamp:
		return parquet.Int64Value(v.Int64[row])
	case types.Invalid, types.Null, types.Interval:
		return parquet.NullValue()
	default:
		return parquet.NullValue()
	}
}

// Flush does nothing: a row group that ends with each commit would make a file of crumbs.
func (p *Writer) Flush() error { return nil }

// Close writes the rest and the file's footer. It does not close what is underneath.
func (p *Writer) Close() error {
	if err := p.hand(); err != nil {
		return err
	}
	return p.w.Close()
}
