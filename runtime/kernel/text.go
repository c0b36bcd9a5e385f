package kernel

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// CharLength returns the number of characters; a byte that is not UTF-8 counts as one.
func CharLength(s []byte) int64 { return int64(utf8.RuneCount(s)) }

// AppendMapped appends the string with each character mapped: to upper or lower case.
func AppendMapped(dst, s []byte, upper bool) []byte {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			dst = append(dst, mapASCII(c, upper))
			i++
			continue
		}
		r, n := utf8.DecodeRune(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, s[i])
		case upper:
			dst = utf8.AppendRune(dst, unicode.ToUpper(r))
		default:
			dst = utf8.AppendRune(dst, unicode.ToLower(r))
		}
		i += n
	}
	return dst
}

func mapASCII(c byte, upper bool) byte {
	switch {
	case upper && c >= 'a' && c <= 'z':
		return c - ('a' - 'A')
	case !upper && c >= 'A' && c <= 'Z':
		return c + ('a' - 'A')
	default:
		return c
	}
}

// Substring returns the bytes from, to of the characters from start, counted from 1, for a length. A start below 0
// counts from the end, and 0 is taken as 1; a start before the string is its start, as in Flink.
func Substring(s []byte, start, length int64) (from, to int) {
	switch {
	case start > 0:
		start--
	case start < 0:
		start = max(start+CharLength(s), 0)
	}
	from = skip(s, start)
	return from, from + skip(s[from:], length)
}

// skip returns the length in bytes of the first n characters.
func skip(s []byte, n int64) int {
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, size := utf8.DecodeRune(s[i:])
		i += size
	}
	return i
}

// TrimStart returns where the string begins when characters of a set are left out at its start.
func TrimStart(s, set []byte) int {
	i := 0
	for i < len(s) {
		_, n := utf8.DecodeRune(s[i:])
		if !holds(set, s[i:i+n]) {
			break
		}
		i += n
	}
	return i
}

// TrimEnd returns where the string ends when characters of a set are left out at its end.
func TrimEnd(s, set []byte) int {
	i := len(s)
	for i > 0 {
		_, n := utf8.DecodeLastRune(s[:i])
		if !holds(set, s[i-n:i]) {
			break
		}
		i -= n
	}
	return i
}

// holds says whether a set has a character. A character's bytes can't be found across two others: UTF-8 is
// self-synchronising.
func holds(set, char []byte) bool {
	if len(char) == 1 {
		return bytes.IndexByte(set, char[0]) >= 0
	}
	return bytes.Contains(set, char)
}

// Position returns the place of the first occurrence of part in characters, from 1, or 0.
func Position(part, s []byte) int64 {
	before, _, found := bytes.Cut(s, part)
	if !found {
		return 0
	}
	return CharLength(before) + 1
}

// SplitIndex returns the bytes from, to of a piece, counted from 0, of the string cut at each separator, and false when
// there is no such piece. An empty separator does not cut.
func SplitIndex(s, separator []byte, index int64) (from, to int, ok bool) {
	if index < 0 {
		return 0, 0, false
	}
	if len(separator) == 1 {
		return splitAtByte(s, separator[0], index)
	}
	for {
		end := -1
		if len(separator) > 0 {
			end = bytes.Index(s[from:], separator)
		}
		switch {
		case end < 0:
			return from, len(s), index == 0
		case index == 0:
			return from, from + end, true
		}
		from += end + len(separator)
		index--
	}
}

// splitAtByte looks at each byte: pieces are short, and a search for each of them takes longer to begin than to do.
func splitAtByte(s []byte, separator byte, index int64) (from, to int, ok bool) {
	for i, c := range s {
		if c != separator {
			continue
		}
		if index == 0 {
			return from, i, true
		}
		from, index = i+1, index-1
	}
	return from, len(s), index == 0
}

// AppendReplaced appends the string with each occurrence of from, left to right, turned into to; an empty from changes
// nothing. It says false, with dst as it was, when the result would be longer than limit bytes.
func AppendReplaced(dst, s, from, to []byte, limit int) ([]byte, bool) {
	start := len(dst)
	for len(from) > 0 {
		i := bytes.Index(s, from)
		if i < 0 {
			break
		}
		dst = append(dst, s[:i]...)
		dst = append(dst, to...)
		s = s[i+len(from):]
		if len(dst)-start > limit {
			return dst[:start], false
		}
	}
	dst = append(dst, s...)
	if len(dst)-start > limit {
		return dst[:start], false
	}
	return dst, true
}
