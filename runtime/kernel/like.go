package kernel

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// Like matches strings against one pattern of LIKE.
type Like struct {
	// steps is the pattern without escapes, a step a character or wildcard.
	steps []likeStep
	// text is the pattern's characters when it is one run of them between optional % at its ends.
	text   []byte
	simple bool
	// before and after say that a % stands there.
	before, after bool
}

type likeStep struct {
	kind likeKind
	char rune
}

type likeKind uint8

const (
	likeChar likeKind = iota
	likeOne           // _
	likeMany          // %
)

// NoEscape stands for no escape character.
const NoEscape rune = -1

// Compile makes the matcher one of a pattern, keeping its memory. It says false when the escape character stands before
// another one than %, _ and itself, or at the end.
func (l *Like) Compile(pattern []byte, escape rune) bool {
	l.steps = l.steps[:0]
	for len(pattern) > 0 {
		r, n := utf8.DecodeRune(pattern)
		pattern = pattern[n:]
		switch r {
		case escape:
			r, n = utf8.DecodeRune(pattern)
			if n == 0 || r != '%' && r != '_' && r != escape {
				return false
			}
			pattern = pattern[n:]
			l.steps = append(l.steps, likeStep{char: r})
		case '%':
			l.steps = append(l.steps, likeStep{kind: likeMany})
		case '_':
			l.steps = append(l.steps, likeStep{kind: likeOne})
		default:
			l.steps = append(l.steps, likeStep{char: r})
		}
	}
	l.simplify()
	return true
}

// simplify recognises text, text%, %text and %text%.
func (l *Like) simplify() {
	steps := l.steps
	l.before = len(steps) > 0 && steps[0].kind == likeMany
	if l.before {
		steps = steps[1:]
	}
	l.after = len(steps) > 0 && steps[len(steps)-1].kind == likeMany
	if l.after {
		steps = steps[:len(steps)-1]
	}
	// A replacement character may stand for a byte that is not UTF-8, which only the general way compares as such.
	l.simple = !slices.ContainsFunc(steps, func(s likeStep) bool { return s.kind != likeChar || s.char == utf8.RuneError })
	l.text = l.text[:0]
	for _, s := range steps {
		l.text = utf8.AppendRune(l.text, s.char)
	}
}

// Match says whether the whole string fits the pattern.
func (l *Like) Match(s []byte) bool {
	switch {
	case !l.simple:
		return l.match(s)
	case l.before && l.after:
		return bytes.Contains(s, l.text)
	case l.before && len(l.text) == 0:
		return true // a lone %
	case l.before:
		return bytes.HasSuffix(s, l.text)
	case l.after:
		return bytes.HasPrefix(s, l.text)
	default:
		return bytes.Equal(s, l.text)
	}
}

// match goes back to the last % only, which is enough: an earlier one can't do better.
func (l *Like) match(s []byte) bool {
	i, step := 0, 0
	retry, mark := -1, 0 // the step behind the last %, and where its rest was tried
	for i < len(s) {
		r, n := utf8.DecodeRune(s[i:])
		switch {
		case step < len(l.steps) && l.steps[step].kind == likeMany:
			step++
			retry, mark = step, i
		case step < len(l.steps) && (l.steps[step].kind == likeOne || l.steps[step].char == r):
			step++
			i += n
		case retry >= 0:
			_, n = utf8.DecodeRune(s[mark:])
			mark += n
			step, i = retry, mark
		default:
			return false
		}
	}
	for step < len(l.steps) && l.steps[step].kind == likeMany {
		step++
	}
	return step == len(l.steps)
}
