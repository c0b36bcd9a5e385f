package inquiry

import (
	"strconv"

	"github.com/millrace/millrace/runtime/control"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// The kinds of operators with state.
const (
	KindAggregate = "aggregate"
	KindSessions  = "sessions"
)

// Operator is an operator whose state can be asked for: the first one of a stage behind an exchange. It is never changed.
type Operator struct {
	// ID and Kind are the operator's.
	ID, Kind string
	// Stage is the position of its stage in the plan, and StageName its name.
	Stage     int
	StageName string
	// Keys are the columns that the stage's rows are distributed by, in order, and Columns their positions in its input.
	Keys    []types.Column
	Columns []int
	// Values are the columns that it computes. No two have the same name.
	Values []types.Column
	// Partitions is the number of the stage's tasks.
	Partitions int
}

// Operators lists the operators of a plan in the order of its stages.
func Operators(p *physical.Plan) []Operator {
	var list []Operator
	for i := range p.Stages {
		s := &p.Stages[i]
		if !s.Stateful || s.Input.Exchange == nil || len(s.Branches) != 1 || len(s.Branches[0].Operators) == 0 {
			continue
		}
		fed := feeding(p, s.Input.Exchange.Name)
		if fed == nil {
			continue
		}
		first := &s.Branches[0].Operators[0]
		o := Operator{ID: first.ID, Stage: i, StageName: s.Name, Columns: fed.Keys, Partitions: p.MaxParallelism}
		switch {
		case first.Aggregate != nil:
			o.Kind, o.Values = KindAggregate, named(first.Aggregate.Schema.Columns[len(first.Aggregate.Keys):])
		case first.Session != nil:
			o.Kind, o.Values = KindSessions, named(first.Session.Schema.Columns[len(first.Session.Keys)+2:])
		default:
			continue
		}
		for _, k := range fed.Keys {
			o.Keys = append(o.Keys, s.Input.Exchange.Schema.Columns[k])
		}
		list = append(list, o)
	}
	return list
}

// feeding returns the output that feeds an exchange, or nil.
func feeding(p *physical.Plan, name string) *physical.ExchangeOutput {
	for i := range p.Stages {
		for j := range p.Stages[i].Branches {
			if out := p.Stages[i].Branches[j].Output.Exchange; out != nil && out.Name == name {
				return out
			}
		}
	}
	return nil
}

// named gives columns of the same name numbers.
func named(columns []types.Column) []types.Column {
	list, seen := make([]types.Column, len(columns)), map[string]int{}
	for i, c := range columns {
		list[i] = c
		if seen[c.Name]++; seen[c.Name] > 1 {
			list[i].Name += " #" + strconv.Itoa(seen[c.Name])
		}
	}
	return list
}

// Describe returns what is said of the operator.
func (o *Operator) Describe() control.Stateful {
	d := control.Stateful{ID: o.ID, Stage: o.StageName, Kind: o.Kind, Partitions: o.Partitions, Key: o.Keys, Values: o.Values}
	if d.Key == nil {
		d.Key = []types.Column{} // an empty list in JSON
	}
	if d.Values == nil {
		d.Values = []types.Column{}
	}
	return d
}
