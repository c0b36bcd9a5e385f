package json

import (
	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/spec"
	"github.com/millrace/millrace/runtime/types"
)

// date adds the date at p, "2013-01-01", to a DATE column.
func (d *Decoder) date(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	text, end, err := d.text(c, s, p)
	if err != nil {
		return p, err
	}
	days, ok := parseDate(text)
	if !ok || len(text) != 10 {
		return p, unfit(c, "expected a date such as 2013-01-31, found "+quoted(text))
	}
	v.AppendInt64(days)
	return end, nil
}

// timestamp adds the point in time at p to a TIMESTAMP column.
func (d *Decoder) timestamp(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	if micros, end, ok := d.plainTimestamp(s, p); ok {
		v.AppendInt64(micros)
		return end, nil
	}
	text, end, err := d.text(c, s, p)
	if err != nil {
		return p, err
	}
	micros, ok := parseTimestamp(text, d.timestamps)
	if !ok {
		example := "2013-01-31T05:15:00Z"
		if d.timestamps == spec.TimestampSQL {
			example = "2013-01-31 05:15:00"
		}
		return p, unfit(c, "expected a time such as "+example+", up to microseconds, found "+quoted(text))
	}
	v.AppendInt64(micros)
	return end, nil
}

// digits2 reads two digits; a bad one makes the result at least 100.
func digits2(s []byte, p int) int {
	a, b := s[p]-'0', s[p+1]-'0'
	if a > 9 || b > 9 {
		return 100
	}
	return int(a)*10 + int(b)
}

// parseDate reads the first ten bytes.
func parseDate(s []byte) (days int64, ok bool) {
	if len(s) < 10 || s[4] != '-' || s[7] != '-' {
		return 0, false
	}
	century, year, month, day := digits2(s, 0), digits2(s, 2), digits2(s, 5), digits2(s, 8)
	if century > 99 || year > 99 || month < 1 || month > 12 || day < 1 {
		return 0, false
	}
	year += century * 100
	if day > 28 && day > daysIn(year, month) {
		return 0, false
	}
	return daysOf(year, month, day), true
}

// parseTimestamp reads "2013-01-31T05:15:00.25Z", or for the SQL format "2013-01-31 05:15:00.25".
func parseTimestamp(s []byte, format spec.TimestampFormat) (micros int64, ok bool) {
	days, ok := parseDate(s)
	if !ok || len(s) < 19 || s[13] != ':' || s[16] != ':' {
		return 0, false
	}
	isSQL := format == spec.TimestampSQL
	if isSQL && s[10] != ' ' || !isSQL && s[10]|0x20 != 't' {
		return 0, false
	}
	inDay, ok := parseClock(s)
	if !ok {
		return 0, false
	}
	micros = days*microsPerDay + inDay
	rest := s[19:]
	if len(rest) > 0 && rest[0] == '.' {
		var fraction int64
		if fraction, rest, ok = parseFraction(rest[1:]); !ok {
			return 0, false
		}
		micros += fraction
	}
	if isSQL {
		return micros, len(rest) == 0
	}
	offset, ok := parseOffset(rest)
	return micros - offset, ok
}

// parseClock reads the hours, minutes and seconds at their places behind a date, as microseconds.
func parseClock(s []byte) (micros int64, ok bool) {
	hour, minute, second := digits2(s, 11), digits2(s, 14), digits2(s, 17)
	if hour > 23 || minute > 59 || second > 59 {
		return 0, false
	}
	return int64(hour*3600+minute*60+second) * microsPerSecond, true
}

// parseFraction reads the digits behind a decimal point as microseconds.
func parseFraction(s []byte) (micros int64, rest []byte, ok bool) {
	unit := int64(microsPerSecond / 10)
	n := 0
	for ; isDigit(s, n); n++ {
		digit := int64(s[n] - '0')
		if unit == 0 && digit != 0 {
			return 0, s, false
		}
		micros += digit * unit
		unit /= 10
	}
	return micros, s[n:], n > 0
}

// parseOffset reads "Z" or "+hh:mm" and returns it in microseconds.
func parseOffset(s []byte) (micros int64, ok bool) {
	if len(s) == 1 && s[0]|0x20 == 'z' {
		return 0, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return 0, false
	}
	hour, minute := digits2(s, 1), digits2(s, 4)
	if hour > 23 || minute > 59 {
		return 0, false
	}
	micros = int64(hour*60+minute) * 60 * microsPerSecond
	if s[0] == '-' {
		micros = -micros
	}
	return micros, true
}
