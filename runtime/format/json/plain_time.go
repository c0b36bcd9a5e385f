package json

import (
	"encoding/binary"

	"github.com/millrace/millrace/runtime/spec"
)

// plainTimeBytes is the length of the shortest text that is read as a plain time, with its quotes.
const plainTimeBytes = len(`"2013-01-31 05:15:00"`)

// lastDay is the date that was read last: the rows of a record's time mostly share it.
type lastDay struct {
	// word and rest are the date's ten bytes.
	word   uint64
	rest   uint16
	micros int64
}

// newLastDay returns a day that no text is mistaken for.
func newLastDay() lastDay {
	const epoch = "1970-01-01"
	return lastDay{word: binary.LittleEndian.Uint64([]byte(epoch)), rest: binary.LittleEndian.Uint16([]byte(epoch[8:]))}
}

// plainTimestamp reads a time at p as nearly all are written: of the format's own letters, with up to six digits behind
// the second, in UTC. Any other text is not ok, and left to parseTimestamp.
//
//	"2013-01-31T05:15:00.25Z"
//	 └─date───┘ └clock─┘
func (d *Decoder) plainTimestamp(s []byte, p int) (micros int64, end int, ok bool) {
	if len(s)-p < plainTimeBytes+wordBytes || s[p] != '"' {
		return 0, p, false
	}
	text := s[p+1:]
	inDay, ok := clockOf(binary.LittleEndian.Uint64(text[11:]))
	if !ok || !d.day(text) {
		return 0, p, false
	}
	separator := byte('T')
	if d.timestamps == spec.TimestampSQL {
		separator = ' '
	}
	if text[10] != separator {
		return 0, p, false
	}
	at := 19
	if text[at] == '.' {
		word := wordAt(text, at+1)
		n := digitsIn(word)
		if n == 0 || n > 6 {
			return 0, p, false
		}
		inDay += int64(numberOf(word, n) * tens(6-n)) //nolint:gosec // below a million
		at += 1 + n
	}
	if separator == 'T' {
		if at == len(text) || text[at] != 'Z' {
			return 0, p, false
		}
		at++
	}
	if at == len(text) || text[at] != '"' {
		return 0, p, false
	}
	return d.last.micros + inDay, p + at + 2, true
}

// day makes d.last the date at the start of text.
func (d *Decoder) day(text []byte) bool {
	word, rest := binary.LittleEndian.Uint64(text), binary.LittleEndian.Uint16(text[8:])
	if word == d.last.word && rest == d.last.rest {
		return true
	}
	days, ok := parseDate(text)
	if ok {
		d.last = lastDay{word, rest, days * microsPerDay}
	}
	return ok
}

// clockOf reads the eight bytes of "05:15:00" as microseconds.
func clockOf(word uint64) (micros int64, ok bool) {
	const colonPlaces = 0xFF<<16 | 0xFF<<40
	x := word ^ (zeros&^colonPlaces | ':'<<16 | ':'<<40)
	if (x+low*(0x7F-9)|x)&high != 0 || x&colonPlaces != 0 {
		return 0, false
	}
	x = x * (10<<8 + 1) >> 8 // pairs of digits, each at the place of its first
	hour, minute, second := x&0xFF, x>>24&0xFF, x>>48&0xFF
	return int64(hour*3600+minute*60+second) * microsPerSecond, hour < 24 && minute < 60 && second < 60
}
