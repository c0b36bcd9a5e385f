package sql

import (
	"slices"
	"strconv"
)

// tokenKind says what a token is.
type tokenKind uint8

const (
	endToken    tokenKind = iota // the end of the text
	wordToken                    // a name or keyword without quotes
	quotedToken                  // a name in quotes
	numberToken
	stringToken
	bytesToken // X'…'
	symbolToken
	badToken // what the lexer could not read
)

// token is one lexical unit. Comments and blanks are between tokens.
type token struct {
	kind tokenKind
	pos  Pos
	// text is what was written, without the quotes: a name, digits, a string's value, a symbol.
	text string
	// word is the text in upper case for a wordToken, else empty: a keyword is compared with it.
	word string
}

// is says whether the token is a symbol.
func (t token) is(symbol string) bool { return t.kind == symbolToken && t.text == symbol }

// isName says whether the token can name something: any quoted name, or a word that is not reserved.
func (t token) isName() bool {
	return t.kind == quotedToken || t.kind == wordToken && !isReserved(t.word)
}

// names says whether the token is one of some names that are not reserved, in any case, quoted or not.
func (t token) names(words ...string) bool {
	return (t.kind == wordToken || t.kind == quotedToken) && slices.Contains(words, upper(t.text))
}

// String describes the token for "found …".
func (t token) String() string {
	const most = 40
	text := t.text
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	switch t.kind {
	case endToken:
		return "the end of the text"
	case numberToken:
		return "the number " + text
	case stringToken:
		return "the string " + strconv.Quote(text)
	case bytesToken:
		return "the bytes X'" + text + "'"
	case quotedToken:
		return "the name `" + text + "`"
	case wordToken, symbolToken, badToken:
		return "'" + text + "'"
	default:
		return "'" + text + "'"
	}
}
