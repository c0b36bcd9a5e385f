package json

import (
	"encoding/binary"
	"math/bits"
)

const (
	// maxIntegerBytes is what putInteger may write to: a sign, up to twenty digits, the rest of a word.
	maxIntegerBytes = 1 + 20 + wordBytes
	eightDigits     = 100_000_000
)

// putInteger writes x at n and returns where it ends.
func putInteger(out []byte, n int, x int64) int {
	u := uint64(x) //nolint:gosec // the bits are meant
	if x < 0 {
		out[n] = '-'
		n++
		u = -u
	}
	if u < eightDigits {
		return putFirst(out, n, u)
	}
	if u < eightDigits*eightDigits {
		return putAll(out, putFirst(out, n, u/eightDigits), u%eightDigits)
	}
	n = putFirst(out, n, u/(eightDigits*eightDigits))
	u %= eightDigits * eightDigits
	return putAll(out, putAll(out, n, u/eightDigits), u%eightDigits)
}

// putFirst writes up to eight digits without leading zeros.
func putFirst(out []byte, n int, u uint64) int {
	word := digitsOf(u)
	zerosBefore := min(bits.TrailingZeros64(word)/8, wordBytes-1) // 0 is a digit
	binary.LittleEndian.PutUint64(out[n:], (word|zeros)>>(8*zerosBefore))
	return n + wordBytes - zerosBefore
}

// putAll writes eight digits.
func putAll(out []byte, n int, u uint64) int {
	binary.LittleEndian.PutUint64(out[n:], digitsOf(u)|zeros)
	return n + wordBytes
}

// digitsOf returns the eight digits of a number below 10^8, the first in the lowest byte: it is cut into halves of four
// digits, all of these into halves of two, and all of those into digits. Dividing is multiplying and shifting, which is
// exact for numbers so small (Hacker's Delight, chapter 10).
func digitsOf(u uint64) uint64 {
	x := u/10_000 | u%10_000<<32
	halves := x * 10_486 >> 20 & 0x0000007F_0000007F
	x = halves | (x-100*halves)<<16
	halves = x * 103 >> 10 & 0x000F_000F_000F_000F
	return halves | (x-10*halves)<<8
}
