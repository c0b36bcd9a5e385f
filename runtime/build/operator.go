package build

import (
	"math"
	"slices"

	"github.com/millrace/millrace/runtime/accumulator"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/aggregate"
	"github.com/millrace/millrace/runtime/operator/assign"
	"github.com/millrace/millrace/runtime/operator/filter"
	"github.com/millrace/millrace/runtime/operator/project"
	"github.com/millrace/millrace/runtime/operator/session"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/task"
	"github.com/millrace/millrace/runtime/types"
	"github.com/millrace/millrace/runtime/window"
)

// operator makes one step over columns of these types, and returns the types of its output.
func (f *Factory) operator(o *physical.Operator, kinds []types.Kind, tally *task.Tally) (operator.Operator, []types.Kind, error) {
	switch {
	case o.Filter != nil:
		p, err := expr.Compile(o.Filter.Predicate, kinds)
		if err != nil {
			return nil, nil, err
		}
		return filter.New(p, tally), kinds, nil
	case o.Project != nil:
		return newProject(o.Project, kinds, tally)
	case o.AssignWindow != nil:
		a := o.AssignWindow
		if a.Kind == physical.WindowSession {
			op, err := assign.NewSessions(assign.SessionConfig{Time: a.Time, GapMicros: a.SizeMicros}, tally, tally)
			return op, append(slices.Clip(kinds), types.Timestamp, types.Timestamp), err
		}
		op, err := assign.New(assign.Config{Time: a.Time, Shape: shape(a), Slices: a.Slices}, tally, tally)
		return op, append(slices.Clip(kinds), types.Timestamp, types.Timestamp), err
	case o.Combine != nil:
		op, err := aggregate.NewLocal(combineConfig(o.Combine, kinds))
		return op, o.Combine.Schema.Kinds(), err
	case o.Aggregate != nil:
		c := aggregateConfig(o.Aggregate, kinds, f.env.TableBytes)
		if !f.env.Plan.HasGoes() {
			c.EmitRows = math.MaxInt32
		}
		op, err := aggregate.New(c, tally, tally)
		return op, o.Aggregate.Schema.Kinds(), err
	case o.Session != nil:
		op, err := session.New(sessionConfig(o.Session, kinds, f.env.TableBytes), tally, tally)
		return op, o.Session.Schema.Kinds(), err
	default:
		return nil, nil, fault.New(fault.Bug, fault.Place{}, "the plan's operator %s is of no kind that this version knows", o.ID).
			Do("run the version of the worker that the plan was compiled by, or a newer one")
	}
}

// shape returns the arithmetic of a plan's windows.
func shape(a *physical.AssignWindow) window.Shape {
	s := window.Shape{SizeMicros: a.SizeMicros, StepMicros: a.StepMicros, OffsetMicros: a.OffsetMicros, Cumulate: a.Kind == physical.WindowCumulate}
	if a.Kind == physical.WindowTumble {
		s.StepMicros = s.SizeMicros
	}
	return s
}

func newProject(p *physical.Project, kinds []types.Kind, tally *task.Tally) (operator.Operator, []types.Kind, error) {
	programs := make([]*expr.Program, len(p.Columns))
	out := make([]types.Kind, len(p.Columns))
	for i := range p.Columns {
		var err error
		if programs[i], err = expr.Compile(p.Columns[i].Expr, kinds); err != nil {
			return nil, nil, err
		}
		out[i] = programs[i].Kind()
	}
	return project.New(programs, tally), out, nil
}

func combineConfig(c *physical.Combine, kinds []types.Kind) aggregate.Config {
	out := aggregate.Config{Keys: c.Keys, Input: kinds, WindowEnd: c.WindowEnd, WindowStart: -1, Calls: calls(c.Calls)}
	if c.WindowStart != nil {
		out.WindowStart = *c.WindowStart
	}
	return out
}

func aggregateConfig(a *physical.Aggregate, kinds []types.Kind, bound func() int) aggregate.Config {
	c := aggregate.Config{Keys: a.Keys, Input: kinds, WindowEnd: a.WindowEnd, WindowStart: -1, Partials: a.Partials, MemoryBound: bound}
	if a.WindowStart != nil {
		c.WindowStart = *a.WindowStart
	}
	if s := a.Slices; s != nil {
		c.Slices = &window.Shape{SizeMicros: s.SizeMicros, StepMicros: s.StepMicros, Cumulate: s.Kind == physical.WindowCumulate}
	}
	c.Calls = calls(a.Calls)
	return c
}

func sessionConfig(s *physical.Session, kinds []types.Kind, bound func() int) session.Config {
	return session.Config{
		Keys: s.Keys, Input: kinds, Time: s.Time, NotBefore: s.NotBefore, GapMicros: s.GapMicros, Calls: calls(s.Calls), MemoryBound: bound,
	}
}

func calls(list []physical.AggregateCall) []accumulator.Call {
	out := make([]accumulator.Call, len(list))
	for i, c := range list {
		out[i] = accumulator.Call{Function: accumulator.Function(c.Function), Argument: c.Argument, Filter: c.Filter, Kind: c.Kind}
	}
	return out
}
