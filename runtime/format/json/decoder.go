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
	byName     map[string]int

	// shape is what the last records looked like: the i-th member's name and column.
	shape []member
	// seen holds, for each column, the number of the last record that had it; record is the current one's.
	seen   []uint64
	record uint64
	// marks are the lengths of the columns before the record.
	marks []mark

	name  []byte
	pow10 [23]float64
}

// mark is where a vector stood before a record.
type mark struct{ rows, data int }

// NewDecoder returns a decoder of the columns of schema, which need not be all that the records hold.
func NewDecoder(format spec.Format, schema types.Schema) (*Decoder, error) {
	timestamps, err := checkFormat(format, schema)
	if err != nil {
		return nil, err
	}
	d := &Decoder{
		columns:    schema.Columns,
		timestamps: timestamps,
		byName:     make(map[string]int, len(schema.Columns)),
		seen:       make([]uint64, len(schema.Columns)),
		marks:      make([]mark, len(schema.Columns)),
	}
	for i, c := range schema.Columns {
		d.byName[c.Name] = i
	}
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
	for i := range dst.Columns {
		v := &dst.Columns[i]
		d.marks[i] = mark{v.Len(), len(v.Data)}
	}
	d.record++
	missing, err := d.object(value, dst)
	if err != nil {
		for i := range dst.Columns {
			truncate(&dst.Columns[i], d.marks[i])
		}
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

// object reads members until it has all columns, and returns how many it has not.
func (d *Decoder) object(s []byte, dst *batch.Batch) (missing int, err error) {
	missing = len(d.columns)
	p := space(s, 0)
	if p == len(s) || s[p] != '{' {
		return 0, malformed(s, p, "a JSON object")
	}
	p = space(s, p+1)
	if p < len(s) && s[p] == '}' {
		return missing, atEnd(s, p+1)
	}
	for n := 0; missing > 0; n++ {
		var column int
		if column, p, err = d.member(s, p, n); err != nil {
			return 0, err
		}
		if column < 0 || d.seen[column] == d.record {
			p, err = skipValue(s, p, maxDepth-1)
		} else {
			p, err = d.value(&d.columns[column], &dst.Columns[column], s, p)
			d.seen[column] = d.record
			missing--
		}
		if err != nil {
			return 0, err
		}
		p = space(s, p)
		switch {
		case p < len(s) && s[p] == ',':
			p = space(s, p+1)
		case p < len(s) && s[p] == '}':
			return missing, atEnd(s, p+1)
		default:
			return 0, malformed(s, p, "',' or '}'")
		}
	}
	return 0, closes(s)
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

// truncate takes a vector back to a mark.
func truncate(v *batch.Vector, m mark) {
	switch v.Kind.Storage() {
	case types.StoreBool:
		v.Bool = v.Bool[:m.rows]
	case types.StoreInt64:
		v.Int64 = v.Int64[:m.rows]
	case types.StoreFloat64:
		v.Float64 = v.Float64[:m.rows]
	case types.StoreBytes:
		v.Views, v.Data = v.Views[:m.rows], v.Data[:m.data]
	case types.StoreNone:
	}
	if v.Null != nil {
		v.Null = v.Null[:m.rows]
	}
}
