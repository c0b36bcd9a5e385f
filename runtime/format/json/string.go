package json

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/batch"
	"github.com/millrace/millrace/runtime/types"
)

// Eight bytes are looked at in one word (after H. S. Warren, Hacker's Delight, section 6-1). The lowest byte that is
// marked is always right; higher ones may be marked in error.
const (
	low  = 0x0101010101010101
	high = 0x8080808080808080
)

func hasByte(word uint64, b byte) uint64 {
	x := word ^ low*uint64(b)
	return (x - low) & ^x & high
}

// notPlain returns the first position from p on that holds a quote, a backslash, a control character or a byte that is
// not ASCII, or the length of s.
func notPlain(s []byte, p int) int {
	for ; len(s)-p >= 8; p += 8 {
		w := binary.LittleEndian.Uint64(s[p:])
		if m := hasByte(w, '"') | hasByte(w, '\\') | (w-low*0x20)&^w&high | w&high; m != 0 {
			return p + bits.TrailingZeros64(m)/8
		}
	}
	for ; p < len(s); p++ {
		if c := s[p]; c == '"' || c == '\\' || c < 0x20 || c >= 0x80 {
			return p
		}
	}
	return len(s)
}

// marksOf looks at the n bytes from p on, none of them a quote. escapes is 0 when there is neither a backslash nor a
// control character, beyond when there is nothing but ASCII. It never branches on what it sees.
func marksOf(s []byte, p, n int) (escapes, beyond uint64) {
	if n < wordBytes {
		w := wordAt(s, p)&(1<<(8*n)-1) | low*' '<<(8*n)
		return unquotable(w), w & high
	}
	last := binary.LittleEndian.Uint64(s[p+n-wordBytes:])
	escapes, beyond = unquotable(last), last
	for t := s[p : p+n]; len(t) > wordBytes; t = t[wordBytes:] {
		w := binary.LittleEndian.Uint64(t)
		escapes |= unquotable(w)
		beyond |= w
	}
	return escapes, beyond & high
}

// unquotable is not 0 exactly if the word has a backslash or a control character.
func unquotable(w uint64) uint64 {
	x := w ^ low*'\\'
	return ((x-low)&^x | (w-low*0x20)&^w) & high
}

// stringEnd returns where the string at p ends, behind its quote, and whether it is plain: valid UTF-8 without escapes
// and control characters.
func stringEnd(s []byte, p int) (end int, plain bool, err error) {
	n := bytes.IndexByte(s[p+1:], '"')
	if n < 0 {
		return len(s), false, malformed(s, len(s), "'\"'")
	}
	escapes, beyond := marksOf(s, p+1, n)
	end = p + n + 2
	switch {
	case escapes|beyond == 0:
		return end, true, nil
	case escapes == 0:
		return end, utf8.Valid(s[p+1 : end-1]), nil
	default:
		end, err = skipString(s, p)
		return end, false, err
	}
}

// appendString adds the string at p to v.
func appendString(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	if s[p] != '"' {
		return p, mismatch(c, s, p)
	}
	end, plain, err := stringEnd(s, p)
	if err != nil {
		return end, err
	}
	start := len(v.Data)
	if plain {
		v.Data = append(v.Data, s[p+1:end-1]...)
	} else {
		data, err := unescape(v.Data, s, p)
		if err != nil {
			return p, unfit(c, err.Error())
		}
		v.Data = data
	}
	v.AppendTail(start)
	return end, nil
}

// textError is what is wrong inside a string.
type textError string

func (e textError) Error() string { return string(e) }

// unescape appends the text of the string at p, whose end is known to exist.
func unescape(dst, s []byte, p int) ([]byte, error) {
	for p++; ; {
		plainEnd := notPlain(s, p)
		dst = append(dst, s[p:plainEnd]...)
		p = plainEnd
		switch c := s[p]; {
		case c == '"':
			return dst, nil
		case c == '\\':
			var err error
			if dst, p, err = escape(dst, s, p+1); err != nil {
				return nil, err
			}
		case c < 0x20:
			return nil, textError("a control character in a string")
		default:
			r, size := utf8.DecodeRune(s[p:])
			if r == utf8.RuneError && size <= 1 {
				return nil, textError("a string that is not valid UTF-8")
			}
			dst = append(dst, s[p:p+size]...)
			p += size
		}
	}
}

// escape appends what the escape sequence after a backslash stands for; p is behind the backslash.
func escape(dst, s []byte, p int) (out []byte, next int, err error) {
	switch s[p] {
	case '"', '\\', '/':
		return append(dst, s[p]), p + 1, nil
	case 'b':
		return append(dst, '\b'), p + 1, nil
	case 'f':
		return append(dst, '\f'), p + 1, nil
	case 'n':
		return append(dst, '\n'), p + 1, nil
	case 'r':
		return append(dst, '\r'), p + 1, nil
	case 't':
		return append(dst, '\t'), p + 1, nil
	case 'u':
		r, ok := hex4(s, p+1)
		p += 5
		if ok && utf16.IsSurrogate(r) {
			var second rune
			if ok = len(s)-p > 2 && s[p] == '\\' && s[p+1] == 'u'; ok {
				second, ok = hex4(s, p+2)
				r = utf16.DecodeRune(r, second)
				ok = ok && r != utf8.RuneError
				p += 6
			}
		}
		if !ok {
			return nil, p, textError(`a bad \u escape in a string`)
		}
		return utf8.AppendRune(dst, r), p, nil
	default:
		return nil, p, textError("an unknown escape in a string")
	}
}

// hex4 reads four hexadecimal digits at p.
func hex4(s []byte, p int) (rune, bool) {
	if len(s)-p < 4 {
		return 0, false
	}
	var r rune
	for _, c := range s[p : p+4] {
		switch {
		case c >= '0' && c <= '9':
			r = r<<4 | rune(c-'0')
		case c >= 'a' && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case c >= 'A' && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// text returns the text of the string at p, in scratch memory if it has escapes, and where it ends.
func (d *Decoder) text(c *types.Column, s []byte, p int) (text []byte, end int, err error) {
	if s[p] != '"' {
		return nil, p, mismatch(c, s, p)
	}
	end, plain, err := stringEnd(s, p)
	if err != nil {
		return nil, end, err
	}
	if plain {
		return s[p+1 : end-1], end, nil
	}
	out, err := unescape(d.scratch[:0], s, p)
	if err != nil {
		return nil, end, unfit(c, err.Error())
	}
	d.scratch = out
	return out, end, nil
}

// bytes adds the base64 string at p to v.
func (d *Decoder) bytes(c *types.Column, v *batch.Vector, s []byte, p int) (int, error) {
	text, end, err := d.text(c, s, p)
	if err != nil {
		return p, err
	}
	start := len(v.Data)
	data, err := base64.StdEncoding.Strict().AppendDecode(v.Data, text)
	if err != nil {
		return p, unfit(c, "expected base64, found "+quoted(text))
	}
	v.Data = data
	v.AppendTail(start)
	return end, nil
}
