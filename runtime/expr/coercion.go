package expr

import "github.com/millrace/millrace/runtime/types"

// implicit says whether a value of one kind is taken where another is asked for. Only conversions that lose nothing
// but digits of a BIGINT beyond 2^53 are implicit; text never converts by itself.
func implicit(from, to types.Kind) bool {
	switch from {
	case to, types.Null:
		return true
	case types.Int:
		return to == types.BigInt || to == types.Double
	case types.BigInt:
		return to == types.Double
	case types.Date:
		return to == types.Timestamp
	default:
		return false
	}
}

// common returns the narrowest kind that all the kinds convert to. NULLs alone are STRING.
func common(kinds []types.Kind) (types.Kind, bool) {
	found := types.Null
	for _, k := range kinds {
		switch {
		case implicit(found, k):
			found = k
		case implicit(k, found):
		default:
			return types.Invalid, false
		}
	}
	if found == types.Null {
		found = types.String
	}
	return found, found != types.Invalid
}

func repeat(kind types.Kind, n int) []types.Kind {
	kinds := make([]types.Kind, n)
	for i := range kinds {
		kinds[i] = kind
	}
	return kinds
}
