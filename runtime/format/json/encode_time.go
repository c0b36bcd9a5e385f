package json

import (
	"strconv"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/spec"
)

// runeSize returns the length of the character at the start of s, 0 when it is not one.
func runeSize(s []byte) int {
	r, size := utf8.DecodeRune(s)
	if r == utf8.RuneError && size <= 1 {
		return 0
	}
	return size
}

func (e *Encoder) timestamp(out []byte, micros int64) (grown []byte, problem string) {
	if e.timestamps == spec.TimestampMillis {
		return appendMillis(out, micros), ""
	}
	days, inDay := micros/microsPerDay, micros%microsPerDay
	if inDay < 0 {
		days, inDay = days-1, inDay+microsPerDay
	}
	if len(e.dayText) == 0 || days != e.day {
		text, ok := appendDate(e.dayText[:0], days)
		if !ok {
			return out, "a time beyond the years 0 to 9999"
		}
		e.day, e.dayText = days, text
	}
	out = append(append(out, '"'), e.dayText...)
	separator := byte('T')
	if e.timestamps == spec.TimestampSQL {
		separator = ' '
	}
	seconds, fraction := int(inDay/microsPerSecond), int(inDay%microsPerSecond)
	out = appendDigits2(append(out, separator), seconds/3600)
	out = appendDigits2(append(out, ':'), seconds/60%60)
	out = appendDigits2(append(out, ':'), seconds%60)
	if fraction != 0 {
		out = appendFraction(append(out, '.'), fraction, 100_000)
	}
	if e.timestamps == spec.TimestampRFC3339 {
		out = append(out, 'Z')
	}
	return append(out, '"'), ""
}

// appendMillis writes microseconds as milliseconds, with a fraction when there is one.
func appendMillis(out []byte, micros int64) []byte {
	whole, fraction := micros/1000, int(micros%1000)
	if whole == 0 && fraction < 0 {
		out = append(out, '-')
	}
	out = strconv.AppendInt(out, whole, 10)
	if fraction < 0 {
		fraction = -fraction
	}
	if fraction != 0 {
		out = appendFraction(append(out, '.'), fraction, 100)
	}
	return out
}

// appendFraction writes digits from the unit's down, without trailing zeros.
func appendFraction(out []byte, x, unit int) []byte {
	for ; x > 0; unit /= 10 {
		out = append(out, byte('0'+x/unit%10))
		x %= unit
	}
	return out
}

func appendDate(out []byte, days int64) (grown []byte, ok bool) {
	const lowest, highest = -719_528, 2_932_896 // 0000-01-01, 9999-12-31
	if days < lowest || days > highest {
		return out, false
	}
	year, month, day := dateOf(days)
	out = appendDigits2(appendDigits2(out, year/100), year%100)
	out = appendDigits2(append(out, '-'), month)
	return appendDigits2(append(out, '-'), day), true
}

func appendDigits2(out []byte, x int) []byte {
	return append(out, byte('0'+x/10), byte('0'+x%10)) //nolint:gosec // x is in 0 to 99
}
