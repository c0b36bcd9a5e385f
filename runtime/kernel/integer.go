package kernel

import (
	"math"
	"math/bits"
)

// Add writes a + b of the selected rows, and says whether one of them may have overflowed 64 bits.
func Add(dst, a, b []int64, sel []int32) bool {
	var carry int64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			r := x + b[i]
			carry |= (x ^ r) & (b[i] ^ r)
			dst[i] = r
		}
		return carry < 0
	}
	for _, i := range sel {
		r := a[i] + b[i]
		carry |= (a[i] ^ r) & (b[i] ^ r)
		dst[i] = r
	}
	return carry < 0
}

// Subtract writes a - b of the selected rows, and says whether one of them may have overflowed 64 bits.
func Subtract(dst, a, b []int64, sel []int32) bool {
	var borrow int64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			r := x - b[i]
			borrow |= (x ^ b[i]) & (x ^ r)
			dst[i] = r
		}
		return borrow < 0
	}
	for _, i := range sel {
		r := a[i] - b[i]
		borrow |= (a[i] ^ b[i]) & (a[i] ^ r)
		dst[i] = r
	}
	return borrow < 0
}

// Multiply writes a * b of the selected rows, and says whether one of them may have overflowed 64 bits.
func Multiply(dst, a, b []int64, sel []int32) bool {
	var lost int64
	if sel == nil {
		b, dst = b[:len(a)], dst[:len(a)]
		for i, x := range a {
			high, low := product(x, b[i])
			lost |= high ^ low>>63
			dst[i] = low
		}
		return lost != 0
	}
	for _, i := range sel {
		high, low := product(a[i], b[i])
		lost |= high ^ low>>63
		dst[i] = low
	}
	return lost != 0
}

// product is the signed 128-bit product (Hacker's Delight, 8-3: the unsigned one, corrected by the signs).
func product(a, b int64) (high, low int64) {
	h, l := bits.Mul64(uint64(a), uint64(b))          //nolint:gosec // the bits are meant
	return int64(h) - (a>>63)&b - (b>>63)&a, int64(l) //nolint:gosec // the bits are meant
}

// OutOfInt32 says whether a value of the selected rows does not fit 32 bits.
func OutOfInt32(values []int64, sel []int32) bool {
	var out int64
	if sel == nil {
		for _, x := range values {
			out |= x ^ int64(int32(x)) //nolint:gosec // cutting off is the test
		}
		return out != 0
	}
	for _, i := range sel {
		out |= values[i] ^ int64(int32(values[i])) //nolint:gosec // cutting off is the test
	}
	return out != 0
}

// AddOne returns a + b, and false when it overflows.
func AddOne(a, b int64) (int64, bool) {
	r := a + b
	return r, (a^r)&(b^r) >= 0
}

// SubtractOne returns a - b, and false when it overflows.
func SubtractOne(a, b int64) (int64, bool) {
	r := a - b
	return r, (a^b)&(a^r) >= 0
}

// MultiplyOne returns a * b, and false when it overflows.
func MultiplyOne(a, b int64) (int64, bool) {
	high, low := product(a, b)
	return low, high == low>>63
}

// DivideOne returns a / b cut off towards zero, and false when b is 0 or the quotient overflows.
func DivideOne(a, b int64) (int64, bool) {
	if b == 0 || a == math.MinInt64 && b == -1 {
		return 0, false
	}
	return a / b, true
}

// RemainderOne returns what DivideOne leaves, with the sign of a, and false when b is 0.
func RemainderOne(a, b int64) (int64, bool) {
	if b == 0 {
		return 0, false
	}
	return a % b, true
}

// FitsInt32 says whether a value fits 32 bits.
func FitsInt32(x int64) bool { return x >= math.MinInt32 && x <= math.MaxInt32 }

// FloorDivide returns a / b rounded down, for b above 0.
func FloorDivide(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
