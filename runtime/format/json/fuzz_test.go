package json_test

import (
	stdjson "encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// FuzzDecode compares with encoding/json on what that accepts: what is a row, and with which values.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"i":12,"d":1.5e3,"s":"x\u0041é","b":true}`, `{"s":"\ud83d\ude00","x":[1,{"y":null}]}`, `{"i":1e2,"i":3}`, `{"d":123456789012345678901}`,
		`[]`, ` {} `, `{"i":-9223372036854775808,"b":null}`, `{"t":"2013-01-01T00:00:00Z"}`, `{"x":"`,
	} {
		f.Add(seed)
	}
	schema := types.Schema{Columns: []types.Column{
		{Name: "i", Kind: types.BigInt}, {Name: "d", Kind: types.Double}, {Name: "s", Kind: types.String}, {Name: "b", Kind: types.Boolean}, {Name: "never", Kind: types.Int},
	}}
	f.Fuzz(func(t *testing.T, record string) {
		d, b := newDecoder(t, spec.TimestampRFC3339, schema)
		err := d.Decode([]byte(record), b)
		for i := range b.Columns {
			if n := b.Columns[i].Len(); n != 0 && err != nil || n != 1 && err == nil {
				t.Fatalf("column %d has %d values, error %v", i, n, err)
			}
		}
		if err != nil && fault.KindOf(err) != fault.Data {
			t.Fatalf("kind %v: %v", fault.KindOf(err), err)
		}
		if !inScope(record) {
			return
		}
		if again := d.Decode([]byte(record), b); (again == nil) != (err == nil) {
			t.Fatalf("first %v, by the learnt shape %v", err, again)
		}
		want, ok, comparableHere := expected(record)
		if !comparableHere {
			return
		}
		if ok != (err == nil) {
			t.Fatalf("%q: accepted %v, want %v: %v", record, err == nil, ok, err)
		}
		for row := range b.Columns[0].Len() { // the second row was read by the learnt shape
			if got := rowText(schema, b, row); got != want {
				t.Fatalf("%q: got %s for row %d, want %s", record, got, row, want)
			}
		}
	})
}

// inScope says whether encoding/json is an oracle for a record: it is valid, and nested less than is allowed.
func inScope(record string) bool {
	return stdjson.Valid([]byte(record)) && utf8.ValidString(record) && strings.Count(record, "[")+strings.Count(record, "{") <= 100
}

// expected is the row that encoding/json sees in a valid text; comparableHere is false where it differs by intent.
func expected(record string) (row string, ok, comparableHere bool) {
	members, isObject := firstMembers(record)
	if !isObject {
		return "", false, true
	}
	cells := []string{"NULL", "NULL", "NULL", "NULL", "NULL"}
	for i, name := range []string{"i", "d", "s", "b", "never"} {
		raw, found := members[name]
		if !found || string(raw) == "null" {
			continue
		}
		cell, fine := cellOf(name, raw)
		if strings.Contains(cell, `\ufffd`) {
			return "", false, false
		}
		if !fine {
			return "", false, true
		}
		cells[i] = cell
	}
	return strings.Join(cells, " "), true, true
}

// firstMembers returns the first member of each name.
func firstMembers(record string) (map[string]stdjson.RawMessage, bool) {
	dec := stdjson.NewDecoder(strings.NewReader(record))
	if tok, err := dec.Token(); err != nil || tok != stdjson.Delim('{') {
		return nil, false
	}
	members := map[string]stdjson.RawMessage{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, false
		}
		var raw stdjson.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return nil, false
		}
		if _, twice := members[name.(string)]; !twice {
			members[name.(string)] = raw
		}
	}
	return members, true
}

func cellOf(name string, raw stdjson.RawMessage) (cell string, ok bool) {
	schema := types.Schema{Columns: []types.Column{{Name: "x", Kind: types.BigInt}}}
	b := newBatch(schema)
	switch name {
	case "s":
		var s string
		if stdjson.Unmarshal(raw, &s) != nil {
			return "", false
		}
		schema.Columns[0].Kind = types.String
		b = newBatch(schema)
		b.Columns[0].AppendBytes([]byte(s))
	case "b":
		return string(raw), string(raw) == "true" || string(raw) == "false"
	case "d":
		var x float64
		if stdjson.Unmarshal(raw, &x) != nil || math.IsInf(x, 0) {
			return "", false
		}
		schema.Columns[0].Kind = types.Double
		b = newBatch(schema)
		b.Columns[0].AppendFloat64(x)
	default:
		if strings.ContainsAny(string(raw), "eE") && len(raw) > 6 {
			return `\ufffd`, false // big.Rat would compute with exponents of any size
		}
		x, ok := integerOf(raw)
		if !ok || name == "never" && x != int64(int32(x)) {
			return "", false
		}
		b.Columns[0].AppendInt64(x)
	}
	return rowText(schema, b, 0), true
}

// integerOf returns the value of a number that is an integer of 64 bits.
func integerOf(raw []byte) (int64, bool) {
	x, ok := new(big.Rat).SetString(string(raw))
	if !ok || raw[0] == '"' || !x.IsInt() || !x.Num().IsInt64() {
		return 0, false
	}
	return x.Num().Int64(), true
}

// FuzzText writes any text and reads it back, with this encoder and encoding/json.
func FuzzText(f *testing.F) {
	for _, seed := range []string{"", "plain", "quote\" back\\ \n\t\x00\x1f", "é語😀", "\xff"} {
		f.Add(seed)
	}
	schema := types.Schema{Columns: []types.Column{{Name: "s", Kind: types.String}}}
	f.Fuzz(func(t *testing.T, text string) {
		b := newBatch(schema)
		b.Columns[0].AppendBytes([]byte(text))
		out, err := newEncoder(t, schema).Encode(nil, b, 0)
		if (err == nil) != utf8.ValidString(text) {
			t.Fatalf("%q: %v", text, err)
		}
		if err != nil {
			return
		}
		var std struct{ S string }
		if err := stdjson.Unmarshal(out, &std); err != nil || std.S != text {
			t.Fatalf("%q became %s, read as %q: %v", text, out, std.S, err)
		}
		d, back := newDecoder(t, spec.TimestampRFC3339, schema)
		if err := d.Decode(out, back); err != nil || string(back.Columns[0].Bytes(0)) != text {
			t.Fatalf("%q became %s: %v", text, out, err)
		}
	})
}
