package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/logical"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// shuffled returns the columns that an aggregate's exchange carries, keys first and then arguments, each once, and the
// aggregate over them. Columns are called by what they compute, not by what the query calls it: so an alias changes no
// state, and another argument does.
func shuffled(n *logical.Aggregate, w *logical.Window) ([]logical.Column, *physical.Aggregate) {
	var sent []logical.Column
	agg := &physical.Aggregate{}
	place := func(e expr.Node) int {
		text := e.String()
		for i, c := range sent {
			if c.Name == text && c.Expr.Kind == e.Kind {
				return i
			}
		}
		sent = append(sent, logical.Column{Name: text, Expr: e})
		return len(sent) - 1
	}
	for i, k := range n.Keys {
		sent = append(sent, logical.Column{Name: k.Expr.String(), Expr: k.Expr})
		agg.Keys = append(agg.Keys, i)
		name := k.Expr.String()
		if n.Sliced && slices.Contains(n.Windowed, i) {
			name = k.Name
		}
		agg.Schema.Columns = append(agg.Schema.Columns, types.Column{Name: name, Kind: k.Expr.Kind})
	}
	agg.WindowEnd = agg.Keys[n.WindowEnd]
	switch i := startKey(n); {
	case n.Sliced:
		agg.WindowStart = &n.Windowed[1]
		agg.Slices = &physical.Slices{Kind: windowKind(w), SizeMicros: w.SizeMicros, StepMicros: w.StepMicros}
	case i >= 0:
		agg.WindowStart = &i
	}
	for _, c := range n.Calls {
		call := physical.AggregateCall{Function: physical.AggregateFunction(c.Function), Argument: -1, Filter: -1, Kind: c.Kind}
		if c.Argument != nil {
			call.Argument = place(*c.Argument)
		}
		if c.Filter != nil {
			call.Filter = place(*c.Filter)
		}
		agg.Calls = append(agg.Calls, call)
		agg.Schema.Columns = append(agg.Schema.Columns, types.Column{Name: c.String(), Kind: c.Kind})
	}
	return sent, agg
}

// startKey returns the position among the keys of the window's start, or -1.
func startKey(n *logical.Aggregate) int {
	below := n.Input
	for {
		f, ok := below.(*logical.Filter)
		if !ok {
			break
		}
		below = f.Input
	}
	w, ok := below.(*logical.Window)
	if !ok {
		return -1
	}
	start := len(w.Schema().Columns) - 2
	return slices.IndexFunc(n.Keys, func(c logical.Column) bool { return c.Expr.Column != nil && c.Expr.Column.Index == start })
}

// identify names an aggregate by what its state is: the topic, the window, the columns that reach it and what it makes
// of them. What is filtered before or computed behind does not count.
func (ch *chain) identify(s *source, keys []int, schema types.Schema, op physical.Operator) (string, error) {
	definition := struct {
		Topic, Time  string
		Kind         physical.WindowKind `json:",omitempty"`
		Step         int64               `json:",omitempty"`
		Size, Offset int64
		Keys         []int
		Schema       types.Schema
		Aggregate    *physical.Aggregate
		Session      *physical.Session `json:",omitempty"`
	}{Topic: s.table.Topic, Keys: keys, Schema: schema, Aggregate: op.Aggregate, Session: op.Session}
	if ch.window != nil {
		definition.Time = ch.window.Input.Schema().Columns[ch.window.Time].Name
		definition.Kind, definition.Step = windowKind(ch.window), ch.window.StepMicros
		definition.Size, definition.Offset = ch.window.SizeMicros, ch.window.OffsetMicros
	}
	b, err := json.Marshal(definition)
	if err != nil {
		return "", fault.Wrap(fault.Bug, err, "name an aggregate")
	}
	const bytes = 5
	sum := sha256.Sum256(b)
	what := "aggregate-"
	if op.Session != nil {
		what = "sessions-"
	}
	return ch.c.unique(what + hex.EncodeToString(sum[:bytes])), nil
}
