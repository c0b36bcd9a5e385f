package collect

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/format"
	"github.com/millrace/millrace/runtime/format/json"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Sheet takes rows as typed columns: a file of CSV or Parquet.
type Sheet interface {
	// Write writes one row of b, whose columns are the file's.
	Write(b *batch.Batch, row int) error
	// Flush makes visible what can be.
	Flush() error
	// Close writes what belongs to the file's end.
	Close() error
}

// Columns writes rows to a sheet: it decodes the topic's records into the columns.
type Columns struct {
	Sheet

	decoder format.Decoder
	kinds   []types.Kind
	batch   batch.Batch
}

// NewColumns returns a writer to a sheet with the columns of schema, of records in the format.
func NewColumns(sheet Sheet, records spec.Format, schema types.Schema) (*Columns, error) {
	decoder, err := json.NewDecoder(records, schema)
	if err != nil {
		return nil, err
	}
	return &Columns{Sheet: sheet, decoder: decoder, kinds: schema.Kinds()}, nil
}

// Row writes one row, a JSON object.
func (c *Columns) Row(value []byte) error {
	c.batch.Reset(c.kinds)
	if err := c.decoder.Decode(value, &c.batch); err != nil {
		return err
	}
	c.batch.Length = 1
	return c.Write(&c.batch, 0)
}
