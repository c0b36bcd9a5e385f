package collect

import (
	"bytes"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// KindColumn is the column that a change log begins with: what became of the row, named as Flink's client names it.
const KindColumn = "op"

// inserted says that a row is new. Other kinds (-U, +U and -D) belong to results that are updated; every result that can be
// computed today is final when it is written.
const inserted = `{"op":"+I"`

// Changes writes a change log: each row with its kind in front.
type Changes struct {
	Writer

	row []byte
}

// NewChanges returns a writer of change logs over a writer of rows with the columns of ChangeSchema.
func NewChanges(w Writer) *Changes { return &Changes{Writer: w} }

// Row writes one row, a JSON object.
func (c *Changes) Row(value []byte) error {
	_, rest, ok := bytes.Cut(value, []byte{'{'})
	if !ok {
		return fault.New(fault.Data, fault.Place{}, "a row of the change log is not a JSON object")
	}
	rest = bytes.TrimLeft(rest, " \t\r\n")
	c.row = append(c.row[:0], inserted...)
	if len(rest) > 0 && rest[0] != '}' {
		c.row = append(c.row, ',')
	}
	c.row = append(c.row, rest...)
	return c.Writer.Row(c.row)
}

// ChangeSchema puts the kind of a row before its columns. A result with a column of that name already is a User error.
func ChangeSchema(schema types.Schema) (types.Schema, error) {
	if schema.Index(KindColumn) >= 0 {
		return schema, fault.New(fault.User, fault.InField("--changes"), "the result has a column %q already", KindColumn).
			Do("give it another name in the query, with AS")
	}
	return types.Schema{Columns: append([]types.Column{{Name: KindColumn, Kind: types.String}}, schema.Columns...)}, nil
}
