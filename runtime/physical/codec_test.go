package physical_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
)

const text = `CREATE TABLE bids (price INT, channel STRING, ts TIMESTAMP(3), WATERMARK FOR ts AS ts);
CREATE TABLE out (k STRING, n BIGINT);
INSERT INTO out SELECT channel, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND)
WHERE price > 1 GROUP BY channel, window_start, window_end`

func plan(t *testing.T) *physical.Plan {
	t.Helper()
	p, err := compile.Compile(spec.Job{SQL: text, MaxParallelism: 8})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestDecodeRefusesWhatItDoesNotKnow(t *testing.T) {
	good, err := physical.Encode(plan(t))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		old, new, want string
	}{
		"a field that this version does not know": {`"maxParallelism"`, `"color":"red","maxParallelism"`, "unknown field"},
		"a newer format":             {`"format":2,"hash"`, `"format":3,"hash"`, "the plan is of format 3"},
		"no format":                  {`"format":2,"hash"`, `"hash"`, "the plan is of format 0"},
		"a changed predicate":        {`"int64":"1"`, `"int64":"2"`, "not what its hash says"},
		"a column that is not there": {`"index":0`, `"index":77`, "there is no column 77"},
		"two members of a union":     {`"filter":{`, `"assignWindow":{"time":0,"sizeMicros":1,"offsetMicros":0},"filter":{`, "it must be one operator"},
		"something behind":           {`"keys":[0]`, `"keys":[0]`, ""},
		"an unknown type":            {`"BIGINT"`, `"HUGEINT"`, "unknown type HUGEINT"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := []byte(strings.Replace(string(good), c.old, c.new, 1))
			if c.want == "" {
				b, c.want = append(bytes.Clone(good), "{}"...), "after top-level value"
			}
			_, err := physical.Decode(b)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := physical.Decode(make([]byte, physical.MaxDocumentBytes+1)); err == nil {
		t.Error("a document beyond the bound was decoded")
	}
}

// TestDecodeReadsTheFormatBefore: a plan that the version before compiled, with a tumbling window and an aggregate.
func TestDecodeReadsTheFormatBefore(t *testing.T) {
	b, err := os.ReadFile("testdata/format1.json")
	if err != nil {
		t.Fatal(err)
	}
	p, err := physical.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if p.Format != 1 || !strings.Contains(physical.Explain(p), "tumble ts by 1h0m0s") {
		t.Errorf("format %d:\n%s", p.Format, physical.Explain(p))
	}
}

func TestEncodeRefusesAPlanThatWasChanged(t *testing.T) {
	p := plan(t)
	p.MaxParallelism++
	if _, err := physical.Encode(p); err == nil || !strings.Contains(err.Error(), "not what its hash says") {
		t.Errorf("got %v", err)
	}
	if err := p.Seal(); err != nil {
		t.Fatal(err)
	}
	if _, err := physical.Encode(p); err != nil {
		t.Errorf("sealed anew: %v", err)
	}
}
