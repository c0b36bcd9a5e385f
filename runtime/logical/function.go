package logical

import "github.com/millrace/millrace/runtime/types"

// Function names an aggregate function.
type Function string

// The aggregate functions.
const (
	Count Function = "COUNT"
	Sum   Function = "SUM"
	Min   Function = "MIN"
	Max   Function = "MAX"
	Avg   Function = "AVG"
)

func aggregateNames() []string {
	return []string{string(Count), string(Sum), string(Min), string(Max), string(Avg)}
}

// result returns the type of the function over an argument, false when it does not apply. COUNT(*) has no argument and
// is not asked about.
func (f Function) result(argument types.Kind) (types.Kind, bool) {
	switch f {
	case Count:
		return types.BigInt, true
	case Sum:
		if argument == types.Double {
			return types.Double, true
		}
		return types.BigInt, argument.Numeric()
	case Avg:
		return types.Double, argument.Numeric()
	case Min, Max:
		return argument, argument != types.Invalid && argument != types.Null
	default:
		return types.Invalid, false
	}
}

// takes says in words what the function applies to.
func (f Function) takes() string {
	switch f {
	case Sum, Avg:
		return "a number"
	case Count, Min, Max:
		return "a value of any type"
	default:
		return "nothing"
	}
}
