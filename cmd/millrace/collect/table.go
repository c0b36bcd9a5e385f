package collect

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/types"
)

// Table writes rows in aligned columns under a heading. A column starts as wide as its type usually needs and grows
// when a value is wider; rows already written stay as they are, so a table can be watched as it comes.
type Table struct {
	w      *bufio.Writer
	schema types.Schema
	width  []int
	begun  bool
}

// NewTable returns a writer of tables with the columns of the schema.
func NewTable(w io.Writer, schema types.Schema) *Table {
	t := &Table{w: bufio.NewWriter(w), schema: schema}
	for _, c := range schema.Columns {
		t.width = append(t.width, max(usualWidth(c.Kind), utf8.RuneCountInString(c.Name)))
	}
	return t
}

// Row writes one row, a JSON object with the columns as members.
func (t *Table) Row(value []byte) error {
	if !t.begun {
		t.begun = true
		names := make([]string, len(t.schema.Columns))
		for i, c := range t.schema.Columns {
			names[i] = strings.ToUpper(c.Name)
		}
		if err := t.write(names); err != nil {
			return err
		}
	}
	var members map[string]any
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	if err := d.Decode(&members); err != nil {
		return err
	}
	cells := make([]string, len(t.schema.Columns))
	for i, c := range t.schema.Columns {
		cells[i] = cell(members[c.Name], c.Kind)
	}
	return t.write(cells)
}

// Flush hands everything to the underlying writer.
func (t *Table) Flush() error { return t.w.Flush() }

// Close hands everything to the underlying writer.
func (t *Table) Close() error { return t.w.Flush() }

func (t *Table) write(cells []string) error {
	for i, c := range cells {
		t.width[i] = max(t.width[i], utf8.RuneCountInString(c))
		pad := strings.Repeat(" ", t.width[i]-utf8.RuneCountInString(c))
		numeric := t.schema.Columns[i].Kind.Numeric()
		switch {
		case numeric:
			c = pad + c
		case i < len(cells)-1:
			c += pad
		}
		if i > 0 {
			c = "  " + c
		}
		if _, err := t.w.WriteString(c); err != nil {
			return err
		}
	}
	return t.w.WriteByte('\n')
}

// cell prints a value for people: NULL in words, doubles with two places.
func cell(v any, kind types.Kind) string {
	switch x := v.(type) {
	case nil:
		return "NULL"
	case string:
		return x
	case json.Number:
		if kind == types.Double {
			if f, err := x.Float64(); err == nil {
				return strconv.FormatFloat(f, 'f', 2, 64)
			}
		}
		return x.String()
	default:
		return fmt.Sprint(x)
	}
}

func usualWidth(kind types.Kind) int {
	switch kind {
	case types.Timestamp:
		return len("2013-01-01T00:00:00Z")
	case types.Boolean:
		return len("false")
	case types.Date:
		return len("2013-01-01")
	default:
		return 6
	}
}
