package physical

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/types"
)

// Combine is the first phase of an aggregate, before its exchange: it makes of the rows of a group, as many as there are
// between two commits, one row of partial results. It keeps no state. Its output columns are the keys in order and then the
// partial results of the calls in order.
type Combine struct {
	// Keys are positions of the grouping columns, among them WindowEnd, and WindowStart if it is there. Where rows are in
	// slices the two are the ends of the first and the last window.
	Keys        []int `json:"keys"`
	WindowEnd   int   `json:"windowEnd"`
	WindowStart *int  `json:"windowStart,omitempty"`
	// Calls are the aggregate functions.
	Calls []AggregateCall `json:"calls"`
	// Schema is the output.
	Schema types.Schema `json:"schema"`
}

// Partials returns the columns of a call's partial results, over an argument of a type. They are named by what they are.
func (c AggregateCall) Partials(name string, argument types.Kind) []types.Column {
	column := func(what string, kind types.Kind) types.Column { return types.Column{Name: name + what, Kind: kind} }
	switch {
	case c.Function == AggregateCount:
		return []types.Column{column("", types.BigInt)}
	case c.Function == AggregateSum && argument != types.Double:
		return []types.Column{column("", types.BigInt), column(" high", types.BigInt)}
	case c.Function == AggregateAvg && argument != types.Double:
		return []types.Column{column(" count", types.BigInt), column(" sum", types.BigInt), column(" high", types.BigInt)}
	case c.Function == AggregateAvg:
		return []types.Column{column(" count", types.BigInt), column(" sum", types.Double)}
	default:
		return []types.Column{column("", c.Kind)}
	}
}

// check looks that the operator fits its input's columns, and returns its own.
func (c *Combine) check(in types.Schema) (types.Schema, error) {
	if !holds(in, c.WindowEnd, types.Timestamp) || !slices.Contains(c.Keys, c.WindowEnd) {
		return in, corrupt("column %d is no window_end that is grouped by", c.WindowEnd)
	}
	if c.WindowStart != nil && (!holds(in, *c.WindowStart, types.Timestamp) || !slices.Contains(c.Keys, *c.WindowStart)) {
		return in, corrupt("column %d is no window_start that is grouped by", *c.WindowStart)
	}
	var kinds []types.Kind
	for _, k := range c.Keys {
		if k < 0 || k >= len(in.Columns) {
			return in, corrupt("there is no column %d to group by", k)
		}
		kinds = append(kinds, in.Columns[k].Kind)
	}
	for _, call := range c.Calls {
		if !call.fits(in) {
			return in, corrupt("%s does not fit its input", call.Function)
		}
		argument := types.Invalid
		if call.Argument >= 0 {
			argument = in.Columns[call.Argument].Kind
		}
		for _, p := range call.Partials("", argument) {
			kinds = append(kinds, p.Kind)
		}
	}
	if !slices.Equal(kinds, c.Schema.Kinds()) {
		return in, corrupt("its schema is not its keys and partial results")
	}
	return c.Schema, nil
}

func (c *Combine) explain(in types.Schema) string {
	return strings.TrimSpace("combine "+callsOf(c.Calls, in)) + " by " + columnsAt(in, c.Keys)
}
