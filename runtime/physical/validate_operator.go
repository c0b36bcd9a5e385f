package physical

import (
	"slices"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/types"
)

// check looks that an operator fits its input's columns, and returns its own.
func (o Operator) check(in types.Schema) (types.Schema, error) {
	members := 0
	for _, set := range []bool{o.Filter != nil, o.Project != nil, o.AssignWindow != nil, o.Combine != nil, o.Aggregate != nil, o.Session != nil} {
		if set {
			members++
		}
	}
	if members != 1 {
		return in, corrupt("it must be one operator, and is %d", members)
	}
	switch {
	case o.Filter != nil:
		if o.Filter.Predicate.Kind != types.Boolean {
			return in, corrupt("its predicate is %s", o.Filter.Predicate.Kind)
		}
		return in, checkExpr(o.Filter.Predicate, in, 0)
	case o.Project != nil:
		return o.Project.check(in)
	case o.AssignWindow != nil:
		return o.AssignWindow.check(in)
	case o.Combine != nil:
		return o.Combine.check(in)
	case o.Session != nil:
		return o.Session.check(in)
	default:
		return o.Aggregate.check(in)
	}
}

func (p *Project) check(in types.Schema) (types.Schema, error) {
	out := types.Schema{Columns: make([]types.Column, len(p.Columns))}
	for i, c := range p.Columns {
		if err := checkExpr(c.Expr, in, 0); err != nil {
			return in, err
		}
		out.Columns[i] = types.Column{Name: c.Name, Kind: c.Expr.Kind}
	}
	return out, nil
}

func (w *AssignWindow) check(in types.Schema) (types.Schema, error) {
	if !holds(in, w.Time, types.Timestamp) {
		return in, corrupt("column %d is no TIMESTAMP to window by", w.Time)
	}
	if !slices.Contains([]WindowKind{WindowTumble, WindowHop, WindowCumulate, WindowSession}, w.Kind) {
		return in, corrupt("windows of the kind %q are unknown", w.Kind)
	}
	if !w.valid() {
		return in, corrupt("a window of %d µs every %d µs at %d µs makes no sense", w.SizeMicros, w.StepMicros, w.OffsetMicros)
	}
	names := [2]string{"window_start", "window_end"}
	switch {
	case w.Kind == WindowSession:
		names = [2]string{"row_time", "not_before"}
	case w.Slices:
		names = [2]string{"first_end", "last_end"}
	}
	return types.Schema{Columns: append(slices.Clip(in.Columns),
		types.Column{Name: names[0], Kind: types.Timestamp}, types.Column{Name: names[1], Kind: types.Timestamp})}, nil
}

// valid says whether the lengths of the window make sense together.
func (w *AssignWindow) valid() bool {
	period, ok := w.SizeMicros, w.SizeMicros > 0
	switch w.Kind {
	case WindowTumble:
		ok = ok && w.StepMicros == 0 && !w.Slices
	case WindowSession:
		period = 1 // sessions are aligned to nothing
		ok = ok && w.StepMicros == 0 && !w.Slices
	case WindowHop:
		period = w.StepMicros
		ok = ok && w.StepMicros > 0
	case WindowCumulate:
		ok = ok && w.StepMicros > 0 && w.SizeMicros%w.StepMicros == 0
	default:
		return false
	}
	return ok && w.OffsetMicros >= 0 && w.OffsetMicros < period
}

func (a *Aggregate) check(in types.Schema) (types.Schema, error) {
	if !holds(in, a.WindowEnd, types.Timestamp) || !slices.Contains(a.Keys, a.WindowEnd) {
		return in, corrupt("column %d is no window_end that is grouped by", a.WindowEnd)
	}
	if s := a.Slices; s != nil && !a.holdsLast(in) {
		return in, corrupt("slices of %q windows of %d µs every %d µs make no sense", s.Kind, s.SizeMicros, s.StepMicros)
	}
	var kinds []types.Kind
	for _, k := range a.Keys {
		if k < 0 || k >= len(in.Columns) {
			return in, corrupt("there is no column %d to group by", k)
		}
		kinds = append(kinds, in.Columns[k].Kind)
	}
	for _, c := range a.Calls {
		fits := c.fits
		if a.Partials {
			fits = c.merges
		}
		if !fits(in) {
			return in, corrupt("%s does not fit its input", c.Function)
		}
		kinds = append(kinds, c.Kind)
	}
	if !slices.Equal(kinds, a.Schema.Kinds()) {
		return in, corrupt("its schema is not its keys and calls")
	}
	return a.Schema, nil
}

// holdsLast says whether the slices' shape makes sense and the input has the end of a row's last window.
func (a *Aggregate) holdsLast(in types.Schema) bool {
	s := a.Slices
	return a.WindowStart != nil && holds(in, *a.WindowStart, types.Timestamp) && s.SizeMicros > 0 && s.StepMicros > 0 && (s.Kind == WindowHop || s.Kind == WindowCumulate && s.SizeMicros%s.StepMicros == 0)
}

// fits says whether the call's columns exist and its function is known.
func (c AggregateCall) fits(in types.Schema) bool {
	switch c.Function {
	case AggregateCount:
	case AggregateSum, AggregateMin, AggregateMax, AggregateAvg:
		if c.Argument < 0 {
			return false
		}
	default:
		return false
	}
	return c.Argument >= -1 && c.Argument < len(in.Columns) && (c.Filter == -1 || holds(in, c.Filter, types.Boolean))
}

// merges says whether the columns from the argument on are partial results of the call.
func (c AggregateCall) merges(in types.Schema) bool {
	at := c.Argument
	if at < 0 || at >= len(in.Columns) || c.Filter != -1 {
		return false
	}
	argument := in.Columns[at].Kind
	if c.Function == AggregateAvg && at+1 < len(in.Columns) {
		argument = in.Columns[at+1].Kind
	}
	for i, p := range c.Partials("", argument) {
		if at+i >= len(in.Columns) || in.Columns[at+i].Kind != p.Kind {
			return false
		}
	}
	switch c.Function {
	case AggregateCount, AggregateSum, AggregateMin, AggregateMax, AggregateAvg:
		return true
	default:
		return false
	}
}

// checkExpr looks that an expression is whole and reads columns that exist, as what they are.
func checkExpr(n expr.Node, in types.Schema, depth int) error {
	if depth > maxExpressionDepth {
		return corrupt("an expression nests deeper than %d", maxExpressionDepth)
	}
	switch {
	case n.Column != nil && n.Literal == nil && n.Call == nil:
		if !holds(in, n.Column.Index, n.Kind) {
			return corrupt("there is no column %d (%s) of type %s", n.Column.Index, n.Column.Name, n.Kind)
		}
		return nil
	case n.Literal != nil && n.Column == nil && n.Call == nil:
		return nil
	case n.Call != nil && n.Column == nil && n.Literal == nil:
		for _, a := range n.Call.Args {
			if err := checkExpr(a, in, depth+1); err != nil {
				return err
			}
		}
		return nil
	default:
		return corrupt("an expression must be a column, a literal or a call")
	}
}
