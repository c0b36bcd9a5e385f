package filter_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/filter"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/types"
)

func column(i int, kind types.Kind) expr.Node {
	return expr.Node{Kind: kind, Column: &expr.Column{Index: i}}
}

func call(kind types.Kind, function string, args ...expr.Node) expr.Node {
	return expr.Node{Kind: kind, Call: &expr.Call{Function: function, Args: args}}
}

// The predicate 4 / a > b is TRUE, FALSE, NULL and an error by turns.
func TestFilter(t *testing.T) {
	kinds := []types.Kind{types.BigInt, types.BigInt}
	four := int64(4)
	quotient := call(types.BigInt, "/", expr.Node{Kind: types.BigInt, Literal: &expr.Literal{Int64: &four}}, column(0, types.BigInt))
	predicate := call(types.Boolean, ">", quotient, column(1, types.BigInt))
	for _, nulls := range []float64{0, 0.3, 1} {
		t.Run(fmt.Sprintf("%v of the values are NULL", nulls), func(t *testing.T) {
			in := operatortest.Random(rand.New(rand.NewPCG(1, 2)), kinds, 60, nulls)
			got := operatortest.Run(t, operatortest.Case{
				New: func(_ operator.LateRows, bad operator.BadRows) (operator.Operator, error) {
					p, err := expr.Compile(predicate, kinds)
					if err != nil {
						return nil, err
					}
					return filter.New(p, bad), nil
				},
				Input: in,
			})
			rows, bad := 0, 0
			for i := range in.Length {
				a, b := in.Columns[0].Int64[i], in.Columns[1].Int64[i]
				switch {
				case in.Columns[0].IsNull(i):
				case a == 0:
					bad++
				case !in.Columns[1].IsNull(i) && 4/a > b:
					rows++
				}
			}
			if len(got.Rows) != rows || len(got.Bad) != bad {
				t.Errorf("%d rows and %d bad, want %d and %d", len(got.Rows), len(got.Bad), rows, bad)
			}
		})
	}
}
