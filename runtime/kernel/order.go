package kernel

// number is what the loops of numbers run over.
type number interface{ ~int64 | ~float64 }

// isNaN says what only NaN says: that it differs from itself. For integers the compiler drops the test.
func isNaN[T number](x T) bool {
	return x != x
}

func equal[T number](a, b T) bool { return a == b || isNaN(a) && isNaN(b) }

// less orders numbers, NaN above all others.
func less[T number](a, b T) bool { return a < b || isNaN(b) && !isNaN(a) }

// Compare returns -1, 0 or 1 as a is before, equal to or after b in the order that Less and Equal hold to.
func Compare[T number](a, b T) int {
	switch {
	case less(a, b):
		return -1
	case less(b, a):
		return 1
	default:
		return 0
	}
}
