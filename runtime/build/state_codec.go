package build

import (
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
)

// StateCodecs returns the codecs of the operators of a stage that keep state, in the order of their ids, which is that of
// their keys in the stage's store. The stage is by its position in the plan.
func StateCodecs(plan *physical.Plan, stage int) ([]operator.NamedCodec, error) {
	if stage < 0 || stage >= len(plan.Stages) {
		return nil, fault.New(fault.Bug, fault.Place{}, "the plan has no stage %d", stage)
	}
	s := &plan.Stages[stage]
	kinds, hashed, err := read(plan, s)
	if err != nil {
		return nil, err
	}
	var list []operator.NamedCodec
	for i := range s.Branches {
		made, err := branchCodecs(plan, s, &s.Branches[i], kinds, hashed)
		if err != nil {
			return nil, err
		}
		list = append(list, made...)
	}
	slices.SortFunc(list, operator.NamedCodec.Compare)
	return list, nil
}

// read returns the columns that a stage reads, and those by which the exchange before it hashes: nil where there is none.
func read(plan *physical.Plan, s *physical.Stage) (kinds []types.Kind, hashed []int, err error) {
	if s.Input.Topic != nil {
		return s.Input.Topic.Schema.Kinds(), nil, nil
	}
	if s.Input.Exchange == nil {
		return nil, nil, bug(s, "no input")
	}
	for i := range plan.Stages {
		for _, b := range plan.Stages[i].Branches {
			if x := b.Output.Exchange; x != nil && x.Name == s.Input.Exchange.Name {
				return s.Input.Exchange.Schema.Kinds(), append([]int{}, x.Keys...), nil
			}
		}
	}
	return nil, nil, bug(s, "nothing feeds the exchange %s", s.Input.Exchange.Name)
}

func branchCodecs(plan *physical.Plan, s *physical.Stage, b *physical.Branch, kinds []types.Kind, hashed []int) ([]operator.NamedCodec, error) {
	var list []operator.NamedCodec
	same := true // the columns are those that the exchange hashes
	// what an operator does is of no matter here, but for the columns that it makes
	f, tally := &Factory{env: Env{Plan: plan}}, task.NewTally(false)
	for i := range b.Operators {
		o := &b.Operators[i]
		var codec operator.StateCodec
		var err error
		switch {
		case o.Aggregate != nil:
			codec, err = aggregate.NewCodec(aggregateConfig(o.Aggregate, kinds, nil), o.Aggregate.Schema, hashed)
		case o.Session != nil:
			codec, err = session.NewCodec(sessionConfig(o.Session, kinds, nil), o.Session.Schema, hashed)
		}
		if err == nil && codec != nil {
			if !same && hashed != nil {
				return nil, bug(s, "the operator %s keeps state behind columns that the exchange does not hash", o.ID)
			}
			list = append(list, operator.NamedCodec{ID: o.ID, StateCodec: codec})
		}
		if err == nil {
			_, kinds, err = f.operator(o, kinds, tally)
		}
		if err != nil {
			return nil, err
		}
		same = same && o.Filter != nil
	}
	return list, nil
}
