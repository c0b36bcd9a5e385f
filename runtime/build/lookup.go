package build

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/window"
)

// Lookup returns what reads the state of the first operator of a stage, by its position in the plan, behind an exchange
// whose rows are distributed by these columns.
func Lookup(p *physical.Plan, stage int, distributed []int) (operator.Lookup, error) {
	s := &p.Stages[stage]
	if s.Input.Exchange == nil || len(s.Branches) != 1 || len(s.Branches[0].Operators) == 0 {
		return nil, bug(s, "it has no operator behind an exchange")
	}
	o, kinds := &s.Branches[0].Operators[0], s.Input.Exchange.Schema.Kinds()
	prefix := []byte(o.ID + "\x00") // as the task gives it
	switch {
	case o.Aggregate != nil:
		shape, err := shapeBehind(p, s)
		if err != nil {
			return nil, err
		}
		return aggregate.NewLookup(aggregateConfig(o.Aggregate, kinds, nil), shape, distributed, prefix)
	case o.Session != nil:
		return session.NewLookup(sessionConfig(o.Session, kinds, nil), prefix)
	default:
		return nil, bug(s, "the operator %s keeps no state", o.ID)
	}
}

// shapeBehind returns the shape of the windows that the rows of a stage's exchange are in.
func shapeBehind(p *physical.Plan, s *physical.Stage) (window.Shape, error) {
	for i := range p.Stages {
		for j := range p.Stages[i].Branches {
			b := &p.Stages[i].Branches[j]
			if b.Output.Exchange == nil || b.Output.Exchange.Name != s.Input.Exchange.Name {
				continue
			}
			for k := range b.Operators {
				if a := b.Operators[k].AssignWindow; a != nil {
					return shape(a), nil
				}
			}
		}
	}
	return window.Shape{}, fault.New(fault.Bug, fault.Place{}, "no window is assigned before the exchange %s", s.Input.Exchange.Name)
}
