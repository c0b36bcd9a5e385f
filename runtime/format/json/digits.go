package json

import (
	"encoding/binary"
	"math/bits"
)

const zeros = low * '0'

// digitsIn returns how many of the bytes of a word, from the lowest on, are digits. A byte that is none is marked in its
// highest bit; the lowest mark is right.
func digitsIn(word uint64) int {
	x := word ^ zeros
	return bits.TrailingZeros64((x+low*(0x7F-9)|x)&high) / 8
}

// numberOf returns the value of the n lowest bytes of a word, which are digits, n from 1 to 8. They are added in pairs,
// then in fours, then in eights (after D. Lemire, Quickly parsing eight digits, 2018).
func numberOf(word uint64, n int) uint64 {
	x := (word ^ zeros) << (64 - 8*n)
	x = x * (10<<8 + 1) >> 8 & 0x00FF00FF00FF00FF
	x = x * (100<<16 + 1) >> 16 & 0x0000FFFF0000FFFF
	return x * (10_000<<32 + 1) >> 32
}

// tens returns 10^n for n from 0 to 8.
func tens(n int) uint64 {
	const squares = 10 * 10
	p := uint64(1)
	if n&1 != 0 {
		p = 10
	}
	if n&2 != 0 {
		p *= squares
	}
	if n&4 != 0 {
		p *= squares * squares
	}
	if n&8 != 0 {
		p *= squares * squares * squares * squares
	}
	return p
}

// wordAt returns the word at p, with zeros behind the end of s.
func wordAt(s []byte, p int) uint64 {
	if len(s)-p >= wordBytes {
		return binary.LittleEndian.Uint64(s[p:])
	}
	return lastWord(s, p)
}

func lastWord(s []byte, p int) (word uint64) {
	if len(s) >= wordBytes {
		return binary.LittleEndian.Uint64(s[len(s)-wordBytes:]) >> (8 * (wordBytes - (len(s) - p)))
	}
	for i := len(s) - 1; i >= p; i-- {
		word = word<<8 | uint64(s[i])
	}
	return word
}

// shortInteger reads an integer of up to 15 digits with neither fraction nor exponent.
func shortInteger(s []byte, p int) (x int64, end int, ok bool) {
	negative := p < len(s) && s[p] == '-'
	if negative {
		p++
	}
	word := wordAt(s, p)
	n := digitsIn(word)
	if n == 0 || n > 1 && s[p] == '0' {
		return 0, p, false
	}
	m := numberOf(word, n)
	end = p + n
	if n == wordBytes {
		word = wordAt(s, end)
		if n = digitsIn(word); n == wordBytes {
			return 0, p, false
		}
		if n > 0 {
			m = m*tens(n) + numberOf(word, n)
			end += n
		}
	}
	if end < len(s) && (s[end] == '.' || s[end]|0x20 == 'e') {
		return 0, p, false
	}
	if negative {
		return -int64(m), end, true //nolint:gosec // of 15 digits
	}
	return int64(m), end, true //nolint:gosec // of 15 digits
}

// skipInteger walks over an integer with neither sign nor fraction nor exponent.
func skipInteger(s []byte, p int) (end int, ok bool) {
	end = p
	n := wordBytes
	for n == wordBytes {
		n = digitsIn(wordAt(s, end))
		end += n
	}
	if end == p || s[p] == '0' && end > p+1 || end < len(s) && (s[end] == '.' || s[end]|0x20 == 'e') {
		return p, false
	}
	return end, true
}
