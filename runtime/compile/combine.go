package compile

import (
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// combine splits an aggregate over these columns in two phases: it adds the first one to the open branch, lets the
// aggregate, which becomes the second, read its partial results, and returns their columns. Keys keep their places.
func (ch *chain) combine(agg *physical.Aggregate, sent types.Schema) types.Schema {
	first := &physical.Combine{Keys: agg.Keys, WindowEnd: agg.WindowEnd, WindowStart: agg.WindowStart, Calls: agg.Calls}
	for _, k := range agg.Keys {
		first.Schema.Columns = append(first.Schema.Columns, sent.Columns[k])
	}
	agg.Partials, agg.Calls = true, make([]physical.AggregateCall, len(first.Calls))
	for i, c := range first.Calls {
		argument := types.Invalid
		if c.Argument >= 0 {
			argument = sent.Columns[c.Argument].Kind
		}
		name := agg.Schema.Columns[len(agg.Keys)+i].Name
		agg.Calls[i] = physical.AggregateCall{Function: c.Function, Argument: len(first.Schema.Columns), Filter: -1, Kind: c.Kind}
		first.Schema.Columns = append(first.Schema.Columns, c.Partials(name, argument)...)
	}
	ch.add("combine", physical.Operator{Combine: first})
	return first.Schema
}
