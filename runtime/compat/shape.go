package compat

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/physical"
	"github.com/millrace/millrace/runtime/types"
)

// shape is an operator that keeps state as another plan may have it again: what its groups are, and what it computes of each.
type shape struct {
	stage, id string
	// source, window and keys say what a group is.
	source string // topic and event time
	window window
	keys   []types.Column // those that are not the window's
	calls  []call
}

// window is how time is cut.
type window struct {
	kind                                 physical.WindowKind
	sizeMicros, stepMicros, offsetMicros int64
	slices, startIsKey                   bool
}

// call is an aggregate function. Its text names it: what it computes of which columns.
type call struct {
	text     string
	function physical.AggregateFunction
	// kind is the type in which values are kept: of AVG and SUM that of the argument, BIGINT for integers.
	kind types.Kind
}

// shapes returns the operators of a plan that keep state.
func shapes(plan *physical.Plan) ([]shape, error) {
	var list []shape
	for i := range plan.Stages {
		s := &plan.Stages[i]
		if !s.Stateful {
			continue
		}
		source, w, err := before(plan, s)
		if err != nil {
			return nil, err
		}
		for j := range s.Branches {
			for k := range s.Branches[j].Operators {
				o := &s.Branches[j].Operators[k]
				one := shape{stage: s.Name, id: o.ID, source: source, window: w}
				switch {
				case o.Aggregate != nil:
					one.aggregate(o.Aggregate, s.Input.Exchange.Schema)
				case o.Session != nil:
					one.session(o.Session, s.Input.Exchange.Schema)
				default:
					continue
				}
				list = append(list, one)
			}
		}
	}
	return list, nil
}

// before returns what reaches a stage: the topic with its event time, and the window.
func before(plan *physical.Plan, s *physical.Stage) (source string, w window, err error) {
	if s.Input.Exchange == nil {
		return "", w, fault.New(fault.Bug, fault.Place{}, "stage %s keeps state without an exchange before it", s.Name)
	}
	for i := range plan.Stages {
		from := &plan.Stages[i]
		for j := range from.Branches {
			b := &from.Branches[j]
			if b.Output.Exchange == nil || b.Output.Exchange.Name != s.Input.Exchange.Name || from.Input.Topic == nil {
				continue
			}
			source = from.Input.Topic.Topic
			columns := from.Input.Topic.Schema.Columns
			for k := range b.Operators {
				switch o := &b.Operators[k]; {
				case o.Project != nil:
					columns = columns[:0:0]
					for _, c := range o.Project.Columns {
						columns = append(columns, types.Column{Name: c.Name, Kind: c.Expr.Kind})
					}
				case o.AssignWindow != nil:
					a := o.AssignWindow
					w = window{kind: a.Kind, sizeMicros: a.SizeMicros, stepMicros: a.StepMicros, offsetMicros: a.OffsetMicros, slices: a.Slices}
					if a.Time >= 0 && a.Time < len(columns) {
						source += " by " + columns[a.Time].Name
					}
				}
			}
			return source, w, nil
		}
	}
	return "", w, fault.New(fault.Bug, fault.Place{}, "nothing feeds stage %s", s.Name)
}

func (s *shape) aggregate(a *physical.Aggregate, in types.Schema) {
	s.window.slices = a.Slices != nil
	s.window.startIsKey = a.WindowStart != nil
	for i, k := range a.Keys {
		if k != a.WindowEnd && (a.WindowStart == nil || k != *a.WindowStart) {
			s.keys = append(s.keys, a.Schema.Columns[i])
		}
	}
	s.addCalls(a.Calls, a.Schema.Columns[len(a.Keys):], in, a.Partials)
}

func (s *shape) session(o *physical.Session, in types.Schema) {
	const bounds = 2
	n := len(o.Keys)
	s.keys = append(s.keys, o.Schema.Columns[:n]...)
	s.addCalls(o.Calls, o.Schema.Columns[n+bounds:], in, false)
}

func (s *shape) addCalls(list []physical.AggregateCall, columns []types.Column, in types.Schema, partials bool) {
	for i, c := range list {
		one := call{text: columns[i].Name, function: c.Function, kind: c.Kind}
		if c.Function == physical.AggregateAvg {
			at := c.Argument
			if partials {
				at++ // behind the count
			}
			if one.kind = types.BigInt; in.Columns[at].Kind == types.Double {
				one.kind = types.Double
			}
		}
		s.calls = append(s.calls, one)
	}
}

// groups says whether two operators have the same groups, whatever they compute of them.
func (s *shape) groups(other *shape) bool {
	return s.source == other.source && s.window == other.window && slices.Equal(s.keyNames(), other.keyNames())
}

// keyNames are the names of the keys, sorted.
func (s *shape) keyNames() []string {
	var names []string
	for _, k := range s.keys {
		names = append(names, k.Name)
	}
	slices.Sort(names)
	return names
}

// shared counts the calls that two operators have both.
func (s *shape) shared(other *shape) int {
	n := 0
	for _, c := range s.calls {
		if slices.ContainsFunc(other.calls, func(o call) bool { return o.text == c.text }) {
			n++
		}
	}
	return n
}

// differs says why two operators that are alike have other groups, or nothing when they are not alike.
func (s *shape) differs(other *shape) string {
	switch {
	case s.source != other.source:
		return ""
	case slices.Equal(s.keyNames(), other.keyNames()):
		return "its windows are cut otherwise"
	case s.window == other.window:
		return "it groups by " + list(s.keyNames()) + ", and grouped by " + list(other.keyNames())
	default:
		return ""
	}
}

func list(names []string) string {
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}
