package parquetfile

import (
	"io"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/columnfile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Bounds of a row group, and of the rows that wait to be written.
const (
	groupRows    = 128 << 10
	groupBytes   = 32 << 20
	pendingRows  = 512
	pendingBytes = 1 << 20
)

// Writer writes rows as Parquet. Nothing can be read before Close.
type Writer struct {
	w       *columnfile.Writer
	pending batch.Batch
	kinds   []types.Kind
	rows    int // of the row group
	bytes   int // about, of the row group
}

// NewWriter returns a writer of rows with the columns of schema.
func NewWriter(w io.Writer, schema types.Schema) (*Writer, error) {
	columns := make([]columnfile.Column, len(schema.Columns))
	for i, c := range schema.Columns {
		if c.Kind == types.Interval || c.Kind == types.Null {
			return nil, fault.New(fault.User, fault.Place{}, "column %q: Parquet holds no %s", c.Name, c.Kind)
		}
		columns[i] = columnfile.Column{Column: c}
	}
	made, err := columnfile.NewWriter(w, columns, columnfile.Zstd)
	if err != nil {
		return nil, err
	}
	p := &Writer{w: made, kinds: schema.Kinds()}
	p.pending.Reset(p.kinds)
	return p, nil
}

// Write takes a row of b.
func (p *Writer) Write(b *batch.Batch, row int) error {
	for i := range p.kinds {
		p.pending.Columns[i].AppendFrom(&b.Columns[i], row)
	}
	p.pending.Length++
	if p.pending.Length < pendingRows && p.pending.SizeBytes() < pendingBytes {
		return nil
	}
	return p.hand()
}

// hand writes the rows that wait, and ends the row group when it is full.
func (p *Writer) hand() error {
	if err := p.w.Write(&p.pending); err != nil {
		return err
	}
	p.rows, p.bytes = p.rows+p.pending.Length, p.bytes+p.pending.SizeBytes()
	p.pending.Reset(p.kinds)
	if p.rows < groupRows && p.bytes < groupBytes {
		return nil
	}
	p.rows, p.bytes = 0, 0
	return p.w.EndGroup()
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
