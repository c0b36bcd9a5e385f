package nexmark

import "github.com/millrace/millrace/runtime/types"

// Row makes the columns of one kind, those that are asked for and in the order asked for.
type Row struct {
	generator *Generator
	columns   []column
}

// Row returns what makes these columns of a kind's events; false when the kind has no column of that name and type.
func (g *Generator) Row(k Kind, schema types.Schema) (*Row, bool) {
	r := &Row{generator: g}
	all := k.columns()
	for _, wanted := range schema.Columns {
		found := false
		for _, c := range all {
			if c.name == wanted.Name && c.kind == wanted.Kind {
				r.columns, found = append(r.columns, c), true
			}
		}
		if !found {
			return nil, false
		}
	}
	return r, true
}

// IsText says whether column i is text.
func (r *Row) IsText(i int) bool { return r.columns[i].text != nil }

// Number returns the value of column i, which is a number or a time; a time is in microseconds since the epoch.
func (r *Row) Number(i int, e Event) int64 {
	c := &r.columns[i]
	n := c.number(r.generator, e)
	if c.kind == types.Timestamp {
		n *= 1000
	}
	return n
}

// AppendText appends the value of column i, which is text.
func (r *Row) AppendText(dst []byte, i int, e Event) []byte {
	return r.columns[i].text(r.generator, dst, e)
}
