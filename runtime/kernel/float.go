package kernel

import "math"

// AddFloat writes a + b of the selected rows, and says whether one of them may be infinite or NaN.
func AddFloat(dst, a, b []float64, sel []int32) bool {
	var wrong float64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			dst[i] = x + b[i]
			wrong += dst[i] - dst[i]
		}
		return wrong != 0
	}
	for _, i := range sel {
		dst[i] = a[i] + b[i]
		wrong += dst[i] - dst[i]
	}
	return wrong != 0
}

// SubtractFloat writes a - b of the selected rows, and says whether one of them may be infinite or NaN.
func SubtractFloat(dst, a, b []float64, sel []int32) bool {
	var wrong float64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			dst[i] = x - b[i]
			wrong += dst[i] - dst[i]
		}
		return wrong != 0
	}
	for _, i := range sel {
		dst[i] = a[i] - b[i]
		wrong += dst[i] - dst[i]
	}
	return wrong != 0
}

// MultiplyFloat writes a * b of the selected rows, and says whether one of them may be infinite or NaN.
func MultiplyFloat(dst, a, b []float64, sel []int32) bool {
	var wrong float64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			dst[i] = x * b[i]
			wrong += dst[i] - dst[i]
		}
		return wrong != 0
	}
	for _, i := range sel {
		dst[i] = a[i] * b[i]
		wrong += dst[i] - dst[i]
	}
	return wrong != 0
}

// DivideFloat writes a / b of the selected rows, and says whether one of them may be infinite or NaN.
func DivideFloat(dst, a, b []float64, sel []int32) bool {
	var wrong float64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			dst[i] = x / b[i]
			wrong += dst[i] - dst[i]
		}
		return wrong != 0
	}
	for _, i := range sel {
		dst[i] = a[i] / b[i]
		wrong += dst[i] - dst[i]
	}
	return wrong != 0
}

// Finite says whether a number is neither infinite nor NaN.
func Finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// RoundDigits rounds to a number of digits after the point, or, negative, before it; a half rounds away from zero.
func RoundDigits(x float64, digits int64) float64 {
	if digits == 0 || !Finite(x) {
		return math.Round(x)
	}
	if digits > 300 || digits < -308 { // 10^digits would not be finite, and no digit is left to round
		if digits > 0 {
			return x
		}
		return 0
	}
	if digits < 0 {
		p := math.Pow10(int(-digits))
		return math.Round(x/p) * p
	}
	p := math.Pow10(int(digits))
	if r := math.Round(x*p) / p; Finite(r) {
		return r
	}
	return x // larger than what has such digits
}

// RoundInteger rounds to digits before the point, when digits is negative; a half rounds away from zero. It says false
// when the result overflows.
func RoundInteger(x, digits int64) (int64, bool) {
	if digits >= 0 {
		return x, true
	}
	if digits < -18 {
		return roundBeyond(x, digits)
	}
	p := int64(math.Pow10(int(-digits)))
	rest := x % p
	x -= rest
	switch {
	case rest >= p/2:
		return AddOne(x, p)
	case rest <= -p/2:
		return SubtractOne(x, p)
	default:
		return x, true
	}
}

// roundBeyond rounds to 10^19 and more: 0, or out of range at 10^19 for the upper half of the values.
func roundBeyond(x, digits int64) (int64, bool) {
	const half = 5_000_000_000_000_000_000
	return 0, digits < -19 || (x < half && x > -half)
}

// An operation on two finite numbers fails when its result is not finite; infinities and NaN that come in from outside
// are computed with as IEEE 754 says, but for division by zero, which always fails.

// AddOneFloat returns a + b, and false when it overflows.
func AddOneFloat(a, b float64) (float64, bool) { return checked(a+b, a, b) }

// SubtractOneFloat returns a - b, and false when it overflows.
func SubtractOneFloat(a, b float64) (float64, bool) { return checked(a-b, a, b) }

// MultiplyOneFloat returns a * b, and false when it overflows.
func MultiplyOneFloat(a, b float64) (float64, bool) { return checked(a*b, a, b) }

// DivideOneFloat returns a / b, and false when b is 0 or the quotient overflows.
func DivideOneFloat(a, b float64) (float64, bool) {
	r, ok := checked(a/b, a, b)
	return r, ok && b != 0
}

// RemainderOneFloat returns what is left of a after taking b a whole number of times, with the sign of a, and false when
// b is 0.
func RemainderOneFloat(a, b float64) (float64, bool) { return math.Mod(a, b), b != 0 }

func checked(r, a, b float64) (float64, bool) { return r, Finite(r) || !Finite(a) || !Finite(b) }
