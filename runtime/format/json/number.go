package json

import (
	"math"
	"strconv"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// maxExponent bounds exponents while they are read: beyond it a number is out of every range, or zero.
const maxExponent = 100_000

// number is a JSON number: ±mantissa × 10^exponent. When truncated, digits that are not zero are missing at its end.
type number struct {
	mantissa  uint64
	exponent  int
	negative  bool
	truncated bool
	end       int
}

func isDigit(s []byte, p int) bool { return p < len(s) && s[p]-'0' <= 9 }

// scanNumber reads the number at p by the grammar of RFC 8259, section 6.
func scanNumber(s []byte, p int) (n number, ok bool) {
	if p < len(s) && s[p] == '-' {
		n.negative = true
		p++
	}
	if !isDigit(s, p) {
		return n, false
	}
	if s[p] == '0' {
		p++
	} else {
		for ; isDigit(s, p); p++ {
			n.digit(s[p], 0)
		}
	}
	if p < len(s) && s[p] == '.' {
		p++
		if !isDigit(s, p) {
			return n, false
		}
		for ; isDigit(s, p); p++ {
			n.digit(s[p], -1)
		}
	}
	if p < len(s) && (s[p] == 'e' || s[p] == 'E') {
		if p, ok = n.scanExponent(s, p+1); !ok {
			return n, false
		}
	}
	n.end = p
	return n, true
}

func (n *number) scanExponent(s []byte, p int) (next int, ok bool) {
	sign := 1
	if p < len(s) && (s[p] == '+' || s[p] == '-') {
		if s[p] == '-' {
			sign = -1
		}
		p++
	}
	if !isDigit(s, p) {
		return p, false
	}
	e := 0
	for ; isDigit(s, p); p++ {
		e = min(e*10+int(s[p]-'0'), maxExponent)
	}
	n.exponent += sign * e
	return p, true
}

// digit adds a digit; shift is -1 behind the decimal point. Digits that the mantissa has no place for are dropped.
func (n *number) digit(c byte, shift int) {
	if n.mantissa < 1e18 {
		n.mantissa = n.mantissa*10 + uint64(c-'0')
		n.exponent += shift
		return
	}
	n.truncated = n.truncated || c != '0'
	n.exponent += 1 + shift
}

// scaled returns the number times 10^shift as an integer.
func (n *number) scaled(shift int) (x int64, problem string) {
	m, e := n.mantissa, n.exponent+shift
	if m == 0 {
		return 0, ""
	}
	for e < 0 && m%10 == 0 {
		m, e = m/10, e+1
	}
	if e < 0 || n.truncated && e <= 0 {
		return 0, "is not an integer"
	}
	for ; e > 0; e-- {
		if m > math.MaxUint64/10 {
			return 0, "is out of range"
		}
		m *= 10
	}
	switch {
	case n.truncated || m > 1<<63 || m == 1<<63 && !n.negative:
		return 0, "is out of range"
	case n.negative:
		return int64(-m), "" //nolint:gosec // wraps to the negative, which fits
	default:
		return int64(m), "" //nolint:gosec // compared before
	}
}

// integer adds the number at p to an INT or BIGINT column.
func (d *Decoder) integer(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	x, end, ok := shortInteger(s, p)
	if !ok {
		n, isNumber := scanNumber(s, p)
		if !isNumber {
			return p, mismatch(c, s, p)
		}
		var problem string
		if x, problem = n.scaled(0); problem != "" {
			return p, unfit(c, quoted(s[p:n.end])+" "+problem)
		}
		end = n.end
	}
	if c.Kind == types.Int && x != int64(int32(x)) { //nolint:gosec // this is the test of the range
		return p, unfit(c, quoted(s[p:end])+" is out of range")
	}
	v.AppendInt64(x)
	return end, nil
}

// double adds the number at p to a DOUBLE column. Up to 2^53 and 10^22 both factors are exact, and so one rounding
// gives the nearest float (W. D. Clinger, How to read floating point numbers accurately, 1990).
func (d *Decoder) double(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	n, ok := scanNumber(s, p)
	if !ok {
		return p, mismatch(c, s, p)
	}
	if n.truncated || n.mantissa > 1<<53 || n.exponent < -22 || n.exponent > 22 {
		x, err := strconv.ParseFloat(string(s[p:n.end]), 64)
		if err != nil {
			return p, unfit(c, quoted(s[p:n.end])+" is out of range")
		}
		v.AppendFloat64(x)
		return n.end, nil
	}
	x := float64(n.mantissa)
	if n.exponent < 0 {
		x /= d.pow10[-n.exponent]
	} else {
		x *= d.pow10[n.exponent]
	}
	if n.negative {
		x = -x
	}
	v.AppendFloat64(x)
	return n.end, nil
}

// millis adds the number of milliseconds at p to a TIMESTAMP column.
func (d *Decoder) millis(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	if x, end, ok := shortInteger(s, p); ok { // 15 digits and three zeros fit 64 bits
		v.AppendInt64(x * 1000)
		return end, nil
	}
	n, ok := scanNumber(s, p)
	if !ok {
		return p, mismatch(c, s, p)
	}
	x, problem := n.scaled(3)
	if problem == "is not an integer" {
		problem = "is finer than a microsecond"
	}
	if problem != "" {
		return p, unfit(c, quoted(s[p:n.end])+" ms "+problem)
	}
	v.AppendInt64(x)
	return n.end, nil
}
