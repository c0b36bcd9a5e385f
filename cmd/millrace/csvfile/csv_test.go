package csvfile_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/millrace/millrace/cmd/millrace/csvfile"
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

var every = types.Schema{Columns: []types.Column{
	{Name: "flag", Kind: types.Boolean},
	{Name: "small", Kind: types.Int},
	{Name: "big", Kind: types.BigInt},
	{Name: "ratio", Kind: types.Double},
	{Name: "name", Kind: types.String},
	{Name: "raw", Kind: types.Bytes},
	{Name: "day", Kind: types.Date},
	{Name: "at", Kind: types.Timestamp},
}}

// read returns the rows of a text, written again, or the error that ends it.
func read(t *testing.T, text string, schema types.Schema, timestamps spec.TimestampFormat) (string, error) {
	t.Helper()
	r, err := csvfile.NewReader(strings.NewReader(text), "t.csv", schema, timestamps)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	w := csvfile.NewWriter(&out, schema)
	for {
		b := &batch.Batch{}
		b.Reset(schema.Kinds())
		err := r.Next(b)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return out.String(), err
		}
		if err := w.Write(b, 0); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String(), nil
}

func TestRowsAreReadAndWritten(t *testing.T) {
	header := "flag,small,big,ratio,name,raw,day,at\n"
	two := types.Schema{Columns: []types.Column{{Name: "a", Kind: types.BigInt}, {Name: "b", Kind: types.String}}}
	one := types.Schema{Columns: two.Columns[1:]}
	cases := map[string]struct {
		schema     types.Schema
		text, want string // want is text where it is empty
		millis     bool
	}{
		"every type":                   {every, header + "true,-7,9007199254740993,0.1,x,AAH/,2013-01-31,2013-01-31 05:15:00.25\n", "", false},
		"the ends of the ranges":       {every, header + "false,-2147483648,-9223372036854775808,5e-324,é,,0001-01-01,1969-12-31 23:59:59.999999\n", "", false},
		"NULL everywhere":              {every, header + ",,,,,,,\n", "", false},
		"empty strings are not NULL":   {every, header + `,,,,"","",,` + "\n", "", false},
		"what needs quotes":            {two, "a,b\n1,\"a,\"\"b\"\"\nc\r\"\n", "", false},
		"columns in any order":         {two, "b,c,a\nx,y,1\n", "a,b\n1,x\n", false},
		"a column that is not there":   {two, "b\nx\n", "a,b\n,x\n", false},
		"everything quoted":            {two, "\"a\",\"b\"\r\n\"1\",\"x\"\r\n\"\",\"\"\r\n", "a,b\n1,x\n,\"\"\n", false},
		"a byte order mark":            {two, "\ufeffa,b\n1,x\n", "a,b\n1,x\n", false},
		"no line end behind the last":  {two, "a,b\n1,x\n2,", "a,b\n1,x\n2,\n", false},
		"empty lines are left out":     {two, "\n\na,b\n\n1,x\n\n", "a,b\n1,x\n", false},
		"one column, a row of NULL":    {one, "b\nx\n\n\"\"\n", "", false},
		"no rows":                      {two, "a,b\n", "", false},
		"blanks around numbers":        {two, "a,b\n 1 , x \n", "a,b\n1, x \n", false},
		"times with offsets":           {every, "at\n2013-01-31T05:15:00+02:00\n2013-01-31 05:15:00-01:00\n2013-01-31T05:15Z\n", header + ",,,,,,,2013-01-31 03:15:00\n,,,,,,,2013-01-31 06:15:00\n,,,,,,,2013-01-31 05:15:00\n", false},
		"milliseconds, where declared": {every, "at\n1359609300250\n2013-01-31T05:15:00Z\n", header + ",,,,,,,2013-01-31 05:15:00.25\n,,,,,,,2013-01-31 05:15:00\n", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			format := spec.TimestampRFC3339
			if c.millis {
				format = spec.TimestampMillis
			}
			got, err := read(t, c.text, c.schema, format)
			if err != nil {
				t.Fatal(err)
			}
			want := c.want
			if want == "" {
				want = c.text
			}
			if got != want {
				t.Errorf("got\n%q, want\n%q", got, want)
			}
		})
	}
}

func TestTextThatIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"a word for a number":         {"small,name\n1,x\n2x,y\n", `t.csv:3:1: column "small": expected INT, found "2x"`},
		"the place of a later field":  {"name,small\n\"é\n,\",1.5\n", `t.csv:3:4: column "small": expected INT, found "1.5"`},
		"a number beyond its type":    {"small\n2147483648\n", `t.csv:2:1: column "small": expected INT, found "2147483648"`},
		"half a truth":                {"flag\nmaybe\n", `t.csv:2:1: column "flag": expected true or false, found "maybe"`},
		"a day that is none":          {"day\n2013-02-29\n", `t.csv:2:1: column "day": expected a date such as 2013-01-31, found "2013-02-29"`},
		"nanoseconds":                 {"at\n2013-01-31T05:15:00.123456789Z\n", `t.csv:2:1: column "at": expected a time such as 2013-01-31T05:15:00Z, up to microseconds`},
		"bytes that are not base64":   {"raw\n%\n", `t.csv:2:1: column "raw": expected base64, found "%"`},
		"a field too many":            {"small,name\n1,x,y\n", "t.csv:2:1: the row has 3 fields, the first line 2"},
		"a quote inside a field":      {"small,name\n1,x\"y\n", "t.csv:2:4: not CSV: a quote inside a field"},
		"text behind a closing quote": {"small,name\n1,\"x\"y\n", "t.csv:2:6: not CSV: text behind a closing quote"},
		"a quote that is not closed":  {"small,name\n1,\"x\n2,y\n", "t.csv:2:3: not CSV: a quoted field is not closed"},
		"a row without an end":        {"small,name\n1,\"" + strings.Repeat("x", 1<<20), "a row is longer than 1048576 bytes; look for a quote that is not closed"},
		"no header":                   {"1,x\n2,y\n", "t.csv:1:1: the first line names no column of the table; the columns are flag, small, big"},
		"a column named twice":        {"name,small,name\n", `t.csv:1:12: column "name" is named twice`},
		"nothing":                     {"", "t.csv:1:1: the file is empty; its first line names the columns"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(t, c.text, every, spec.TimestampRFC3339)
			if fault.KindOf(err) != fault.User || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestInfinitiesAreText(t *testing.T) {
	var out bytes.Buffer
	schema := types.Schema{Columns: []types.Column{{Name: "x", Kind: types.Double}}}
	w := csvfile.NewWriter(&out, schema)
	b := &batch.Batch{}
	b.Reset(schema.Kinds())
	b.Columns[0].AppendFloat64(math.Inf(-1))
	if err := errors.Join(w.Write(b, 0), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != "x\n-Infinity\n" {
		t.Errorf("got %q", got)
	}
}

// What the standard library takes for CSV is read the same here.
func FuzzAgainstTheStandardLibrary(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\"a\"\"\",b\r\n\"x\ny\",\n", "a\n\n\"\"\n", "a,b\nx\"y,1\n", "\r\n\r,a\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "\r") || strings.HasPrefix(text, "\ufeff") || len(text) > 1<<16 {
			return // the library drops carriage returns inside quotes, and keeps byte order marks
		}
		want, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || len(want) < 1 || len(want[0]) < 2 {
			return
		}
		schema := types.Schema{}
		for _, n := range want[0] {
			if schema.Index(n) >= 0 || n == "" {
				return
			}
			schema.Columns = append(schema.Columns, types.Column{Name: n, Kind: types.String})
		}
		compare(t, text, schema, want[1:])
	})
}

// compare fails unless the text has these rows of strings.
func compare(t *testing.T, text string, schema types.Schema, want [][]string) {
	t.Helper()
	r, err := csvfile.NewReader(strings.NewReader(text), "t.csv", schema, "")
	if err != nil {
		t.Fatal(err)
	}
	b := &batch.Batch{}
	for _, row := range want {
		b.Reset(schema.Kinds())
		if err := r.Next(b); err != nil {
			t.Fatal(err)
		}
		for i, field := range row {
			if got := string(b.Columns[i].Bytes(0)); got != field {
				t.Fatalf("line %d: got %q, want %q", r.Line(), got, field)
			}
		}
	}
	b.Reset(schema.Kinds())
	if err := r.Next(b); !errors.Is(err, io.EOF) {
		t.Fatalf("behind the last row: %v", err)
	}
}
