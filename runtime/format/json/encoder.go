package json

import (
	"encoding/base64"
	"math"
	"strconv"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Encoder writes rows as JSON objects. It is a format.Encoder.
type Encoder struct {
	columns    []types.Column
	timestamps spec.TimestampFormat
	// prefixes are what stands before each value: brace or comma, name and colon.
	prefixes [][]byte
}

// NewEncoder returns an encoder of batches whose columns are those of schema.
func NewEncoder(format spec.Format, schema types.Schema) (*Encoder, error) {
	timestamps, err := checkFormat(format, schema)
	if err != nil {
		return nil, err
	}
	e := &Encoder{columns: schema.Columns, timestamps: timestamps}
	for i, c := range schema.Columns {
		prefix := []byte{','}
		if i == 0 {
			prefix[0] = '{'
		}
		prefix, ok := quote(prefix, []byte(c.Name))
		if !ok {
			return nil, fault.New(fault.User, fault.Place{}, "column %q: its name is not valid UTF-8", c.Name)
		}
		e.prefixes = append(e.prefixes, append(prefix, ':'))
	}
	return e, nil
}

// Encode appends one row.
func (e *Encoder) Encode(dst []byte, b *batch.Batch, row int) ([]byte, error) {
	if len(b.Columns) != len(e.columns) {
		return dst, fault.New(fault.Bug, fault.Place{}, "a batch of %d columns for a schema of %d", len(b.Columns), len(e.columns))
	}
	if len(e.columns) == 0 {
		return append(dst, '{', '}'), nil
	}
	out := dst
	for i := range e.columns {
		out = append(out, e.prefixes[i]...)
		v := &b.Columns[i]
		if v.IsNull(row) {
			out = append(out, "null"...)
			continue
		}
		var problem string
		if out, problem = e.value(out, e.columns[i].Kind, v, row); problem != "" {
			return dst, unfit(&e.columns[i], problem)
		}
	}
	return append(out, '}'), nil
}

func (e *Encoder) value(out []byte, kind types.Kind, v *batch.Vector, row int) (grown []byte, problem string) {
	switch kind {
	case types.Boolean:
		return strconv.AppendBool(out, v.Bool[row]), ""
	case types.Int, types.BigInt:
		return strconv.AppendInt(out, v.Int64[row], 10), ""
	case types.Double:
		return appendDouble(out, v.Float64[row])
	case types.String:
		out, ok := quote(out, v.Bytes(row))
		if !ok {
			return out, "a string that is not valid UTF-8"
		}
		return out, ""
	case types.Bytes:
		return append(base64.StdEncoding.AppendEncode(append(out, '"'), v.Bytes(row)), '"'), ""
	case types.Date:
		out, ok := appendDate(append(out, '"'), v.Int64[row])
		if !ok {
			return out, "a date beyond the years 0 to 9999"
		}
		return append(out, '"'), ""
	case types.Timestamp:
		return e.timestamp(out, v.Int64[row])
	case types.Invalid, types.Null, types.Interval:
		return out, "JSON holds no " + kind.String()
	default:
		return out, "JSON holds no " + kind.String()
	}
}

// appendDouble writes the shortest number that reads back as x, with an exponent where it would be long without.
func appendDouble(out []byte, x float64) (grown []byte, problem string) {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return out, "JSON holds neither NaN nor infinity"
	}
	if a := math.Abs(x); a != 0 && (a < 1e-6 || a >= 1e21) {
		out = strconv.AppendFloat(out, x, 'e', -1, 64)
		if n := len(out); out[n-4] == 'e' && out[n-2] == '0' { // e-07
			out[n-2] = out[n-1]
			out = out[:n-1]
		}
		return out, ""
	}
	return strconv.AppendFloat(out, x, 'f', -1, 64), ""
}

// quote writes text as a string; only what must be escaped is. Text that is not UTF-8 is not written.
func quote(out, text []byte) (grown []byte, ok bool) {
	const hex = "0123456789abcdef"
	out = append(out, '"')
	for p := 0; p < len(text); {
		end := notPlain(text, p)
		out = append(out, text[p:end]...)
		if p = end; p == len(text) {
			break
		}
		switch c := text[p]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
			p++
		case c == '\n':
			out = append(out, '\\', 'n')
			p++
		case c == '\r':
			out = append(out, '\\', 'r')
			p++
		case c == '\t':
			out = append(out, '\\', 't')
			p++
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			p++
		default:
			size := runeSize(text[p:])
			if size == 0 {
				return out, false
			}
			out = append(out, text[p:p+size]...)
			p += size
		}
	}
	return append(out, '"'), true
}
