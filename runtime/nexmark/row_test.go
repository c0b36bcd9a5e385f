package nexmark_test

import (
	"encoding/json"
	"testing"

	"github.com/millrace/millrace/runtime/nexmark"
	"github.com/millrace/millrace/runtime/types"
)

// row makes one column of a bid.
func row(t *testing.T, g *nexmark.Generator, name string) *nexmark.Row {
	t.Helper()
	schema := nexmark.Bid.Schema()
	r, ok := g.Row(nexmark.Bid, types.Schema{Columns: schema.Columns[schema.Index(name) : schema.Index(name)+1]})
	if !ok {
		t.Fatalf("no column %s", name)
	}
	return r
}

func TestColumnsHoldWhatTheJSONDoes(t *testing.T) {
	g := generator(t, nexmark.Config{OutOfOrderGroup: 50})
	rows := map[nexmark.Kind]*nexmark.Row{}
	for _, k := range nexmark.Kinds() {
		r, ok := g.Row(k, k.Schema())
		if !ok {
			t.Fatalf("a %s has not its own columns", k)
		}
		rows[k] = r
	}
	for i := range int64(2000) {
		e := g.Event(i)
		var want map[string]any
		if err := json.Unmarshal(g.AppendJSON(nil, e), &want); err != nil {
			t.Fatal(err)
		}
		schema := e.Kind.Schema()
		if len(want) != len(schema.Columns) {
			t.Fatalf("%d columns, %d members", len(schema.Columns), len(want))
		}
		for c, column := range schema.Columns {
			var got any
			switch {
			case rows[e.Kind].IsText(c):
				got = string(rows[e.Kind].AppendText(nil, c, e))
			case column.Kind == types.Timestamp:
				got = float64(rows[e.Kind].Number(c, e) / 1000)
			default:
				got = float64(rows[e.Kind].Number(c, e))
			}
			if got != want[column.Name] {
				t.Fatalf("%s %d: %s is %v, in JSON %v", e.Kind, i, column.Name, got, want[column.Name])
			}
		}
	}
}

func TestAColumnThatIsNoneIsRefused(t *testing.T) {
	g := generator(t, nexmark.Config{})
	for name, c := range map[string]types.Column{
		"another name": {Name: "Price", Kind: types.BigInt},
		"another type": {Name: "price", Kind: types.Int},
		"another kind": {Name: "seller", Kind: types.BigInt},
	} {
		if _, ok := g.Row(nexmark.Bid, types.Schema{Columns: []types.Column{c}}); ok {
			t.Errorf("%s: a bid has a column %v", name, c)
		}
	}
}
