package project_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/operator"
	"github.com/millrace/millrace/runtime/operator/operatortest"
	"github.com/millrace/millrace/runtime/operator/project"
	"github.com/millrace/millrace/runtime/types"
)

func column(i int, kind types.Kind) expr.Node {
	return expr.Node{Kind: kind, Column: &expr.Column{Index: i}}
}

func call(function string, args ...expr.Node) expr.Node {
	return expr.Node{Kind: types.BigInt, Call: &expr.Call{Function: function, Args: args}}
}

// Two columns fail on overlapping rows; each bad row is reported once.
func TestProject(t *testing.T) {
	kinds := []types.Kind{types.BigInt, types.BigInt, types.String}
	a, b := column(0, types.BigInt), column(1, types.BigInt)
	nodes := []expr.Node{column(2, types.String), call("/", a, b), call("/", b, a), a}
	for _, nulls := range []float64{0, 0.3, 1} {
		t.Run(fmt.Sprintf("%v of the values are NULL", nulls), func(t *testing.T) {
			in := operatortest.Random(rand.New(rand.NewPCG(1, 2)), kinds, 60, nulls)
			got := operatortest.Run(t, operatortest.Case{
				New: func(_ operator.LateRows, bad operator.BadRows) (operator.Operator, error) {
					var programs []*expr.Program
					for _, n := range nodes {
						p, err := expr.Compile(n, kinds)
						if err != nil {
							return nil, err
						}
						programs = append(programs, p)
					}
					return project.New(programs, bad), nil
				},
				Input: in,
			})
			bad := 0
			var want []string
			for i := range in.Length {
				x, y := &in.Columns[0], &in.Columns[1]
				null := x.IsNull(i) || y.IsNull(i)
				if !null && (x.Int64[i] == 0 || y.Int64[i] == 0) {
					bad++
					continue
				}
				text := operatortest.Text(in, i)
				var first, second, s string
				if _, err := fmt.Sscan(text, &first, &second, &s); err != nil {
					t.Fatal(err)
				}
				over, under := "NULL", "NULL"
				if !null {
					over, under = strconv.FormatInt(x.Int64[i]/y.Int64[i], 10), strconv.FormatInt(y.Int64[i]/x.Int64[i], 10)
				}
				want = append(want, s+" "+over+" "+under+" "+first)
			}
			if fmt.Sprint(got.Rows) != fmt.Sprint(want) || len(got.Bad) != bad {
				t.Errorf("%d bad and %q, want %d and %q", len(got.Bad), got.Rows, bad, want)
			}
		})
	}
}
