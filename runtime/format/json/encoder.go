package json

import (
	"bytes"
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// Encoder writes rows as JSON objects. It is a format.Encoder.
type Encoder struct {
	columns    []types.Column
	timestamps spec.TimestampFormat
	prefixes   []prefix
	// room is what a row may take without its byte strings, which varied lists.
	room   int
	varied []int
	// day and dayText are the date that was written last.
	day     int64
	dayText []byte
}

// maxValueBytes is what a value of a fixed size may take: a DOUBLE or a time with its quotes.
const maxValueBytes = 40

// NewEncoder returns an encoder of batches whose columns are those of schema.
func NewEncoder(format spec.Format, schema types.Schema) (*Encoder, error) {
	timestamps, err := checkFormat(format, schema)
	if err != nil {
		return nil, err
	}
	e := &Encoder{columns: schema.Columns, timestamps: timestamps, room: 2}
	for i, c := range schema.Columns {
		text := []byte{','}
		if i == 0 {
			text[0] = '{'
		}
		text, ok := quote(text, []byte(c.Name))
		if !ok {
			return nil, fault.New(fault.User, fault.Place{}, "column %q: its name is not valid UTF-8", c.Name)
		}
		p := newPrefix(append(text, ':'))
		e.prefixes = append(e.prefixes, p)
		e.room += p.room() + maxValueBytes
		if c.Kind.Storage() == types.StoreBytes {
			e.varied = append(e.varied, i)
		}
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
	room := e.room
	for _, c := range e.varied {
		if v := &b.Columns[c]; !v.IsNull(row) {
			room += int(v.Views[row].Length)
		}
	}
	out := slices.Grow(dst, room)
	out = out[:cap(out)] // written by index; only what needs escapes, base64 or a format of its own is appended
	n := len(dst)
	for i := range e.columns {
		n = e.prefixes[i].put(out, n)
		v, kind := &b.Columns[i], e.columns[i].Kind
		switch {
		case v.IsNull(row):
			n += copy(out[n:], "null")
			continue
		case kind == types.BigInt || kind == types.Int:
			n = putInteger(out, n, v.Int64[row])
			continue
		case kind == types.Timestamp && e.timestamps == spec.TimestampMillis && v.Int64[row]%1000 == 0:
			n = putInteger(out, n, v.Int64[row]/1000)
			continue
		case kind == types.String:
			if end, ok := putPlain(out, n, v, row); ok {
				n = end
				continue
			}
		}
		grown, problem := e.value(out[:n], kind, v, row)
		if problem != "" {
			return dst, unfit(&e.columns[i], problem)
		}
		n = len(grown)
		out = slices.Grow(grown, room)
		out = out[:cap(out)]
	}
	out[n] = '}'
	return out[:n+1], nil
}

// putPlain writes a string that needs no escapes.
func putPlain(out []byte, n int, v *batch.Vector, row int) (end int, ok bool) {
	w := v.Views[row]
	at, size := int(w.Offset), int(w.Length)
	text := v.Data[at : at+size]
	escapes, beyond := marksOf(v.Data, at, size)
	if escapes != 0 || bytes.IndexByte(text, '"') >= 0 || beyond != 0 && !utf8.Valid(text) {
		return n, false
	}
	out[n] = '"'
	n += 1 + copy(out[n+1:], text)
	out[n] = '"'
	return n + 1, true
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

// appendDecimal writes the shortest number that reads back as x, if it has at most six digits behind the point and few
// enough before it: no two decimals of up to 15 digits are the same DOUBLE, so that the one that is x is the shortest.
func appendDecimal(out []byte, x float64) (grown []byte, ok bool) {
	const scale, least, most = 1e6, 1e-6, 1e9
	a := math.Abs(x)
	scaled := math.RoundToEven(a * scale)
	if !(a >= least && a < most) || scaled/scale != a {
		return out, false
	}
	if x < 0 {
		out = append(out, '-')
	}
	whole, fraction := uint64(scaled)/scale, int(uint64(scaled)%scale)
	out = strconv.AppendUint(out, whole, 10)
	if fraction != 0 {
		out = appendFraction(append(out, '.'), fraction, scale/10)
	}
	return out, true
}

// appendDouble writes the shortest number that reads back as x, with an exponent where it would be long without.
func appendDouble(out []byte, x float64) (grown []byte, problem string) {
	if out, ok := appendDecimal(out, x); ok {
		return out, ""
	}
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
