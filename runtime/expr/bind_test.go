package expr_test

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// binder makes trees of SQL text over columns, as far as these tests need it; the product's is in runtime/logical.
type binder struct{ columns []types.Column }

func (b *binder) parse(text string) (expr.Node, error) {
	tree, err := sql.ParseExpr("", text)
	if err != nil {
		return expr.Node{}, err
	}
	return b.bind(tree)
}

func (b *binder) bind(e sql.Expr) (expr.Node, error) {
	switch e := e.(type) {
	case *sql.ColumnRef:
		for i, c := range b.columns {
			if c.Name == e.Name.Name {
				return expr.Node{Kind: c.Kind, Column: &expr.Column{Index: i, Name: c.Name}}, nil
			}
		}
		return expr.Node{}, fmt.Errorf("no column %s", e.Name.Name)
	case *sql.Unary:
		switch e.Op {
		case sql.Not:
			return b.call("NOT", e.At, e.Expr)
		case sql.Minus:
			return b.call("NEG", e.At, e.Expr)
		default:
			return b.bind(e.Expr)
		}
	case *sql.Binary:
		return b.call(e.Op.String(), e.OpAt, e.Left, e.Right)
	case *sql.Call:
		return b.call(strings.ToUpper(e.Name.Name), e.At, e.Args...)
	default:
		return b.special(e)
	}
}

// special binds what has syntax of its own.
func (b *binder) special(e sql.Expr) (expr.Node, error) {
	switch e := e.(type) {
	case *sql.Is:
		return b.is(e)
	case *sql.IsDistinct:
		return b.negated("IS DISTINCT FROM", e.Pos(), e.Not, e.Left, e.Right)
	case *sql.In:
		return b.negated("IN", e.Pos(), e.Not, append([]sql.Expr{e.Expr}, e.List...)...)
	case *sql.Like:
		args := []sql.Expr{e.Expr, e.Pattern}
		if e.Escape != nil {
			args = append(args, e.Escape)
		}
		return b.negated("LIKE", e.Pos(), e.Not, args...)
	case *sql.Case:
		return b.caseWhen(e)
	case *sql.Cast:
		n, err := b.bind(e.Expr)
		if err != nil {
			return n, err
		}
		kind, ok := types.KindByName(e.Type.Name)
		if !ok {
			return n, fmt.Errorf("no type %s", e.Type.Name)
		}
		return expr.NewCast(n, kind, e.Try, e.At.Line, e.At.Column)
	case *sql.Extract:
		return b.call(e.Unit.String(), e.At, e.Expr)
	case *sql.TimeRound:
		if e.Up {
			return b.call("CEIL_"+e.Unit.String(), e.At, e.Expr)
		}
		return b.call("TRUNC_"+e.Unit.String(), e.At, e.Expr)
	case *sql.Trim:
		name := map[sql.TrimSide]string{sql.TrimBoth: "TRIM", sql.TrimLeading: "LTRIM", sql.TrimTrailing: "RTRIM"}[e.Side]
		if e.Chars == nil {
			return b.call(name, e.At, e.Expr)
		}
		return b.call(name, e.At, e.Expr, e.Chars)
	default:
		return literal(e)
	}
}

func (b *binder) call(name string, at sql.Pos, args ...sql.Expr) (expr.Node, error) {
	nodes := make([]expr.Node, len(args))
	for i, a := range args {
		var err error
		if nodes[i], err = b.bind(a); err != nil {
			return expr.Node{}, err
		}
	}
	return expr.NewCall(name, at.Line, at.Column, nodes...)
}

func (b *binder) negated(name string, at sql.Pos, not bool, args ...sql.Expr) (expr.Node, error) {
	n, err := b.call(name, at, args...)
	if err != nil || !not {
		return n, err
	}
	return expr.NewCall("NOT", at.Line, at.Column, n)
}

func (b *binder) is(e *sql.Is) (expr.Node, error) {
	switch e.Test {
	case sql.IsTrue:
		return b.negated("IS TRUE", e.Pos(), e.Not, e.Expr)
	case sql.IsFalse:
		return b.negated("IS FALSE", e.Pos(), e.Not, e.Expr)
	default:
		if e.Not {
			return b.call("IS NOT NULL", e.Pos(), e.Expr)
		}
		return b.call("IS NULL", e.Pos(), e.Expr)
	}
}

func (b *binder) caseWhen(e *sql.Case) (expr.Node, error) {
	var args []sql.Expr
	for _, w := range e.Whens {
		cond := w.Cond
		if e.Operand != nil {
			cond = &sql.Binary{Op: sql.Equal, OpAt: w.Cond.Pos(), Left: e.Operand, Right: w.Cond}
		}
		args = append(args, cond, w.Result)
	}
	if e.Else == nil {
		return b.call("CASE", e.At, append(args, &sql.NullLiteral{})...)
	}
	return b.call("CASE", e.At, append(args, e.Else)...)
}

func literal(e sql.Expr) (expr.Node, error) {
	integer := func(kind types.Kind, x int64) (expr.Node, error) {
		return expr.Node{Kind: kind, Literal: &expr.Literal{Int64: &x}}, nil
	}
	switch e := e.(type) {
	case *sql.NullLiteral:
		return expr.Node{Kind: types.Null, Literal: &expr.Literal{}}, nil
	case *sql.BoolLiteral:
		return expr.Node{Kind: types.Boolean, Literal: &expr.Literal{Bool: &e.Value}}, nil
	case *sql.IntegerLiteral:
		if e.Value < math.MinInt32 || e.Value > math.MaxInt32 {
			return integer(types.BigInt, e.Value)
		}
		return integer(types.Int, e.Value)
	case *sql.DecimalLiteral:
		x, err := strconv.ParseFloat(e.Text, 64)
		return expr.Node{Kind: types.Double, Literal: &expr.Literal{Float64: &x}}, err
	case *sql.DoubleLiteral:
		return expr.Node{Kind: types.Double, Literal: &expr.Literal{Float64: &e.Value}}, nil
	case *sql.StringLiteral:
		return expr.Node{Kind: types.String, Literal: &expr.Literal{Text: &e.Value}}, nil
	case *sql.BytesLiteral:
		return expr.Node{Kind: types.Bytes, Literal: &expr.Literal{Bytes: e.Value}}, nil
	case *sql.TimestampLiteral:
		return integer(types.Timestamp, e.Micros)
	case *sql.DateLiteral:
		return integer(types.Date, int64(e.Days))
	case *sql.IntervalLiteral:
		return integer(types.Interval, e.Micros)
	default:
		return expr.Node{}, fmt.Errorf("%T is not bound here", e)
	}
}
