package inquiry_test

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/exchange"
	"github.com/millrace/millrace/runtime/inquiry"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

func keyed(kinds ...types.Kind) inquiry.Operator {
	o := inquiry.Operator{ID: "op", StageName: "stage", Kind: inquiry.KindAggregate, Partitions: 64}
	for i, k := range kinds {
		o.Keys = append(o.Keys, types.Column{Name: strings.Repeat("<k>\"", i) + "a&b", Kind: k})
	}
	return o
}

func TestAKeyIsReadAndWrittenAsItsValues(t *testing.T) {
	s, l, d := types.String, types.BigInt, types.Double
	cases := map[string]struct {
		kinds []types.Kind
		text  string
		want  string // the key as an answer shows it; else the error's end
		bad   bool
	}{
		"a string alone":               {[]types.Kind{s}, "a/b %25 \"q\"", `["a/b %25 \"q\""]`, false},
		"a string that is empty":       {[]types.Kind{s}, `[""]`, `[""]`, false},
		"a string that says null":      {[]types.Kind{s}, `null`, `["null"]`, false},
		"a string with a bracket":      {[]types.Kind{s}, `["[x"]`, `["[x"]`, false},
		"NULL":                         {[]types.Kind{s}, `[null]`, `[null]`, false},
		"an integer alone":             {[]types.Kind{l}, "-42", `[-42]`, false},
		"an integer with blanks":       {[]types.Kind{l}, "[ 9007199254740993 ]", `[9007199254740993]`, false},
		"several":                      {[]types.Kind{s, l, types.Boolean}, `["x",null,true]`, `["x",null,true]`, false},
		"none":                         {nil, `[]`, `[]`, false},
		"a double":                     {[]types.Kind{d}, "1e3", `[1000]`, false},
		"a time alone":                 {[]types.Kind{types.Timestamp}, "2013-01-31T05:15:00.25Z", `["2013-01-31T05:15:00.25Z"]`, false},
		"a date":                       {[]types.Kind{types.Date}, `["2013-01-31"]`, `["2013-01-31"]`, false},
		"bytes":                        {[]types.Kind{types.Bytes}, "AAE=", `["AAE="]`, false},
		"an interval in microseconds":  {[]types.Kind{types.Interval}, "1500", `[1500]`, false},
		"a number for a string":        {[]types.Kind{s}, `[1]`, `column "a&b": expected STRING, found a number`, true},
		"a string for a number":        {[]types.Kind{l}, `["1"]`, `column "a&b": expected BIGINT, found a string`, true},
		"the second of two":            {[]types.Kind{s, l}, `["x","y"]`, `column "<k>\"a&b": expected BIGINT, found a string`, true},
		"beyond 32 bits":               {[]types.Kind{types.Int}, "3000000000", "INT", true},
		"too few":                      {[]types.Kind{s, l}, `["x"]`, `a JSON array of [a&b STRING, <k>"a&b BIGINT]`, true},
		"too many":                     {[]types.Kind{s}, `["x",1]`, `a JSON array of [a&b STRING]`, true},
		"one alone of two":             {[]types.Kind{s, l}, `x`, `a JSON array of [a&b STRING, <k>"a&b BIGINT]`, true},
		"no JSON":                      {[]types.Kind{s}, `["x"`, `unexpected end of JSON input`, true},
		"another member by the back":   {[]types.Kind{l}, `1,"x":2`, `the value is not JSON; expected BIGINT`, true},
		"a word for a number":          {[]types.Kind{l}, `abc`, `the value is not JSON; expected BIGINT`, true},
		"an array within":              {[]types.Kind{l}, `[[1]]`, `expected BIGINT, found an array`, true},
		"a day that is not":            {[]types.Kind{types.Date}, `2013-02-31`, "DATE", true},
		"more than a key may be":       {[]types.Kind{s}, strings.Repeat("x", inquiry.MaxKeyBytes+1), `8192 bytes`, true},
		"as much as a key may be":      {[]types.Kind{s}, `["` + strings.Repeat("x", inquiry.MaxKeyBytes-4) + `"]`, `["` + strings.Repeat("x", inquiry.MaxKeyBytes-4) + `"]`, false},
		"a string that is not UTF-8":   {[]types.Kind{s}, "\xff", "not UTF-8", true},
		"a string with control bytes":  {[]types.Kind{s}, "a\nb", `["a\nb"]`, false},
		"escapes in an array of JSON":  {[]types.Kind{s}, `["\u00e9\/"]`, `["é/"]`, false},
		"an object instead of a value": {[]types.Kind{s}, `[{"a":1}]`, `found an object`, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			o := keyed(c.kinds...)
			k, err := o.Key(c.text)
			if c.bad {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v, want %s", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s, err := o.State(k, operator.NewFound(nil))
			if err != nil || string(s.Key) != c.want || s.Windows == nil {
				t.Errorf("%s %v, want %s", s.Key, err, c.want)
			}
			again, err := o.Key(string(s.Key))
			if err != nil || again.Partition != k.Partition {
				t.Errorf("read again: %+v %v", again, err)
			}
		})
	}
}

// A key is looked for where rows of it go.
func TestAKeysPartitionIsThatOfItsRows(t *testing.T) {
	o := keyed(types.BigInt, types.String)
	rows := &batch.Batch{}
	rows.Reset([]types.Kind{types.Timestamp, types.String, types.BigInt})
	seen := map[int32]bool{}
	for n := range int64(200) {
		rows.Columns[0].AppendInt64(n)
		rows.Columns[1].AppendBytes([]byte("text " + string(rune('a'+n%26))))
		if n%5 == 0 {
			rows.Columns[2].AppendNull()
		} else {
			rows.Columns[2].AppendInt64(n * 1_000_003)
		}
		rows.Length++
		var number any
		if n%5 != 0 {
			number = n * 1_000_003
		}
		text, err := json.Marshal([]any{number, "text " + string(rune('a'+n%26))})
		if err != nil {
			t.Fatal(err)
		}
		k, err := o.Key(string(text))
		if err != nil {
			t.Fatal(err)
		}
		if want := exchange.NewPartitioner([]int{2, 1}, 64).Partition(rows, int(n)); k.Partition != want {
			t.Errorf("%s: partition %d, want %d", text, k.Partition, want)
		}
		seen[k.Partition] = true
	}
	if len(seen) < 32 {
		t.Errorf("only %d partitions", len(seen))
	}
}

func TestValuesThatJSONDoesNotHoldAreProblemsOfTheirWindow(t *testing.T) {
	o := keyed()
	o.Values = []types.Column{{Name: "n<1", Kind: types.BigInt}, {Name: "avg", Kind: types.Double}}
	f := operator.NewFound([]types.Kind{types.BigInt, types.Double})
	for n, x := range []float64{1.5, math.NaN()} {
		f.Window(int64(n)*10_000_000, int64(n+1)*10_000_000)
		f.Values.Columns[0].AppendInt64(int64(n))
		f.Values.Columns[1].AppendFloat64(x)
	}
	f.Window(-1, 1)
	f.Problem(errors.New("SUM overflows"))
	k, err := o.Key("[]")
	if err != nil {
		t.Fatal(err)
	}
	s, err := o.State(k, f)
	if err != nil {
		t.Fatal(err)
	}
	w := s.Windows
	if string(w[0].Values) != `{"n<1":0,"avg":1.5}` || w[0].Start != "1970-01-01T00:00:00Z" || w[0].End != "1970-01-01T00:00:10Z" || w[0].Problem != "" {
		t.Errorf("%+v", w[0])
	}
	if w[1].Values != nil || !strings.Contains(w[1].Problem, `column "avg": JSON holds neither NaN nor infinity`) {
		t.Errorf("%+v", w[1])
	}
	if w[2].Values != nil || w[2].Problem != "SUM overflows" || w[2].Start != "1969-12-31T23:59:59.999999Z" || w[2].End != "1970-01-01T00:00:00.000001Z" {
		t.Errorf("%+v", w[2])
	}
}

func TestOperatorsOfAPlan(t *testing.T) {
	columns := types.Schema{Columns: []types.Column{{Name: "at", Kind: types.Timestamp}, {Name: "k", Kind: types.String}, {Name: "n", Kind: types.BigInt}}}
	table := func(name string) spec.Table {
		return spec.Table{Name: name, Topic: name, Format: spec.Format{Type: spec.FormatJSON}, Schema: columns, EventTime: &spec.EventTime{Column: "at"}}
	}
	out := func(name string, columns ...types.Column) spec.Table {
		return spec.Table{Name: name, Topic: name, Format: spec.Format{Type: spec.FormatJSON}, Schema: types.Schema{Columns: columns}}
	}
	k, at := types.Column{Name: "k", Kind: types.String}, types.Column{Name: "e", Kind: types.Timestamp}
	c := types.Column{Name: "c", Kind: types.BigInt}
	plan, err := compile.Compile(spec.Job{
		Name: "job", MaxParallelism: 8, File: "sql", Tables: []spec.Table{table("in"), out("a", k, at, c), out("b", k, at, c), out("c", at, c), out("d", k)},
		SQL: `INSERT INTO a SELECT k, window_time AS e, COUNT(*) AS c FROM TUMBLE(TABLE "in", DESCRIPTOR(at), INTERVAL '1' MINUTE) GROUP BY window_time, k;
			INSERT INTO b SELECT k, window_end AS e, SUM(n) AS c FROM SESSION(TABLE "in" PARTITION BY k, DESCRIPTOR(at), INTERVAL '1' MINUTE) GROUP BY k, window_start, window_end;
			INSERT INTO c SELECT window_end AS e, MAX(n) AS c FROM HOP(TABLE "in", DESCRIPTOR(at), INTERVAL '1' SECOND, INTERVAL '1' MINUTE) GROUP BY window_end;
			INSERT INTO d SELECT k FROM "in";`,
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range inquiry.Operators(plan) {
		d := o.Describe()
		if d.ID != d.Stage || d.Partitions != 8 {
			t.Errorf("%+v", d)
		}
		d.ID, d.Stage = "", ""
		text, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(text))
	}
	want := []string{
		`{"id":"","stage":"","kind":"aggregate","partitions":8,"key":[{"name":"k","type":"STRING"}],"values":[{"name":"COUNT(*)","type":"BIGINT"}]}`,
		`{"id":"","stage":"","kind":"sessions","partitions":8,"key":[{"name":"k","type":"STRING"}],"values":[{"name":"SUM(n)","type":"BIGINT"}]}`,
		`{"id":"","stage":"","kind":"aggregate","partitions":8,"key":[],"values":[{"name":"MAX(n)","type":"BIGINT"}]}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
