package accumulator

import (
	"github.com/millrace/millrace/runtime/fault"
	"github.com/millrace/millrace/runtime/types"
)

// op is what a step does with a value; its type is in it, so that loops have no switch inside.
type op uint8

const (
	opCount    op = iota // [count]
	opSumInt             // [count, sum low, sum high]
	opSumFloat           // [count, sum as bits]
	opAvgInt             // [count, sum low, sum high]
	opMinInt             // [count, value]
	opMaxInt             // [count, value]
	opMinFloat           // [count, value as bits]
	opMaxFloat           // [count, value as bits]
	opMinBool            // [count, value]
	opMaxBool            // [count, value]
	opMinBytes           // [count, place in the arena]
	opMaxBytes           // [count, place in the arena]
)

// step is a call made ready: the accumulator's words begin at offset in an entry. The first is a count of values, so
// that no values give NULL; for the extremes it is 0 or 1.
type step struct {
	op       op
	average  bool // divide by the count
	merges   bool // of partial results, which begin at the column argument
	argument int
	filter   int
	offset   int
	kind     types.Kind
}

func (s op) words() int {
	switch s {
	case opCount:
		return 1
	case opSumInt, opAvgInt:
		return 3
	default:
		return 2
	}
}

// newStep makes a call ready, whose accumulator begins at offset.
func newStep(c Call, input []types.Kind, offset int) (step, error) {
	s := step{argument: c.Argument, filter: c.Filter, offset: offset, kind: c.Kind}
	bug := fault.New(fault.Bug, fault.Place{}, "no aggregate %s over column %d gives %s", c.Function, c.Argument, c.Kind)
	if c.Function == Count {
		s.op = opCount
		if c.Kind != types.BigInt || c.Argument >= len(input) {
			return s, bug
		}
		return s, nil
	}
	if c.Argument < 0 || c.Argument >= len(input) || !s.choose(c, input[c.Argument]) {
		return s, bug
	}
	return s, nil
}

// choose sets what the step does with values of the argument's type, and says whether there is such a function.
func (s *step) choose(c Call, argument types.Kind) (ok bool) {
	switch c.Function {
	case Sum:
		s.op, ok = sumOp(argument)
		ok = ok && (c.Kind == types.Double) == (argument == types.Double) && c.Kind.Numeric() && c.Kind != types.Int
	case Avg:
		s.average = true
		s.op, ok = sumOp(argument)
		if s.op == opSumInt {
			s.op = opAvgInt
		}
		ok = ok && c.Kind == types.Double
	case Min, Max:
		s.op, ok = extremeOp(argument, c.Function == Max)
		ok = ok && c.Kind == argument
	case Count:
	default:
	}
	return ok
}

func sumOp(argument types.Kind) (op, bool) {
	switch argument {
	case types.Int, types.BigInt:
		return opSumInt, true
	case types.Double:
		return opSumFloat, true
	default:
		return 0, false
	}
}

func extremeOp(argument types.Kind, isMax bool) (o op, ok bool) {
	switch argument.Storage() {
	case types.StoreInt64:
		o = opMinInt
	case types.StoreFloat64:
		o = opMinFloat
	case types.StoreBool:
		o = opMinBool
	case types.StoreBytes:
		o = opMinBytes
	default:
		return 0, false
	}
	if isMax {
		o++
	}
	return o, true
}
