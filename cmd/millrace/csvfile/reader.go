package csvfile

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// maxQuotedBytes bounds what a message repeats of a field.
const maxQuotedBytes = 40

// Reader reads rows from CSV text.
type Reader struct {
	name    string
	scanner *scanner
	columns []types.Column
	millis  bool
	from    []int // the field of each column, -1 for none
	width   int   // fields of a row
	line    int
	scratch []byte
}

// NewReader reads the line of column names and returns a reader of the columns of schema. Errors are of kind User, with the
// place in the file, which is called name.
func NewReader(r io.Reader, name string, schema types.Schema, timestamps spec.TimestampFormat) (*Reader, error) {
	c := &Reader{name: name, scanner: newScanner(r), columns: schema.Columns, millis: timestamps == spec.TimestampMillis}
	if err := c.scanner.row(); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, fault.New(fault.User, fault.InText(name, 1, 1), "the file is empty").Do("its first line names the columns")
		}
		return nil, c.broken(err)
	}
	header := make([]string, len(c.scanner.fields))
	for i, f := range c.scanner.fields {
		header[i] = string(c.scanner.text[f.begin:f.end])
	}
	c.width, c.scanner.keepEmpty = len(header), len(header) == 1
	return c, c.find(header)
}

// find looks up the columns in the header.
func (c *Reader) find(header []string) error {
	found := 0
	for _, column := range c.columns {
		at := slices.Index(header, column.Name)
		c.from = append(c.from, at)
		if at < 0 {
			continue
		}
		found++
		if again := slices.Index(header[at+1:], column.Name); again >= 0 {
			f := c.scanner.fields[at+1+again]
			return fault.New(fault.User, fault.InText(c.name, f.line, f.column), "column %q is named twice", column.Name)
		}
	}
	if found > 0 || len(c.columns) == 0 {
		return nil
	}
	names := make([]string, len(c.columns))
	for i, column := range c.columns {
		names[i] = column.Name
	}
	return fault.New(fault.User, fault.InText(c.name, 1, 1), "the first line names no column of the table").
		Do("the columns are %s; names are compared exactly", strings.Join(names, ", "))
}

// Line returns the line on which the last row begins.
func (c *Reader) Line() int { return c.line }

// Next appends a row to b, whose columns are the schema's, or returns io.EOF behind the last one. A wrong value is an error
// of kind User with line and column of the field; b is then of no use.
func (c *Reader) Next(b *batch.Batch) error {
	if err := c.scanner.row(); err != nil {
		if errors.Is(err, io.EOF) {
			return io.EOF
		}
		return c.broken(err)
	}
	fields := c.scanner.fields
	c.line = fields[0].line
	if len(fields) != c.width {
		return fault.New(fault.User, fault.InText(c.name, c.line, 1), "the row has %d fields, the first line %d", len(fields), c.width)
	}
	for i := range c.columns {
		v := &b.Columns[i]
		if c.from[i] < 0 {
			v.AppendNull()
			continue
		}
		f := fields[c.from[i]]
		text := c.scanner.text[f.begin:f.end]
		if expected := c.value(v, text, f.quoted); expected != "" {
			return fault.New(fault.User, fault.InText(c.name, f.line, f.column), "column %q: expected %s, found %q",
				c.columns[i].Name, expected, text[:min(len(text), maxQuotedBytes)])
		}
	}
	b.Length++
	return nil
}

// value appends a field to its column, or says what was expected there.
func (c *Reader) value(v *batch.Vector, text []byte, quoted bool) (expected string) {
	isText := v.Kind == types.String || v.Kind == types.Bytes
	if len(text) == 0 && (!isText || !quoted) {
		v.AppendNull()
		return ""
	}
	ok := false
	switch v.Kind {
	case types.String:
		v.AppendBytes(text)
		return ""
	case types.Bytes:
		return c.bytes(v, text)
	case types.Boolean:
		var x bool
		if x, ok = kernel.ParseBool(text); ok {
			v.AppendBool(x)
		}
	case types.Double:
		var x float64
		if x, ok = kernel.ParseFloat(text); ok {
			v.AppendFloat64(x)
		}
	case types.Int, types.BigInt, types.Date, types.Timestamp:
		var x int64
		if x, ok = c.integer(v.Kind, text); ok {
			v.AppendInt64(x)
		}
	case types.Invalid, types.Null, types.Interval:
	}
	if ok {
		return ""
	}
	return c.example(v.Kind)
}

func (c *Reader) bytes(v *batch.Vector, text []byte) (expected string) {
	decoded, err := base64.StdEncoding.AppendDecode(c.scratch[:0], text)
	if err != nil {
		return "base64"
	}
	c.scratch = decoded
	v.AppendBytes(decoded)
	return ""
}

// integer reads what is held as a number of days, microseconds or ones.
func (c *Reader) integer(kind types.Kind, text []byte) (int64, bool) {
	switch {
	case kind == types.Date:
		return kernel.ParseDate(text)
	case kind == types.Timestamp && c.millis:
		if x, ok := kernel.ParseInt(text); ok {
			return x * 1000, x >= math.MinInt64/1000 && x <= math.MaxInt64/1000
		}
		return parseTime(text)
	case kind == types.Timestamp:
		return parseTime(text)
	}
	x, ok := kernel.ParseInt(text)
	return x, ok && (kind == types.BigInt || x >= math.MinInt32 && x <= math.MaxInt32)
}

// parseTime reads a time as CAST does, or one with an offset as JSON does.
func parseTime(text []byte) (micros int64, ok bool) {
	if micros, ok = kernel.ParseTimestamp(text); ok {
		return micros, true
	}
	text = kernel.TrimBlanks(text)
	if len(text) > 10 && text[10] == ' ' {
		text = append(append(bytes.Clone(text[:10]), 'T'), text[11:]...)
	}
	t, err := time.Parse("2006-01-02T15:04:05Z07:00", string(text))
	if err != nil || t.Nanosecond()%1000 != 0 {
		return 0, false
	}
	return t.UnixMicro(), true
}

func (c *Reader) example(kind types.Kind) string {
	switch {
	case kind == types.Boolean:
		return "true or false"
	case kind == types.Date:
		return "a date such as 2013-01-31"
	case kind == types.Timestamp && c.millis:
		return "milliseconds, or a time such as 2013-01-31T05:15:00Z"
	case kind == types.Timestamp:
		return "a time such as 2013-01-31T05:15:00Z, up to microseconds"
	default:
		return kind.String()
	}
}

// broken gives what the scanner says its place.
func (c *Reader) broken(err error) error {
	place := fault.InText(c.name, c.scanner.line, max(1, c.scanner.column))
	switch {
	case errors.Is(err, errRowTooLong):
		return fault.New(fault.User, place, "a row is longer than %d bytes", maxRowBytes).Do("look for a quote that is not closed")
	case errors.Is(err, errBareQuote), errors.Is(err, errAfterQuote), errors.Is(err, errUnclosed):
		return fault.New(fault.User, place, "not CSV: %s", err.Error())
	default:
		return fault.Wrap(fault.User, err, "read the input").At(place)
	}
}
