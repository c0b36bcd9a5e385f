package json

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Decoder reads records into the columns of its schema. It is a format.Decoder.
type Decoder struct {
	columns    []types.Column
	timestamps spec.TimestampFormat
	shape      shape
	// seen holds, for each column, the number of the last record that had it; record is the current one's.
	seen   []uint64
	record uint64
	// varied are the columns of byte strings, and data how long their Data was before the record.
	varied, data []int

	last    lastDay
	scratch []byte
	pow10   [23]float64
}

// NewDecoder returns a decoder of the columns of schema, which need not be all that the records hold.
func NewDecoder(format spec.Format, schema types.Schema) (*Decoder, error) {
	timestamps, err := checkFormat(format, schema)
	if err != nil {
		return nil, err
	}
	d := &Decoder{
		columns:    schema.Columns,
		timestamps: timestamps,
		seen:       make([]uint64, len(schema.Columns)),
		last:       newLastDay(),
	}
	byName := make(map[string]int, len(schema.Columns))
	for i, c := range schema.Columns {
		byName[c.Name] = i
		if c.Kind.Storage() == types.StoreBytes {
			d.varied, d.data = append(d.varied, i), append(d.data, 0)
		}
	}
	d.shape = newShape(byName)
	for i := range d.pow10 {
		d.pow10[i] = math.Pow10(i)
	}
	return d, nil
}

func checkFormat(format spec.Format, schema types.Schema) (spec.TimestampFormat, error) {
	if format.Type != spec.FormatJSON {
		return "", fault.New(fault.User, fault.Place{}, "format %q is not JSON", format.Type)
	}
	timestamps := format.Timestamps
	switch timestamps {
	case spec.TimestampRFC3339, spec.TimestampSQL, spec.TimestampMillis:
	case "":
		timestamps = spec.TimestampRFC3339
	default:
		return "", fault.New(fault.User, fault.Place{}, "unknown timestamp format %q", timestamps).
			Do("use %s, %s or %s", spec.TimestampRFC3339, spec.TimestampSQL, spec.TimestampMillis)
	}
	names := make(map[string]bool, len(schema.Columns))
	for _, c := range schema.Columns {
		switch c.Kind {
		case types.Boolean, types.Int, types.BigInt, types.Double, types.String, types.Bytes, types.Date, types.Timestamp:
		case types.Invalid, types.Null, types.Interval:
			return "", fault.New(fault.User, fault.Place{}, "column %q: JSON holds no %s", c.Name, c.Kind)
		default:
			return "", fault.New(fault.Bug, fault.Place{}, "column %q of an unknown type", c.Name)
		}
		if names[c.Name] {
			return "", fault.New(fault.User, fault.Place{}, "column %q is named twice", c.Name)
		}
		names[c.Name] = true
	}
	return timestamps, nil
}

// Decode appends the row of one record.
func (d *Decoder) Decode(value []byte, dst *batch.Batch) error {
	if len(dst.Columns) != len(d.columns) {
		return fault.New(fault.Bug, fault.Place{}, "a batch of %d columns for a schema of %d", len(dst.Columns), len(d.columns))
	}
	rows := 0
	if len(dst.Columns) > 0 {
		rows = dst.Columns[0].Len()
	}
	for i, c := range d.varied {
		d.data[i] = len(dst.Columns[c].Data)
	}
	d.record++
	missing, err := d.object(value, dst)
	if err != nil {
		d.undo(dst, rows)
		return err
	}
	if missing > 0 {
		for i := range d.columns {
			if d.seen[i] != d.record {
				dst.Columns[i].AppendNull()
			}
		}
	}
	return nil
}

// undo takes the columns back to where they were before the record.
func (d *Decoder) undo(dst *batch.Batch, rows int) {
	for i := range dst.Columns {
		truncate(&dst.Columns[i], rows)
	}
	for i, c := range d.varied {
		dst.Columns[c].Data = dst.Columns[c].Data[:d.data[i]]
	}
}

// object reads members until it has all columns, and returns how many it has not.
func (d *Decoder) object(s []byte, dst *batch.Batch) (missing int, err error) {
	missing = len(d.columns)
	if missing == 0 {
		return 0, d.empty(s)
	}
	p, m := 0, d.shape.first
	for missing > 0 {
		if next := m.next; next.at(s, p) {
			m, p = next, p+len(next.token)
		} else if m, p, err = d.shape.step(m, s, p); m == nil || err != nil {
			return missing, err
		}
		if p < len(s) && s[p] <= ' ' {
			p = space(s, p)
		}
		if c := m.column; c < 0 || d.seen[c] == d.record {
			p, err = skipValue(s, p, maxDepth-1)
		} else {
			p, err = d.value(&d.columns[c], &dst.Columns[c], s, p)
			d.seen[c] = d.record
			missing--
		}
		if err != nil {
			return 0, err
		}
	}
	p = space(s, p)
	switch {
	case p < len(s) && s[p] == ',':
		return 0, closes(s)
	case p < len(s) && s[p] == '}':
		return 0, atEnd(s, p+1)
	default:
		return 0, malformed(s, p, "',' or '}'")
	}
}

// empty looks at a record of which no column is read.
func (d *Decoder) empty(s []byte) error {
	m, _, err := d.shape.step(d.shape.first, s, 0)
	if m == nil || err != nil {
		return err
	}
	return closes(s)
}

// value appends the value at p to its column.
func (d *Decoder) value(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	if p == len(s) {
		return p, malformed(s, p, "a value")
	}
	if s[p] == 'n' {
		v.AppendNull()
		return literal(s, p, "null")
	}
	switch c.Kind {
	case types.BigInt, types.Int:
		return d.integer(c, v, s, p)
	case types.Double:
		return d.double(c, v, s, p)
	case types.String:
		return appendString(c, v, s, p)
	case types.Timestamp:
		if d.timestamps == spec.TimestampMillis {
			return d.millis(c, v, s, p)
		}
		return d.timestamp(c, v, s, p)
	case types.Date:
		return d.date(c, v, s, p)
	case types.Bytes:
		return d.bytes(c, v, s, p)
	case types.Boolean:
		return boolean(c, v, s, p)
	case types.Invalid, types.Null, types.Interval:
		return p, mismatch(c, s, p)
	default:
		return p, mismatch(c, s, p)
	}
}

func boolean(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	switch s[p] {
	case 't':
		v.AppendBool(true)
		return literal(s, p, "true")
	case 'f':
		v.AppendBool(false)
		return literal(s, p, "false")
	default:
		return p, mismatch(c, s, p)
	}
}

// truncate takes a vector back to its first rows; Data is left as it is.
func truncate(v *batch.Vector, rows int) {
	switch v.Kind.Storage() {
	case types.StoreBool:
		v.Bool = v.Bool[:rows]
	case types.StoreInt64:
		v.Int64 = v.Int64[:rows]
	case types.StoreFloat64:
		v.Float64 = v.Float64[:rows]
	case types.StoreBytes:
		v.Views = v.Views[:rows]
	case types.StoreNone:
	}
	if v.Null != nil {
		v.Null = v.Null[:rows]
	}
}
