package sql

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/fault"
)

// lexer cuts a text into tokens, one at a time. The text is valid UTF-8.
type lexer struct {
	file string
	text string
	pos  Pos
}

func newLexer(file, text string) *lexer {
	return &lexer{file: file, text: text, pos: Pos{Line: 1, Column: 1}}
}

func (l *lexer) fault(at Pos, format string, args ...any) *fault.Error {
	return fault.New(fault.User, at.In(l.file), format, args...)
}

// peek returns the next character, or 0 at the end.
func (l *lexer) peek() rune {
	if l.pos.Offset >= len(l.text) {
		return 0
	}
	r, _ := utf8.DecodeRuneInString(l.text[l.pos.Offset:])
	return r
}

func (l *lexer) starts(s string) bool { return strings.HasPrefix(l.text[l.pos.Offset:], s) }

// skip moves over n bytes, which are whole characters.
func (l *lexer) skip(n int) {
	for _, r := range l.text[l.pos.Offset : l.pos.Offset+n] {
		if r == '\n' {
			l.pos.Line++
			l.pos.Column = 1
		} else {
			l.pos.Column++
		}
	}
	l.pos.Offset += n
}

// take moves over the characters that fit and returns them.
func (l *lexer) take(fits func(rune) bool) string {
	rest := l.text[l.pos.Offset:]
	n := strings.IndexFunc(rest, func(r rune) bool { return !fits(r) })
	if n < 0 {
		n = len(rest)
	}
	l.skip(n)
	return rest[:n]
}

// next returns the next token.
func (l *lexer) next() (token, error) {
	if err := l.blanks(); err != nil {
		return token{}, err
	}
	at := l.pos
	if at.Offset >= len(l.text) {
		return token{kind: endToken, pos: at}, nil
	}
	switch r := l.peek(); {
	case l.starts("x'") || l.starts("X'"):
		l.skip(1)
		text, err := l.between(at, '\'', "bytes literal")
		return token{kind: bytesToken, pos: at, text: text}, err
	case isNameStart(r):
		text := l.take(isNamePart)
		return token{kind: wordToken, pos: at, text: text, word: upper(text)}, nil
	case isDigit(r), r == '.' && at.Offset+1 < len(l.text) && isDigit(rune(l.text[at.Offset+1])):
		return l.number()
	case r == '\'':
		text, err := l.between(at, '\'', "string")
		return token{kind: stringToken, pos: at, text: text}, err
	case r == '"' || r == '`':
		text, err := l.between(at, r, "quoted name")
		if err == nil && text == "" {
			err = l.fault(at, "a name cannot be empty")
		}
		return token{kind: quotedToken, pos: at, text: text}, err
	default:
		return l.symbol(at, r)
	}
}

// blanks moves over blanks and comments.
func (l *lexer) blanks() error {
	for {
		l.take(func(r rune) bool { return r == ' ' || '\t' <= r && r <= '\r' || r == '\ufeff' || r == '\u00a0' })
		switch {
		case l.starts("--"):
			l.take(func(r rune) bool { return r != '\n' })
		case l.starts("/*+"):
			return l.fault(l.pos, "hints (/*+ … */) are not supported yet").Do("remove the hint")
		case l.starts("/*"):
			end := strings.Index(l.text[l.pos.Offset+2:], "*/")
			if end < 0 {
				return l.fault(l.pos, "the comment is not closed").Do("close it with */")
			}
			l.skip(end + 4)
		default:
			return nil
		}
	}
}

// between reads from one quote to the other. A doubled quote inside stands for one.
func (l *lexer) between(at Pos, quote rune, what string) (string, error) {
	l.skip(1)
	for from := l.pos.Offset; ; l.skip(1) {
		l.take(func(r rune) bool { return r != quote })
		if l.pos.Offset >= len(l.text) {
			return "", l.fault(at, "the %s is not closed", what).Do("close it with %c", quote)
		}
		text := l.text[from:l.pos.Offset]
		l.skip(1)
		if l.peek() != quote {
			one := string(quote)
			return strings.ReplaceAll(text, one+one, one), nil
		}
	}
}

// number reads digits [. digits] [E [sign] digits], or the same with nothing before the point.
func (l *lexer) number() (token, error) {
	at := l.pos
	l.take(isDigit)
	if l.peek() == '.' {
		l.skip(1)
		if l.take(isDigit) == "" {
			return token{}, l.fault(l.pos, "expected a digit after the decimal point, found %s", l.found())
		}
	}
	if r := l.peek(); r == 'e' || r == 'E' {
		l.skip(1)
		if r := l.peek(); r == '+' || r == '-' {
			l.skip(1)
		}
		if l.take(isDigit) == "" {
			return token{}, l.fault(l.pos, "expected the digits of an exponent, found %s", l.found())
		}
	}
	text := l.text[at.Offset:l.pos.Offset]
	if isNamePart(l.peek()) {
		return token{}, l.fault(l.pos, "expected a blank or an operator after the number %s, found %s", text, l.found()).
			Do("a name that starts with a digit is written in backticks")
	}
	return token{kind: numberToken, pos: at, text: text}, nil
}

// found describes the next character for a message.
func (l *lexer) found() string {
	if l.pos.Offset >= len(l.text) {
		return "the end of the text"
	}
	return strconv.QuoteRune(l.peek())
}

func (l *lexer) symbol(at Pos, r rune) (token, error) {
	for _, s := range [...]string{"=>", "<=", "<>", ">=", "!=", "||", "::"} {
		if l.starts(s) {
			l.skip(len(s))
			return token{kind: symbolToken, pos: at, text: s}, nil
		}
	}
	if strings.ContainsRune("()[],;.*+-/%=<>:", r) {
		l.skip(1)
		return token{kind: symbolToken, pos: at, text: string(r)}, nil
	}
	err := l.fault(at, "unexpected character %s", strconv.QuoteRune(r))
	switch {
	case strings.ContainsRune("‘’‚′", r):
		err = err.Do("use the straight quote '")
	case r == '&':
		err = err.Do("write AND")
	case strings.ContainsRune("“”„″", r):
		err = err.Do(`use the straight quote "`)
	}
	return token{}, err
}
