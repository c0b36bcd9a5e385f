package logical_test

import (
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// bids and clicks are the tables that the job brings along; the rest is declared in the texts.
func tables() []spec.Table {
	columns := func(list ...types.Column) types.Schema { return types.Schema{Columns: list} }
	return []spec.Table{
		{
			Name: "bids", Topic: "bids", Format: spec.Format{Type: spec.FormatJSON},
			Schema: columns(types.Column{Name: "auction", Kind: types.BigInt}, types.Column{Name: "bidder", Kind: types.BigInt},
				types.Column{Name: "price", Kind: types.Int}, types.Column{Name: "channel", Kind: types.String},
				types.Column{Name: "ts", Kind: types.Timestamp}, types.Column{Name: "seen", Kind: types.Timestamp}),
			EventTime: &spec.EventTime{Column: "ts", MaxOutOfOrderness: 5 * time.Second},
		},
		{
			Name: "plain", Topic: "plain", Format: spec.Format{Type: spec.FormatJSON},
			Schema: columns(types.Column{Name: "id", Kind: types.Int}, types.Column{Name: "at", Kind: types.Timestamp}),
		},
		{
			Name: "out", Topic: "out", Format: spec.Format{Type: spec.FormatJSON},
			Schema: columns(types.Column{Name: "k", Kind: types.String}, types.Column{Name: "n", Kind: types.BigInt}),
		},
	}
}

// TestPlans runs the files in testdata: "bind" prints the plan of a script as it was bound and "optimize" after the
// rules; a script that is refused prints its error. A bare SELECT goes to stdout.
func TestPlans(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		t.Helper()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			t.Helper()
			script, err := sql.Parse("", d.Input)
			if err != nil {
				t.Fatalf("%s: the text does not parse: %v", d.Pos, err)
			}
			job := spec.Job{SQL: d.Input, Tables: tables(), DefaultSink: "stdout"}
			if d.HasArg("nosink") {
				job.DefaultSink = ""
			}
			p, err := logical.Bind(job, script)
			if err != nil {
				return "error: " + err.Error() + "\n"
			}
			if strings.HasPrefix(d.Cmd, "optimize") {
				p = logical.Optimize(p)
			}
			return p.String()
		})
	})
}
