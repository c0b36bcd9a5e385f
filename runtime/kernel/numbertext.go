package kernel

import (
	"math"
	"strconv"
)

// AppendFloat appends the shortest text that reads back as the same number: 1, 0.1, 1e+21, NaN, Infinity, -Infinity.
// The exponent form is used below 1e-6 and from 1e21 on, as in JSON of browsers.
func AppendFloat(dst []byte, x float64) []byte {
	switch {
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	format := byte('f')
	if m := math.Abs(x); m != 0 && (m < 1e-6 || m >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, x, format, -1, 64)
}

// ParseInt reads a whole number of decimal digits with an optional sign, blanks around it left out.
func ParseInt(s []byte) (int64, bool) {
	s = TrimBlanks(s)
	if len(s) == 0 {
		return 0, false
	}
	negative := s[0] == '-'
	if negative || s[0] == '+' {
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	var x int64 // held negative, because that side reaches one further
	for _, c := range s {
		d := int64(c) - '0'
		if d < 0 || d > 9 || x < math.MinInt64/10 {
			return 0, false
		}
		var ok bool
		if x, ok = SubtractOne(x*10, d); !ok {
			return 0, false
		}
	}
	if negative {
		return x, true
	}
	return SubtractOne(0, x)
}

// ParseFloat reads a decimal number with an optional sign, fraction and exponent, or NaN, Infinity and -Infinity, blanks
// around it left out. A number out of range is refused; one too small is 0.
func ParseFloat(s []byte) (float64, bool) {
	s = TrimBlanks(s)
	switch string(s) {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	for _, c := range s {
		if (c < '0' || c > '9') && c != '.' && c != '-' && c != '+' && c != 'e' && c != 'E' {
			return 0, false // what strconv takes besides: hexadecimal, underscores, inf
		}
	}
	x, err := strconv.ParseFloat(string(s), 64)
	return x, err == nil
}

// ParseBool reads true, t, yes, y, 1 and false, f, no, n, 0 in any case, blanks around it left out.
func ParseBool(s []byte) (value, ok bool) {
	s = TrimBlanks(s)
	var word [5]byte
	if len(s) > len(word) {
		return false, false
	}
	switch string(AppendMapped(word[:0], s, false)) {
	case "true", "t", "yes", "y", "1":
		return true, true
	case "false", "f", "no", "n", "0":
		return false, true
	default:
		return false, false
	}
}
