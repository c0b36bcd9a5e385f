package expr

import (
	"math"

	"github.com/millrace/millrace/runtime/types"
)

// anyNumber is no bound on the number of arguments.
const anyNumber = math.MaxInt

// comparison types two or more arguments of one common type that give a BOOLEAN.
func comparison(least, most int) rule {
	return func(args []types.Kind) (types.Kind, []types.Kind, bool) {
		if !within(len(args), least, most) {
			return types.Invalid, nil, false
		}
		kind, ok := common(args)
		return types.Boolean, repeat(kind, len(args)), ok
	}
}

// same types arguments of one common type, which is the result's too.
func same(least, most int) rule {
	return func(args []types.Kind) (types.Kind, []types.Kind, bool) {
		if !within(len(args), least, most) {
			return types.Invalid, nil, false
		}
		kind, ok := common(args)
		return kind, repeat(kind, len(args)), ok
	}
}

// each types arguments, at least so many, that are all of one fixed kind, which is the result's too.
func each(kind types.Kind, least int) rule {
	return func(args []types.Kind) (types.Kind, []types.Kind, bool) {
		if len(args) < least {
			return types.Invalid, nil, false
		}
		for _, a := range args {
			if !implicit(a, kind) {
				return types.Invalid, nil, false
			}
		}
		return kind, repeat(kind, len(args)), true
	}
}

// anything types one argument of any type.
func anything(result types.Kind) rule {
	return func(args []types.Kind) (types.Kind, []types.Kind, bool) {
		return result, args, len(args) == 1 && args[0] != types.Invalid
	}
}

// branches types condition, value, condition, value, …, value.
func branches(args []types.Kind) (types.Kind, []types.Kind, bool) {
	if len(args) < 3 || len(args)%2 == 0 {
		return types.Invalid, nil, false
	}
	var values []types.Kind
	for i, a := range args {
		if isCondition(i, len(args)) {
			if !implicit(a, types.Boolean) {
				return types.Invalid, nil, false
			}
			continue
		}
		values = append(values, a)
	}
	kind, ok := common(values)
	casts := repeat(kind, len(args))
	for i := range casts {
		if isCondition(i, len(args)) {
			casts[i] = types.Boolean
		}
	}
	return kind, casts, ok
}

func isCondition(i, n int) bool { return i%2 == 0 && i < n-1 }

func within(n, least, most int) bool { return n >= least && n <= most }
