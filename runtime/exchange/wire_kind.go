package exchange

import "github.com/millrace/millrace/runtime/types"

// wireKind returns the byte that stands for a kind in records; 0 is none. The numbers are never reused.
func wireKind(k types.Kind) byte {
	switch k {
	case types.Boolean:
		return 1
	case types.Int:
		return 2
	case types.BigInt:
		return 3
	case types.Double:
		return 4
	case types.String:
		return 5
	case types.Bytes:
		return 6
	case types.Date:
		return 7
	case types.Timestamp:
		return 8
	case types.Interval:
		return 9
	case types.Invalid, types.Null:
		return 0
	default:
		return 0
	}
}
