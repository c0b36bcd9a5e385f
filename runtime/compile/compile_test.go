package compile_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/compile"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

func job(text string) spec.Job {
	columns := func(list ...types.Column) types.Schema { return types.Schema{Columns: list} }
	return spec.Job{
		Name: "test", SQL: text, File: "q.sql", MaxParallelism: 8, DefaultSink: "stdout",
		Tables: []spec.Table{
			{
				Name: "bids", Topic: "bids", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampRFC3339},
				Schema: columns(types.Column{Name: "auction", Kind: types.BigInt}, types.Column{Name: "bidder", Kind: types.BigInt},
					types.Column{Name: "price", Kind: types.Int}, types.Column{Name: "channel", Kind: types.String},
					types.Column{Name: "ts", Kind: types.Timestamp}),
				EventTime: &spec.EventTime{Column: "ts", MaxOutOfOrderness: 5 * time.Second, IdleTimeout: time.Minute},
			},
			{
				Name: "out", Topic: "results", Format: spec.Format{Type: spec.FormatJSON, Timestamps: spec.TimestampRFC3339},
				Schema: columns(types.Column{Name: "k", Kind: types.String}, types.Column{Name: "n", Kind: types.BigInt}),
			},
		},
	}
}

// TestCompile runs the files in testdata: "explain" prints the plan for people, "document" as it is stored, and a
// refusal is printed as its user sees it. Each plan is also encoded and decoded.
func TestCompile(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Helper()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			j := job(d.Input)
			if d.HasArg("nosink") {
				j.DefaultSink = ""
			}
			p, err := compile.Compile(j)
			if err != nil {
				if fault.KindOf(err) != fault.User {
					t.Errorf("%s: kind %v, want user: %v", d.Pos, fault.KindOf(err), err)
				}
				return "error: " + err.Error() + "\n"
			}
			document, err := physical.Encode(p)
			if err != nil {
				t.Fatal(err)
			}
			back, err := physical.Decode(document)
			if err != nil {
				t.Fatal(err)
			}
			if again, err := physical.Encode(back); err != nil || !bytes.Equal(again, document) {
				t.Errorf("%s: decoded and encoded again it differs (%v)", d.Pos, err)
			}
			if d.Cmd == "document" {
				var indented bytes.Buffer
				if err := json.Indent(&indented, document, "", " "); err != nil {
					t.Fatal(err)
				}
				return indented.String() + "\n"
			}
			return physical.Explain(p)
		})
	})
}

const base = `INSERT INTO out SELECT channel, SUM(price) FROM TUMBLE(TABLE bids, DESCRIPTOR(ts), INTERVAL '10' SECOND) WHERE price > 1 GROUP BY channel, window_start, window_end`

func TestHashes(t *testing.T) {
	cases := map[string]struct {
		change    [2]string
		same      bool
		sameState bool
	}{
		"a comment and line breaks change nothing":     {[2]string{"WHERE", "-- why\n\n WHERE"}, true, true},
		"an alias of the table changes nothing":        {[2]string{"SECOND)", "SECOND) AS b"}, true, true},
		"a filter before the exchange keeps the state": {[2]string{"price > 1", "price > 2"}, false, true},
		"no filter keeps the state":                    {[2]string{"WHERE price > 1", ""}, false, true},
		"a projection behind keeps the state":          {[2]string{"SUM(price) FROM", "SUM(price) + 1 FROM"}, false, true},
		"HAVING keeps the state":                       {[2]string{"window_end", "window_end HAVING SUM(price) > 1"}, false, true},
		"another argument does not keep the state":     {[2]string{"SUM(price)", "SUM(price * 2)"}, false, false},
		"another function does not keep the state":     {[2]string{"SUM(price)", "COUNT(price)"}, false, false},
		"another key does not keep the state":          {[2]string{"GROUP BY channel", "GROUP BY channel, auction"}, false, false},
		"another size does not keep the state":         {[2]string{"'10'", "'20'"}, false, false},
		"another order of the keys does not keep it":   {[2]string{"window_start, window_end", "window_end, window_start"}, false, false},
	}
	before := mustCompile(t, job(base))
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(base, c.change[0], c.change[1], 1)
			if text == base {
				t.Fatal("the case changes nothing")
			}
			after := mustCompile(t, job(text))
			if got := after.Hash == before.Hash; got != c.same {
				t.Errorf("same hash: %t, want %t", got, c.same)
			}
			if got := after.StateHash == before.StateHash; got != c.sameState {
				t.Errorf("same state: %t, want %t", got, c.sameState)
			}
		})
	}
	t.Run("the shape of slices is state", func(t *testing.T) {
		hop := strings.Replace(base, "TUMBLE(TABLE bids, DESCRIPTOR(ts), ", "HOP(TABLE bids, DESCRIPTOR(ts), INTERVAL '2' SECOND, ", 1)
		cumulate := strings.Replace(hop, "HOP(", "CUMULATE(", 1)
		hashes := map[string]string{}
		for _, text := range []string{base, hop, cumulate, strings.Replace(hop, "'2'", "'5'", 1), strings.Replace(hop, "'10' SECOND)", "'10' SECOND, INTERVAL '1' SECOND)", 1)} {
			p := mustCompile(t, job(text))
			if other, ok := hashes[p.StateHash]; ok {
				t.Errorf("%s\nhas the state of\n%s", text, other)
			}
			hashes[p.StateHash] = text
		}
	})
	t.Run("another delivery is another plan of the same state", func(t *testing.T) {
		for delivery, same := range map[spec.Delivery]bool{spec.ExactlyOnce: true, spec.AtLeastOnce: false, spec.AtMostOnce: false} {
			j := job(base)
			j.Delivery = delivery
			after := mustCompile(t, j)
			if (after.Hash == before.Hash) != same || after.StateHash != before.StateHash {
				t.Errorf("%s: same hash: %t, same state: %t", delivery, after.Hash == before.Hash, after.StateHash == before.StateHash)
			}
		}
	})
	t.Run("other partitions do not keep the state", func(t *testing.T) {
		j := job(base)
		j.MaxParallelism = 16
		if mustCompile(t, j).StateHash == before.StateHash {
			t.Error("the state hash is the same")
		}
	})
}

func mustCompile(t *testing.T, j spec.Job) *physical.Plan {
	t.Helper()
	p, err := compile.Compile(j)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
