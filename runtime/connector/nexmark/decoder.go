package nexmark

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/nexmark"
)

// Decoder is a format.Decoder of a source's records.
type Decoder struct {
	generator *nexmark.Generator
	row       *nexmark.Row
	text      []byte
}

// Decode appends the row of a record.
func (d *Decoder) Decode(value []byte, dst *batch.Batch) error {
	e, ok := eventAt(d.generator, value)
	if !ok {
		return fault.New(fault.Bug, fault.Place{}, "a record of %d bytes is not one of this source", len(value))
	}
	for i := range dst.Columns {
		if d.row.IsText(i) {
			d.text = d.row.AppendText(d.text[:0], i, e)
			dst.Columns[i].AppendBytes(d.text)
		} else {
			dst.Columns[i].AppendInt64(d.row.Number(i, e))
		}
	}
	return nil
}
