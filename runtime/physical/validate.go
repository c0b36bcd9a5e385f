package physical

import (
	"fmt"
	"slices"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// Bounds of a plan. The JSON of an expression nests three levels a node, and Go's decoder ends at 10 000.
const (
	maxExpressionDepth = 3000
	maxParallelism     = 10_000
)

// Validate checks that a plan is one that can run: every union has one member, every position exists, every exchange is
// written and read, names are unique, and the hashes are those of the content. What it refuses is of kind Corrupt, since
// no text compiles to it.
func (p *Plan) Validate() error {
	if p.MaxParallelism < 1 || p.MaxParallelism > maxParallelism {
		return corrupt("the plan has %d partitions an exchange", p.MaxParallelism)
	}
	v := validator{stages: map[string]bool{}, operators: map[string]bool{}, written: map[string]types.Schema{}}
	for _, s := range p.Stages {
		if err := v.stage(s); err != nil {
			return fault.Wrap(fault.Corrupt, err, "stage %q of the plan", s.Name)
		}
	}
	for name := range v.written {
		if !slices.ContainsFunc(p.Stages, func(s Stage) bool { return s.Input.Exchange != nil && s.Input.Exchange.Name == name }) {
			return corrupt("nothing in the plan reads the exchange %q", name)
		}
	}
	return p.checkHashes()
}

func (p *Plan) checkHashes() error {
	// Positions were checked before: stateHash follows them.
	state, err := p.stateHash()
	if err != nil {
		return err
	}
	whole, err := p.hash()
	if err != nil {
		return err
	}
	if state != p.StateHash || whole != p.Hash {
		return corrupt("the plan's content is not what its hash says")
	}
	return nil
}

type validator struct {
	stages, operators map[string]bool
	written           map[string]types.Schema
}

func (v *validator) stage(s Stage) error {
	if s.Name == "" || v.stages[s.Name] {
		return corrupt("its name is empty or taken")
	}
	v.stages[s.Name] = true
	columns, err := v.input(s.Input)
	if err != nil {
		return err
	}
	if len(s.Branches) == 0 {
		return corrupt("it has no branches")
	}
	stateful := false
	for i, b := range s.Branches {
		if err := v.branch(b, columns, &stateful); err != nil {
			return fmt.Errorf("branch %d: %w", i, err)
		}
	}
	if stateful != s.Stateful {
		return corrupt("stateful is %t, and its operators say otherwise", s.Stateful)
	}
	return nil
}

func (v *validator) input(in Input) (types.Schema, error) {
	switch {
	case in.Topic != nil && in.Exchange != nil, in.Topic == nil && in.Exchange == nil:
		return types.Schema{}, corrupt("its input must be a topic or an exchange")
	case in.Exchange != nil:
		s, ok := v.written[in.Exchange.Name]
		if !ok || !slices.Equal(s.Columns, in.Exchange.Schema.Columns) {
			return s, corrupt("no stage before it writes the exchange %q as it reads it", in.Exchange.Name)
		}
		return s, nil
	}
	t := in.Topic
	if t.Topic == "" {
		return t.Schema, corrupt("its topic has no name")
	}
	if t.Nexmark != nil {
		if err := t.Nexmark.Check(); err != nil {
			return t.Schema, fault.Wrap(fault.Corrupt, err, "its generator")
		}
	}
	if t.EventTime != nil && !holds(t.Schema, t.EventTime.Column, types.Timestamp) {
		return t.Schema, corrupt("its event time is no TIMESTAMP column")
	}
	return t.Schema, nil
}

func (v *validator) branch(b Branch, s types.Schema, stateful *bool) error {
	for _, o := range b.Operators {
		if o.ID == "" || v.operators[o.ID] {
			return corrupt("the operator id %q is empty or taken", o.ID)
		}
		v.operators[o.ID] = true
		out, err := o.check(s)
		if err != nil {
			return fmt.Errorf("operator %q: %w", o.ID, err)
		}
		s = out
		*stateful = *stateful || o.Aggregate != nil || o.Session != nil
	}
	switch out := b.Output; {
	case (out.Sink == nil) == (out.Exchange == nil):
		return corrupt("its output must be a sink or an exchange")
	case out.Sink != nil:
		if !slices.Equal(s.Kinds(), out.Sink.Schema.Kinds()) {
			return corrupt("its rows are not those of the sink %q", out.Sink.Topic)
		}
		return nil
	default:
		return v.exchange(out.Exchange, s)
	}
}

func (v *validator) exchange(x *ExchangeOutput, s types.Schema) error {
	if _, taken := v.written[x.Name]; taken || x.Name == "" {
		return corrupt("the exchange name %q is empty or taken", x.Name)
	}
	if !slices.Equal(s.Kinds(), x.Schema.Kinds()) {
		return corrupt("its rows are not those of the exchange %q", x.Name)
	}
	for _, k := range x.Keys {
		if k < 0 || k >= len(s.Columns) {
			return corrupt("the exchange %q has no column %d", x.Name, k)
		}
	}
	v.written[x.Name] = x.Schema
	return nil
}

func holds(s types.Schema, i int, kind types.Kind) bool {
	return i >= 0 && i < len(s.Columns) && s.Columns[i].Kind == kind
}
