package kernel

// TimePattern writes and reads times by a pattern of letters in Java's meaning: yyyy, M, MM, d, dd, H, HH, m, mm, s, ss
// and one to six S. Text stands in single quotes, where two stand for one; other characters that are no letters stand for
// themselves.
type TimePattern struct{ fields []timeField }

// timeField is a part of a pattern: a letter with its count, or text when letter is 0.
type timeField struct {
	letter byte
	width  int
	text   string
}

// NewTimePattern reads a pattern. It returns what it does not know, a run of letters or an open quote, else "".
func NewTimePattern(pattern string) (p *TimePattern, unknown string) {
	p = &TimePattern{}
	for len(pattern) > 0 {
		c := pattern[0]
		switch {
		case c == '\'':
			text, n := quoted(pattern)
			if n == 0 {
				return nil, pattern
			}
			p.fields = append(p.fields, timeField{text: text})
			pattern = pattern[n:]
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for n < len(pattern) && pattern[n] == c {
				n++
			}
			if !knownField(c, n) {
				return nil, pattern[:n]
			}
			p.fields = append(p.fields, timeField{letter: c, width: n})
			pattern = pattern[n:]
		default:
			p.fields = append(p.fields, timeField{text: pattern[:1]})
			pattern = pattern[1:]
		}
	}
	return p, ""
}

// quoted reads text in quotes at the start of a pattern, and its length there; 0 when it does not end.
func quoted(pattern string) (text string, length int) {
	if len(pattern) > 1 && pattern[1] == '\'' {
		return "'", 2
	}
	var b []byte
	for i := 1; i < len(pattern); i++ {
		if pattern[i] != '\'' {
			b = append(b, pattern[i])
			continue
		}
		if i+1 < len(pattern) && pattern[i+1] == '\'' {
			b = append(b, '\'')
			i++
			continue
		}
		return string(b), i + 1
	}
	return "", 0
}

func knownField(letter byte, width int) bool {
	switch letter {
	case 'y':
		return width == 4
	case 'M', 'd', 'H', 'm', 's':
		return width <= 2
	case 'S':
		return width <= fractionDigits
	default:
		return false
	}
}

// Append appends a time. A fraction is cut off, not rounded.
func (p *TimePattern) Append(dst []byte, micros int64) []byte {
	days, rest := DayOf(micros)
	year, month, day := Civil(days)
	for _, f := range p.fields {
		switch f.letter {
		case 0:
			dst = append(dst, f.text...)
		case 'y':
			dst = AppendPadded(dst, year, f.width)
		case 'M':
			dst = AppendPadded(dst, month, f.width)
		case 'd':
			dst = AppendPadded(dst, day, f.width)
		case 'H':
			dst = AppendPadded(dst, rest/MicrosPerHour, f.width)
		case 'm':
			dst = AppendPadded(dst, rest/MicrosPerMinute%60, f.width)
		case 's':
			dst = AppendPadded(dst, rest/MicrosPerSecond%60, f.width)
		default: // S
			dst = AppendPadded(dst, rest%MicrosPerSecond/pow10(fractionDigits-f.width), f.width)
		}
	}
	return dst
}

// Parse reads a time; parts that the pattern leaves out are those of 1970-01-01 00:00:00. A field of one letter takes one
// or two digits, others as many as they have letters.
func (p *TimePattern) Parse(s []byte) (micros int64, ok bool) {
	year, month, day := int64(1970), int64(1), int64(1)
	for _, f := range p.fields {
		if f.letter == 0 {
			if len(s) < len(f.text) || string(s[:len(f.text)]) != f.text {
				return 0, false
			}
			s = s[len(f.text):]
			continue
		}
		x, n, found := f.read(s)
		if !found {
			return 0, false
		}
		s = s[n:]
		switch f.letter {
		case 'y':
			year = x
		case 'M':
			month = x
		case 'd':
			day = x
		default:
			if x > f.most() {
				return 0, false
			}
			micros += x * f.micros()
		}
	}
	if len(s) > 0 || !ValidDay(year, month, day) {
		return 0, false
	}
	return micros + Days(year, month, day)*MicrosPerDay, true
}

// read reads the digits of a field.
func (f timeField) read(s []byte) (x int64, length int, ok bool) {
	n := f.width
	if n == 1 && f.letter != 'S' && len(s) > 1 && s[1] >= '0' && s[1] <= '9' {
		n = 2
	}
	if len(s) < n {
		return 0, 0, false
	}
	x, ok = parseNumber(s[:n])
	return x, n, ok
}

// most is the largest value of a field of the clock.
func (f timeField) most() int64 {
	switch f.letter {
	case 'H':
		return 23
	case 'm', 's':
		return 59
	default:
		return MicrosPerSecond
	}
}

func (f timeField) micros() int64 {
	switch f.letter {
	case 'H':
		return MicrosPerHour
	case 'm':
		return MicrosPerMinute
	case 's':
		return MicrosPerSecond
	default:
		return pow10(fractionDigits - f.width)
	}
}

func pow10(n int) int64 {
	x := int64(1)
	for range n {
		x *= 10
	}
	return x
}
