package json_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/format/json"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// schemaOf reads "name TYPE, name TYPE".
func schemaOf(tb testing.TB, text string) (schema types.Schema) {
	tb.Helper()
	for part := range strings.SplitSeq(text, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(part), " ")
		k, ok := types.KindByName(kind)
		if !ok {
			tb.Fatalf("unknown type %q", kind)
		}
		schema.Columns = append(schema.Columns, types.Column{Name: name, Kind: k})
	}
	return schema
}

func newDecoder(tb testing.TB, timestamps spec.TimestampFormat, schema types.Schema) (*json.Decoder, *batch.Batch) {
	tb.Helper()
	d, err := json.NewDecoder(spec.Format{Type: spec.FormatJSON, Timestamps: timestamps}, schema)
	if err != nil {
		tb.Fatal(err)
	}
	b := &batch.Batch{}
	b.Reset(schema.Kinds())
	return d, b
}

// rowText prints a row for people.
func rowText(schema types.Schema, b *batch.Batch, row int) string {
	cells := make([]string, len(schema.Columns))
	for i := range schema.Columns {
		v := &b.Columns[i]
		switch {
		case v.IsNull(row):
			cells[i] = "NULL"
		case v.Kind.Storage() == types.StoreBool:
			cells[i] = strconv.FormatBool(v.Bool[row])
		case v.Kind.Storage() == types.StoreFloat64:
			cells[i] = strconv.FormatFloat(v.Float64[row], 'g', -1, 64)
		case v.Kind.Storage() == types.StoreBytes:
			cells[i] = strconv.QuoteToASCII(string(v.Bytes(row)))
		default:
			cells[i] = strconv.FormatInt(v.Int64[row], 10)
		}
	}
	return strings.Join(cells, " ")
}

// TestRecords decodes the lines of each case, one after the other into one batch, and encodes what they gave.
func TestRecords(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Helper()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			var timestamps string
			d.MaybeScanArgs(t, "timestamps", &timestamps)
			schema := schemaOf(t, strings.ReplaceAll(strings.Join(d.CmdArgs[0].Vals, ","), ":", " "))
			dec, b := newDecoder(t, spec.TimestampFormat(timestamps), schema)
			enc, err := json.NewEncoder(spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampFormat(timestamps)}, schema)
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			for line := range strings.SplitSeq(d.Input, "\n") {
				if err := dec.Decode([]byte(line), b); err != nil {
					fmt.Fprintf(&out, "%v: %v\n", fault.KindOf(err), err)
					continue
				}
				b.Length++
				out.WriteString(rowText(schema, b, b.Length-1))
				if d.Cmd == "both" {
					text, err := enc.Encode(nil, b, b.Length-1)
					fmt.Fprintf(&out, "  %s", text)
					if err != nil {
						fmt.Fprintf(&out, "%v", err)
					}
				}
				out.WriteByte('\n')
			}
			for i := range b.Columns {
				if n := b.Columns[i].Len(); n != b.Length {
					t.Errorf("column %d has %d values after %d rows", i, n, b.Length)
				}
			}
			return out.String()
		})
	})
}

func TestWhatJSONCannotHoldIsRefusedWhenItIsAskedFor(t *testing.T) {
	ok := spec.Format{Type: spec.FormatJSON}
	cases := map[string]struct {
		format spec.Format
		schema types.Schema
		want   string
	}{
		"another format":             {spec.Format{Type: "CSV"}, types.Schema{}, `format "CSV" is not JSON`},
		"an unknown timestamp":       {spec.Format{Type: spec.FormatJSON, Timestamps: "Julian"}, types.Schema{}, `unknown timestamp format "Julian"; use RFC3339, SQL or EpochMillis`},
		"an interval":                {ok, schemaOf(t, "i INTERVAL"), `column "i": JSON holds no INTERVAL`},
		"a column that stands twice": {ok, schemaOf(t, "a INT, a INT"), `column "a" is named twice`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := json.NewDecoder(c.format, c.schema)
			if err == nil || err.Error() != c.want {
				t.Errorf("decoder: got %v, want %s", err, c.want)
			}
			if _, err = json.NewEncoder(c.format, c.schema); err == nil || err.Error() != c.want {
				t.Errorf("encoder: got %v, want %s", err, c.want)
			}
		})
	}
}

func TestDecodeAndEncodeAllocateNothing(t *testing.T) {
	schema := schemaOf(t, "auction BIGINT, price DOUBLE, url STRING, dateTime TIMESTAMP, extra STRING")
	d, b := newDecoder(t, "", schema)
	record := []byte(`{"auction":1007,"bidder":2001,"price":17.25e3,"channel":"Google","url":"https://x\/y","dateTime":"2024-01-01T00:00:00.5Z","extra":"é\n"}`)
	enc, err := json.NewEncoder(spec.Format{Type: spec.FormatJSON}, schema)
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	round := func() {
		b.Reset(schema.Kinds())
		for range 100 {
			if err := d.Decode(record, b); err != nil {
				t.Fatal(err)
			}
		}
		for row := range 100 {
			if out, err = enc.Encode(out[:0], b, row); err != nil {
				t.Fatal(err)
			}
		}
	}
	round()
	if n := testing.AllocsPerRun(10, round); n != 0 {
		t.Errorf("%v allocations for 100 rows, want 0", n)
	}
}

func TestNestingIsBounded(t *testing.T) {
	for depth, want := range map[int]bool{127: true, 128: false} {
		d, b := newDecoder(t, "", schemaOf(t, "a INT"))
		record := `{"x":` + strings.Repeat("[", depth) + strings.Repeat("]", depth) + `,"a":1}`
		if err := d.Decode([]byte(record), b); (err == nil) != want {
			t.Errorf("%d levels below the record: %v", depth, err)
		}
	}
}
