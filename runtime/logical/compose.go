package logical

import (
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// compose binds literals and what is built of operands; in binds the operands. Columns and aggregates are in's own.
func (b *binder) compose(e sql.Expr, in expressions) (expr.Node, error) {
	if n, ok, err := b.literal(e); ok {
		return n, err
	}
	switch e := e.(type) {
	case *sql.Unary:
		return b.unary(e, in)
	case *sql.Binary:
		return b.binary(e, in)
	case *sql.Is:
		return b.is(e, in)
	case *sql.IsDistinct:
		n, err := b.apply("IS DISTINCT FROM", e.Pos(), in, e.Left, e.Right)
		return b.negated(n, err, e.Not, e.Pos())
	case *sql.Between:
		return b.between(e, in)
	case *sql.In:
		return b.in(e, in)
	case *sql.Like:
		operands := []sql.Expr{e.Expr, e.Pattern}
		if e.Escape != nil {
			operands = append(operands, e.Escape)
		}
		n, err := b.apply("LIKE", e.Pos(), in, operands...)
		return b.negated(n, err, e.Not, e.Pos())
	case *sql.Case:
		return b.caseOf(e, in)
	case *sql.Cast:
		return b.cast(e, in)
	default:
		return b.composeFunction(e, in)
	}
}

// composeFunction binds what is written as a function.
func (b *binder) composeFunction(e sql.Expr, in expressions) (expr.Node, error) {
	switch e := e.(type) {
	case *sql.Call:
		return b.function(e, in)
	case *sql.Extract:
		return b.apply(e.Unit.String(), e.At, in, e.Expr)
	case *sql.Trim:
		name := "TRIM"
		switch e.Side {
		case sql.TrimLeading:
			name = "LTRIM"
		case sql.TrimTrailing:
			name = "RTRIM"
		case sql.TrimBoth:
		}
		if e.Chars == nil {
			return b.apply(name, e.At, in, e.Expr)
		}
		return b.apply(name, e.At, in, e.Expr, e.Chars)
	case *sql.TimeRound:
		if e.Up {
			return b.apply("CEIL_"+e.Unit.String(), e.At, in, e.Expr)
		}
		return b.apply("TRUNC_"+e.Unit.String(), e.At, in, e.Expr)
	default:
		return expr.Node{}, fault.New(fault.Bug, e.Pos().In(b.file), "no expression for a %T", e)
	}
}

// apply binds operands and calls a function of the table on them.
func (b *binder) apply(name string, at sql.Pos, in expressions, operands ...sql.Expr) (expr.Node, error) {
	args := make([]expr.Node, len(operands))
	for i, o := range operands {
		n, err := in.bind(o)
		if err != nil {
			return expr.Node{}, err
		}
		args[i] = n
	}
	return b.call(name, at, args...)
}

// call calls a function of the table on bound operands.
func (b *binder) call(name string, at sql.Pos, args ...expr.Node) (expr.Node, error) {
	n, err := expr.NewCall(name, at.Line, at.Column, args...)
	if err != nil {
		return n, b.placed(timeRemedy(err, args), at)
	}
	return n, nil
}

// timeRemedy points from a comparison of a time with a text to the literal that was meant.
func timeRemedy(err error, args []expr.Node) error {
	f, ok := asFault(err)
	if !ok || len(args) != 2 {
		return err
	}
	a, c := args[0], args[1]
	if a.Kind == types.String {
		a, c = c, a
	}
	if c.Kind != types.String || c.Literal == nil || c.Literal.Text == nil {
		return err
	}
	if a.Kind == types.Timestamp || a.Kind == types.Date {
		return f.Do("write %s '%s', or CAST the text", a.Kind, *c.Literal.Text)
	}
	return err
}

func (b *binder) negated(n expr.Node, err error, not bool, at sql.Pos) (expr.Node, error) {
	if err != nil || !not {
		return n, err
	}
	return b.call("NOT", at, n)
}

func (b *binder) unary(e *sql.Unary, in expressions) (expr.Node, error) {
	switch e.Op {
	case sql.Not:
		return b.apply("NOT", e.At, in, e.Expr)
	case sql.Minus:
		return b.apply("NEG", e.At, in, e.Expr)
	case sql.Plus:
		n, err := in.bind(e.Expr)
		if err == nil && !n.Kind.Numeric() && n.Kind != types.Interval && n.Kind != types.Null {
			return n, b.fault(e.At, "the sign + does not apply to %s", n.Kind)
		}
		return n, err
	default:
		return expr.Node{}, fault.New(fault.Bug, e.At.In(b.file), "no expression for the operator %s", e.Op)
	}
}

func (b *binder) binary(e *sql.Binary, in expressions) (expr.Node, error) {
	return b.apply(e.Op.String(), e.OpAt, in, e.Left, e.Right)
}

func (b *binder) is(e *sql.Is, in expressions) (expr.Node, error) {
	switch e.Test {
	case sql.IsNull, sql.IsUnknown:
		name := "IS NULL"
		if e.Not {
			name = "IS NOT NULL"
		}
		n, err := in.bind(e.Expr)
		if err != nil {
			return n, err
		}
		if e.Test == sql.IsUnknown && n.Kind != types.Boolean && n.Kind != types.Null {
			return n, b.fault(e.Pos(), "IS UNKNOWN asks about a BOOLEAN, and this is %s", n.Kind).Do("write IS NULL")
		}
		return b.call(name, e.Pos(), n)
	case sql.IsTrue:
		n, err := b.apply("IS TRUE", e.Pos(), in, e.Expr)
		return b.negated(n, err, e.Not, e.Pos())
	case sql.IsFalse:
		n, err := b.apply("IS FALSE", e.Pos(), in, e.Expr)
		return b.negated(n, err, e.Not, e.Pos())
	default:
		return expr.Node{}, fault.New(fault.Bug, e.Pos().In(b.file), "no expression for IS %s", e.Test)
	}
}

// between is low <= x AND x <= high.
func (b *binder) between(e *sql.Between, in expressions) (expr.Node, error) {
	low, err := b.apply(">=", e.Pos(), in, e.Expr, e.Low)
	if err != nil {
		return low, err
	}
	high, err := b.apply("<=", e.Pos(), in, e.Expr, e.High)
	if err != nil {
		return high, err
	}
	n, err := b.call("AND", e.Pos(), low, high)
	return b.negated(n, err, e.Not, e.Pos())
}

// in binds x IN (list). The function takes constants only, so a list with others becomes comparisons.
func (b *binder) in(e *sql.In, in expressions) (expr.Node, error) {
	args := make([]expr.Node, 0, 1+len(e.List))
	constant := true
	for i, o := range append([]sql.Expr{e.Expr}, e.List...) {
		n, err := in.bind(o)
		if err != nil {
			return n, err
		}
		constant = constant && (i == 0 || n.Literal != nil)
		args = append(args, n)
	}
	if constant {
		n, err := b.call("IN", e.Pos(), args...)
		return b.negated(n, err, e.Not, e.Pos())
	}
	equals := make([]expr.Node, len(e.List))
	for i := range equals {
		n, err := b.call("=", e.List[i].Pos(), args[0], args[i+1])
		if err != nil {
			return n, err
		}
		equals[i] = n
	}
	if len(equals) == 1 {
		return b.negated(equals[0], nil, e.Not, e.Pos())
	}
	n, err := b.call("OR", e.Pos(), equals...)
	return b.negated(n, err, e.Not, e.Pos())
}

// caseOf binds both forms of CASE to conditions and values in turn.
func (b *binder) caseOf(e *sql.Case, in expressions) (expr.Node, error) {
	var args []expr.Node
	for _, w := range e.Whens {
		cond, err := b.condition(e.Operand, w.Cond, in)
		if err != nil {
			return cond, err
		}
		value, err := in.bind(w.Result)
		if err != nil {
			return value, err
		}
		args = append(args, cond, value)
	}
	last := expr.Node{Kind: types.Null, Literal: &expr.Literal{}}
	if e.Else != nil {
		var err error
		if last, err = in.bind(e.Else); err != nil {
			return last, err
		}
	}
	return b.call("CASE", e.At, append(args, last)...)
}

func (b *binder) condition(operand, cond sql.Expr, in expressions) (expr.Node, error) {
	if operand == nil {
		return b.predicate(in, cond)
	}
	return b.apply("=", cond.Pos(), in, operand, cond)
}

func (b *binder) cast(e *sql.Cast, in expressions) (expr.Node, error) {
	n, err := in.bind(e.Expr)
	if err != nil {
		return n, err
	}
	kind, err := b.kind(e.Type)
	if err != nil {
		return n, err
	}
	if n.Literal != nil && n.Literal.IsNull() {
		return expr.Coerce(n, kind), nil
	}
	c, err := expr.NewCast(n, kind, e.Try, e.At.Line, e.At.Column)
	if err != nil {
		return c, b.placed(err, e.At)
	}
	return c, nil
}
