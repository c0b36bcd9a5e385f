package expr

import (
	"math"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/kernel"
	"github.com/millrace/millrace/runtime/types"
)

// oneNumber is the maker of a function of one number that keeps the type; a nil integer function changes nothing.
func oneNumber(integer func(x int64) (int64, bool), float func(x float64) float64) maker {
	return func(c *callContext) (evaluator, error) {
		if c.kind == types.Double {
			return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
				out.Float64[i] = float(in[0].Float64[i])
				return nil
			}, c.args...), nil
		}
		if integer == nil {
			return c.args[0], nil
		}
		name := c.name
		if name == "NEG" {
			name = "-"
		}
		return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
			r, ok := integer(in[0].Int64[i])
			if !ok || c.kind == types.Int && !kernel.FitsInt32(r) {
				return outOfRange(name, in, i)
			}
			out.Int64[i] = r
			return nil
		}, c.args...), nil
	}
}

func negate(x int64) (int64, bool) { return kernel.SubtractOne(0, x) }

func negateFloat(x float64) float64 { return -x }

func absolute(x int64) (int64, bool) {
	if x >= 0 {
		return x, true
	}
	return negate(x)
}

func makeRound(c *callContext) (evaluator, error) {
	if len(c.args) == 1 {
		return oneNumber(nil, math.Round)(c)
	}
	if c.kind == types.Double {
		return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
			out.Float64[i] = kernel.RoundDigits(in[0].Float64[i], in[1].Int64[i])
			if !kernel.Finite(out.Float64[i]) && kernel.Finite(in[0].Float64[i]) {
				return outOfRange(c.name, in, i)
			}
			return nil
		}, c.args...), nil
	}
	return c.rows(func(out *batch.Vector, in []*batch.Vector, i int) *fault.Error {
		r, ok := kernel.RoundInteger(in[0].Int64[i], in[1].Int64[i])
		if !ok || c.kind == types.Int && !kernel.FitsInt32(r) {
			return outOfRange(c.name, in, i)
		}
		out.Int64[i] = r
		return nil
	}, c.args...), nil
}
