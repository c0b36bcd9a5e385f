package json

import "bytes"

// maxDepth bounds the nesting of a record.
const maxDepth = 128

// skipValue walks over the value at p, which may nest depth levels more, and returns where it ends.
func skipValue(s []byte, p, depth int) (int, error) {
	if p >= len(s) {
		return p, malformed(s, p, "a value")
	}
	switch s[p] {
	case '"':
		return skipString(s, p)
	case '{':
		return skipObject(s, p, depth)
	case '[':
		return skipArray(s, p, depth)
	case 't':
		return literal(s, p, "true")
	case 'f':
		return literal(s, p, "false")
	case 'n':
		return literal(s, p, "null")
	default:
		if end, ok := skipInteger(s, p); ok {
			return end, nil
		}
		n, ok := scanNumber(s, p)
		if !ok {
			return p, malformed(s, p, "a value")
		}
		return n.end, nil
	}
}

func skipObject(s []byte, p, depth int) (int, error) {
	if depth == 0 {
		return p, malformed(s, p, "no more than 128 levels")
	}
	p = space(s, p+1)
	if p < len(s) && s[p] == '}' {
		return p + 1, nil
	}
	for {
		if p >= len(s) || s[p] != '"' {
			return p, malformed(s, p, "a member's name")
		}
		var err error
		if p, err = skipString(s, p); err != nil {
			return p, err
		}
		if p = space(s, p); p >= len(s) || s[p] != ':' {
			return p, malformed(s, p, "':'")
		}
		if p, err = skipValue(s, space(s, p+1), depth-1); err != nil {
			return p, err
		}
		if p = space(s, p); p < len(s) && s[p] == '}' {
			return p + 1, nil
		}
		if p >= len(s) || s[p] != ',' {
			return p, malformed(s, p, "',' or '}'")
		}
		p = space(s, p+1)
	}
}

func skipArray(s []byte, p, depth int) (int, error) {
	if depth == 0 {
		return p, malformed(s, p, "no more than 128 levels")
	}
	p = space(s, p+1)
	if p < len(s) && s[p] == ']' {
		return p + 1, nil
	}
	for {
		var err error
		if p, err = skipValue(s, p, depth-1); err != nil {
			return p, err
		}
		if p = space(s, p); p < len(s) && s[p] == ']' {
			return p + 1, nil
		}
		if p >= len(s) || s[p] != ',' {
			return p, malformed(s, p, "',' or ']'")
		}
		p = space(s, p+1)
	}
}

// skipString walks over the string at p without looking at what is in it: to the next quote that has an even number of
// backslashes before it, nearly always none.
func skipString(s []byte, p int) (int, error) {
	for from := p + 1; ; {
		n := bytes.IndexByte(s[from:], '"')
		if n < 0 {
			return len(s), malformed(s, len(s), "'\"'")
		}
		quote := from + n
		backslashes := 0
		for s[quote-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return quote + 1, nil
		}
		from = quote + 1
	}
}

// literal walks over one of the three words.
func literal(s []byte, p int, word string) (int, error) {
	if len(s)-p < len(word) || string(s[p:p+len(word)]) != word {
		return p, malformed(s, p, word)
	}
	return p + len(word), nil
}
