package expr

import (
	"math"

	"github.com/millrace/millrace/runtime/types"
)

// numbers are the overloads of an operator over two numbers: the wider type of the two is the result's.
func numbers() []overload {
	return []overload{
		{args: []types.Kind{types.Int, types.Int}, result: types.Int},
		{args: []types.Kind{types.BigInt, types.BigInt}, result: types.BigInt},
		{args: []types.Kind{types.Double, types.Double}, result: types.Double},
	}
}

// number are the overloads of a function of one number that keeps the type.
func number() []overload {
	return []overload{
		{args: []types.Kind{types.Int}, result: types.Int},
		{args: []types.Kind{types.BigInt}, result: types.BigInt},
		{args: []types.Kind{types.Double}, result: types.Double},
	}
}

func arithmeticFunctions() []function {
	const (
		timestamp = types.Timestamp
		interval  = types.Interval
		bigint    = types.BigInt
	)
	return []function{
		{
			name: "+", make: makeArithmetic, group: groupArithmetic, operator: true, syntax: "a + b", text: "The sum. A result out of the type's range is an error of the row.",
			overloads: append(numbers(),
				overload{args: []types.Kind{timestamp, interval}, result: timestamp},
				overload{args: []types.Kind{interval, timestamp}, result: timestamp},
				overload{args: []types.Kind{interval, interval}, result: interval}),
		},
		{
			name: "-", make: makeArithmetic, group: groupArithmetic, operator: true, syntax: "a - b", text: "The difference. A result out of the type's range is an error of the row.",
			overloads: append(numbers(),
				overload{args: []types.Kind{timestamp, interval}, result: timestamp},
				overload{args: []types.Kind{timestamp, timestamp}, result: interval},
				overload{args: []types.Kind{interval, interval}, result: interval}),
		},
		{
			name: "*", make: makeArithmetic, group: groupArithmetic, operator: true, syntax: "a * b", text: "The product. A result out of the type's range is an error of the row.",
			overloads: append(numbers(),
				overload{args: []types.Kind{interval, bigint}, result: interval},
				overload{args: []types.Kind{bigint, interval}, result: interval}),
		},
		{
			name: "/", make: makeArithmetic, group: groupArithmetic, operator: true, syntax: "a / b",
			text:      "The quotient; of integers it is cut off towards zero. Division by zero is an error of the row, of DOUBLE too.",
			overloads: append(numbers(), overload{args: []types.Kind{interval, bigint}, result: interval}),
		},
		{
			name: "%", make: makeArithmetic, group: groupArithmetic, operator: true, syntax: "a % b",
			text:      "The remainder of the division that cuts off towards zero: it has the sign of a. Division by zero is an error of the row.",
			overloads: numbers(),
		},
		{
			name: "NEG", make: oneNumber(negate, negateFloat), group: groupArithmetic, operator: true, syntax: "-a", text: "The number with the opposite sign.",
			overloads: append(number(), overload{args: []types.Kind{interval}, result: interval}),
		},
	}
}

func numericFunctions() []function {
	return []function{
		{name: "ABS", make: oneNumber(absolute, math.Abs), group: groupNumeric, syntax: "ABS(x)", text: "The number without its sign.", overloads: number()},
		{name: "MOD", make: makeArithmetic, group: groupNumeric, syntax: "MOD(a, b)", text: "The same as a % b.", overloads: numbers()},
		{name: "FLOOR", make: oneNumber(nil, math.Floor), group: groupNumeric, syntax: "FLOOR(x)", text: "The largest whole number that is not above x.", overloads: number()},
		{name: "CEIL", make: oneNumber(nil, math.Ceil), group: groupNumeric, syntax: "CEIL(x)", text: "The smallest whole number that is not below x.", overloads: number()},
		{
			name: "ROUND", make: makeRound, group: groupNumeric, syntax: "ROUND(x [, digits])",
			text: "The number rounded to that many digits after the point (0 when not given; negative before the point); a half rounds away from zero.",
			overloads: append(number(),
				overload{args: []types.Kind{types.Int, types.Int}, result: types.Int},
				overload{args: []types.Kind{types.BigInt, types.Int}, result: types.BigInt},
				overload{args: []types.Kind{types.Double, types.Int}, result: types.Double}),
		},
	}
}
