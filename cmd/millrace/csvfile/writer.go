package csvfile

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"strconv"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// Writer writes rows as CSV: lines end in a line feed, times are UTC and written as 2013-01-31 05:15:00.
type Writer struct {
	w       *bufio.Writer
	columns []types.Column
	begun   bool
	scratch []byte
}

// NewWriter returns a writer of rows with the columns of schema.
func NewWriter(w io.Writer, schema types.Schema) *Writer {
	return &Writer{w: bufio.NewWriter(w), columns: schema.Columns}
}

// Write writes a row of b, and the line of column names before the first one.
func (c *Writer) Write(b *batch.Batch, row int) error {
	if err := c.begin(); err != nil {
		return err
	}
	for i := range c.columns {
		if err := c.separate(i); err != nil {
			return err
		}
		if err := c.value(&b.Columns[i], row); err != nil {
			return err
		}
	}
	return c.w.WriteByte('\n')
}

// Flush hands everything to the underlying writer.
func (c *Writer) Flush() error { return c.w.Flush() }

// Close makes a file without rows one with column names. It does not close what is underneath.
func (c *Writer) Close() error {
	if err := c.begin(); err != nil {
		return err
	}
	return c.w.Flush()
}

// begin writes the column names, once.
func (c *Writer) begin() error {
	if c.begun {
		return nil
	}
	c.begun = true
	for i, column := range c.columns {
		if err := c.separate(i); err != nil {
			return err
		}
		if err := c.text([]byte(column.Name)); err != nil {
			return err
		}
	}
	return c.w.WriteByte('\n')
}

func (c *Writer) separate(column int) error {
	if column == 0 {
		return nil
	}
	return c.w.WriteByte(',')
}

func (c *Writer) value(v *batch.Vector, row int) error {
	if v.IsNull(row) {
		return nil
	}
	out := c.scratch[:0]
	switch v.Kind {
	case types.Boolean:
		out = strconv.AppendBool(out, v.Bool[row])
	case types.Int, types.BigInt:
		out = strconv.AppendInt(out, v.Int64[row], 10)
	case types.Double:
		out = kernel.AppendFloat(out, v.Float64[row])
	case types.Date:
		out = kernel.AppendDate(out, v.Int64[row])
	case types.Timestamp:
		out = kernel.AppendTimestamp(out, v.Int64[row])
	case types.String:
		return c.text(v.Bytes(row))
	case types.Bytes:
		out = base64.StdEncoding.AppendEncode(out, v.Bytes(row))
		c.scratch = out
		return c.text(out)
	case types.Interval:
		out = kernel.AppendInterval(out, v.Int64[row])
	case types.Invalid, types.Null:
	}
	c.scratch = out
	_, err := c.w.Write(out)
	return err
}

// text writes text, quoted where it would not be read back the same.
func (c *Writer) text(s []byte) error {
	if len(s) > 0 && !bytes.ContainsAny(s, ",\"\r\n") && !bytes.HasPrefix(s, []byte("\ufeff")) {
		_, err := c.w.Write(s)
		return err
	}
	if err := c.w.WriteByte('"'); err != nil {
		return err
	}
	for _, b := range s {
		if b == '"' {
			if err := c.w.WriteByte('"'); err != nil {
				return err
			}
		}
		if err := c.w.WriteByte(b); err != nil {
			return err
		}
	}
	return c.w.WriteByte('"')
}
