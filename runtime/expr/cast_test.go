package expr_test

import (
	"testing"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/expr"
	"github.com/millrace/millrace/runtime/types"
)

// TestCastsThatAreAllowedRun takes every pair of types: what CheckCast allows compiles and gives its type, and what it
// refuses does not compile.
func TestCastsThatAreAllowedRun(t *testing.T) {
	kinds := []types.Kind{types.Null, types.Boolean, types.Int, types.BigInt, types.Double, types.String, types.Bytes, types.Date, types.Timestamp, types.Interval}
	input := onesAndNulls(kinds)
	for i, from := range kinds {
		for _, to := range kinds {
			for _, function := range []string{"CAST", "TRY_CAST"} {
				arg := expr.Node{Kind: from, Column: &expr.Column{Index: i}}
				p, err := expr.Compile(expr.Node{Kind: to, Call: &expr.Call{Function: function, Args: []expr.Node{arg}}}, kinds)
				if allowed := expr.CheckCast(from, to) == nil; allowed != (err == nil) {
					t.Fatalf("%s of %s to %s: allowed %v, compiles with %v", function, from, to, allowed, err)
				}
				if err != nil {
					continue
				}
				v, failures, err := p.Eval(input)
				if err != nil || v.Kind != to || v.Len() != 2 || !v.IsNull(1) {
					t.Errorf("%s of %s to %s gives %d slots of %s, %v", function, from, to, v.Len(), v.Kind, err)
				}
				if function == "TRY_CAST" && failures != nil {
					t.Errorf("%s of %s to %s fails: %v", function, from, to, failures)
				}
			}
		}
	}
}

// onesAndNulls has a row of ones and one of NULLs.
func onesAndNulls(kinds []types.Kind) *batch.Batch {
	input := &batch.Batch{}
	input.Reset(kinds)
	for i := range input.Columns {
		v := &input.Columns[i]
		switch v.Kind.Storage() {
		case types.StoreBool:
			v.AppendBool(true)
		case types.StoreInt64:
			v.AppendInt64(1)
		case types.StoreFloat64:
			v.AppendFloat64(1)
		case types.StoreBytes:
			v.AppendBytes([]byte("1"))
		case types.StoreNone:
			v.AppendNull()
		}
		v.AppendNull()
	}
	input.Length = 2
	return input
}
