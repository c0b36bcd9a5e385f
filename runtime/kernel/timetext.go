package kernel

import "strconv"

// AppendDate appends days since 1970-01-01 as yyyy-MM-dd.
func AppendDate(dst []byte, days int64) []byte {
	year, month, day := Civil(days)
	dst = append(AppendPadded(dst, year, 4), '-')
	dst = append(AppendPadded(dst, month, 2), '-')
	return AppendPadded(dst, day, 2)
}

// AppendTimestamp appends a time as yyyy-MM-dd HH:mm:ss, with a fraction when there is one, without trailing zeros.
func AppendTimestamp(dst []byte, micros int64) []byte {
	days, rest := DayOf(micros)
	return appendClock(append(AppendDate(dst, days), ' '), rest)
}

// AppendInterval appends a duration as days, HH:mm:ss and a fraction when there is one, with a minus in front when it is
// below 0.
func AppendInterval(dst []byte, micros int64) []byte {
	magnitude := uint64(micros) //nolint:gosec // the two's complement of the least value is its magnitude too
	if micros < 0 {
		dst = append(dst, '-')
		magnitude = -magnitude
	}
	dst = strconv.AppendUint(dst, magnitude/MicrosPerDay, 10)
	return appendClock(append(dst, ' '), int64(magnitude%MicrosPerDay))
}

func appendClock(dst []byte, rest int64) []byte {
	dst = append(AppendPadded(dst, rest/MicrosPerHour, 2), ':')
	dst = append(AppendPadded(dst, rest/MicrosPerMinute%60, 2), ':')
	dst = AppendPadded(dst, rest/MicrosPerSecond%60, 2)
	fraction := rest % MicrosPerSecond
	if fraction == 0 {
		return dst
	}
	dst = AppendPadded(append(dst, '.'), fraction, fractionDigits)
	for dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
	}
	return dst
}

const fractionDigits = 6

// AppendPadded appends a number with zeros in front up to a width, behind the sign.
func AppendPadded(dst []byte, x int64, width int) []byte {
	if x < 0 {
		dst, x = append(dst, '-'), -x
	}
	digits := 1
	for y := x; y >= 10; y /= 10 {
		digits++
	}
	for ; digits < width; digits++ {
		dst = append(dst, '0')
	}
	return strconv.AppendInt(dst, x, 10)
}

// ParseDate reads yyyy-MM-dd, blanks around it left out.
func ParseDate(s []byte) (days int64, ok bool) {
	s = TrimBlanks(s)
	days, s, ok = parseDay(s)
	return days, ok && len(s) == 0
}

// ParseTimestamp reads yyyy-MM-dd, and behind a blank or a T an optional HH:mm[:ss[.ffffff]] and an optional Z; blanks
// around it are left out. Parts that don't exist, such as the 30th of February or second 60, are refused.
func ParseTimestamp(s []byte) (micros int64, ok bool) {
	s = TrimBlanks(s)
	days, s, ok := parseDay(s)
	if !ok {
		return 0, false
	}
	micros = days * MicrosPerDay // a year has four digits
	if len(s) == 0 {
		return micros, true
	}
	if s[0] != ' ' && s[0] != 'T' {
		return 0, false
	}
	if s[len(s)-1] == 'Z' {
		s = s[:len(s)-1]
	}
	clock, ok := parseClock(s[1:], 24)
	return micros + clock, ok
}

// ParseInterval reads [+-][days ]HH:mm:ss[.ffffff], blanks around it left out; the hours are below 24 when there are
// days.
func ParseInterval(s []byte) (micros int64, ok bool) {
	s = TrimBlanks(s)
	sign := int64(1)
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		if s[0] == '-' {
			sign = -1
		}
		s = s[1:]
	}
	const mostDays = 106_751_991 // what 64 bits of microseconds hold
	hours := int64(mostDays * 24)
	var days int64
	for i, c := range s {
		if c != ' ' {
			continue
		}
		if days, ok = parseNumber(s[:i]); !ok || days > mostDays {
			return 0, false
		}
		s, hours = s[i+1:], 24
		break
	}
	clock, ok := parseClock(s, hours)
	if !ok {
		return 0, false
	}
	// Negative numbers reach one further, so sum them up there.
	if micros, ok = SubtractOne(-days*MicrosPerDay, clock); !ok {
		return 0, false
	}
	return MultiplyOne(micros, -sign)
}

// TrimBlanks returns the string without blanks at both ends.
func TrimBlanks(s []byte) []byte {
	for len(s) > 0 && s[0] == ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] == ' ' {
		s = s[:len(s)-1]
	}
	return s
}

// parseDay reads yyyy-MM-dd at the start of a string and returns the rest.
func parseDay(s []byte) (days int64, rest []byte, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, nil, false
	}
	year, ok1 := parseNumber(s[:4])
	month, ok2 := parseNumber(s[5:7])
	day, ok3 := parseNumber(s[8:10])
	if !ok1 || !ok2 || !ok3 || !ValidDay(year, month, day) {
		return 0, nil, false
	}
	return Days(year, month, day), s[10:], true
}

// ValidDay says whether the calendar has a day.
func ValidDay(year, month, day int64) bool {
	return month >= 1 && month <= 12 && day >= 1 && day <= DaysInMonth(year, month)
}

// parseClock reads HH:mm[:ss[.ffffff]] with less than that many hours.
func parseClock(s []byte, hours int64) (micros int64, ok bool) {
	colon := 0
	for colon < len(s) && s[colon] != ':' {
		colon++
	}
	h, ok := parseNumber(s[:colon])
	if !ok || h >= hours || colon < 2 || len(s) < colon+3 {
		return 0, false
	}
	m, ok := parseNumber(s[colon+1 : colon+3])
	if !ok || m > 59 {
		return 0, false
	}
	micros = h*MicrosPerHour + m*MicrosPerMinute
	s = s[colon+3:]
	if len(s) == 0 {
		return micros, true
	}
	if len(s) < 3 || s[0] != ':' {
		return 0, false
	}
	sec, ok := parseNumber(s[1:3])
	if !ok || sec > 59 {
		return 0, false
	}
	fraction, ok := parseFraction(s[3:])
	return micros + sec*MicrosPerSecond + fraction, ok
}

// parseFraction reads nothing, or a point with one to six digits.
func parseFraction(s []byte) (micros int64, ok bool) {
	if len(s) == 0 {
		return 0, true
	}
	if s[0] != '.' || len(s) > 1+fractionDigits {
		return 0, false
	}
	x, ok := parseNumber(s[1:])
	for i := len(s) - 1; i < fractionDigits; i++ {
		x *= 10
	}
	return x, ok
}

// parseNumber reads one to nine digits and nothing else.
func parseNumber(s []byte) (x int64, ok bool) {
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		x = x*10 + int64(c-'0')
	}
	return x, true
}
