package logical

import (
	"math"
	"strconv"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/sql"
	"github.com/millrace/millrace/runtime/types"
)

// literal binds a constant; false when the expression is none.
func (b *binder) literal(e sql.Expr) (expr.Node, bool, error) {
	switch e := e.(type) {
	case *sql.NullLiteral:
		return expr.Node{Kind: types.Null, Literal: &expr.Literal{}}, true, nil
	case *sql.BoolLiteral:
		v := e.Value
		return expr.Node{Kind: types.Boolean, Literal: &expr.Literal{Bool: &v}}, true, nil
	case *sql.IntegerLiteral:
		return integer(e.Value), true, nil
	case *sql.DecimalLiteral:
		v, err := strconv.ParseFloat(e.Text, 64)
		if err != nil {
			return expr.Node{}, true, b.fault(e.At, "the number %s does not fit a DOUBLE", e.Text)
		}
		return expr.Node{Kind: types.Double, Literal: &expr.Literal{Float64: &v}}, true, nil
	case *sql.DoubleLiteral:
		v := e.Value
		return expr.Node{Kind: types.Double, Literal: &expr.Literal{Float64: &v}}, true, nil
	case *sql.StringLiteral:
		return text(e.Value), true, nil
	case *sql.BytesLiteral:
		v := append([]byte{}, e.Value...)
		return expr.Node{Kind: types.Bytes, Literal: &expr.Literal{Bytes: v}}, true, nil
	case *sql.TimestampLiteral:
		return whole(types.Timestamp, e.Micros), true, nil
	case *sql.DateLiteral:
		return whole(types.Date, int64(e.Days)), true, nil
	case *sql.IntervalLiteral:
		micros, err := b.intervalMicros(e)
		return whole(types.Interval, micros), true, err
	default:
		return expr.Node{}, false, nil
	}
}

// integer is INT when it fits, else BIGINT.
func integer(v int64) expr.Node {
	if v >= math.MinInt32 && v <= math.MaxInt32 {
		return whole(types.Int, v)
	}
	return whole(types.BigInt, v)
}

func whole(kind types.Kind, v int64) expr.Node {
	return expr.Node{Kind: kind, Literal: &expr.Literal{Int64: &v}}
}

func text(v string) expr.Node {
	return expr.Node{Kind: types.String, Literal: &expr.Literal{Text: &v}}
}
