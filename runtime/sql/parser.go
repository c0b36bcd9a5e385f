package sql

import (
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/runtime/fault"
)

// lookahead is how many tokens the grammar ever looks ahead, the current one included.
const lookahead = 3

// parser is a recursive descent over tokens with a bounded look ahead and no way back. Each method reads one rule of
// docs/reference/sql-grammar.md and is named for it; the ones that recurse count their nesting through enter.
type parser struct {
	lex *lexer
	// ahead holds the next tokens; the first is the current one.
	ahead [lookahead]token
	// prev is the token before the current one.
	prev token
	// broken is the lexer's error. It is reported when its token is reached, so that an earlier mistake is reported first.
	broken error
	// nesting counts the open levels, and inExpr those of them that are expressions.
	nesting, inExpr int
	// alias is the last alias that was written without AS, which may be a misspelt keyword; its text is empty when there is none.
	alias token
}

// Parse reads a text of statements separated by semicolons. The file name is for messages only; it may be empty or a
// manifest's field. Errors are *fault.Error of kind User with the place in the text; the first one is returned.
func Parse(file, text string) (*Script, error) {
	p, err := newParser(file, text)
	if err != nil {
		return nil, err
	}
	return p.script()
}

// ParseExpr reads a text that is one expression. Errors are as Parse's.
func ParseExpr(file, text string) (Expr, error) {
	p, err := newParser(file, text)
	if err != nil {
		return nil, err
	}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.tok().kind != endToken {
		return nil, p.expected("an operator or the end of the text")
	}
	return e, nil
}

func newParser(file, text string) (*parser, error) {
	if len(text) > MaxTextBytes {
		return nil, fault.New(fault.User, fault.InText(file, 1, 1), "the text has %d bytes, more than the %d that are allowed", len(text), MaxTextBytes)
	}
	p := &parser{lex: newLexer(file, text)}
	if bad := invalid(text); bad >= 0 {
		p.lex.skip(bad)
		return nil, p.lex.fault(p.lex.pos, "the text is not UTF-8").Do("save it as UTF-8")
	}
	for range lookahead {
		p.advance()
	}
	return p, nil
}

// invalid returns the offset of the first byte that is not UTF-8, or -1.
func invalid(text string) int {
	if utf8.ValidString(text) {
		return -1
	}
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return i
		}
	}
	return -1
}

func (p *parser) tok() token { return p.ahead[0] }

// advance moves to the next token and returns the one before. A lexer's error becomes a token of kind badToken, which
// fits no rule, so that expected reports it in its turn.
func (p *parser) advance() token {
	t := p.ahead[0]
	p.prev = t
	copy(p.ahead[:], p.ahead[1:])
	next := token{kind: badToken, pos: p.lex.pos}
	if p.broken == nil {
		var err error
		if next, err = p.lex.next(); err != nil {
			p.broken, next = err, token{kind: badToken, pos: p.lex.pos}
		}
	}
	p.ahead[lookahead-1] = next
	return t
}

// at says whether the current token is a keyword.
func (p *parser) at(word string) bool { return p.tok().word == word }

// accept moves over a keyword when it is the current token.
func (p *parser) accept(word string) bool {
	ok := p.at(word)
	if ok {
		p.advance()
	}
	return ok
}

// acceptSymbol moves over a symbol when it is the current token.
func (p *parser) acceptSymbol(symbol string) bool {
	ok := p.tok().is(symbol)
	if ok {
		p.advance()
	}
	return ok
}

// keyword moves over a keyword that must stand here.
func (p *parser) keyword(word string) error {
	if !p.accept(word) {
		return p.expected(word, word)
	}
	return nil
}

// keywords moves over keywords that must stand here in a row.
func (p *parser) keywords(words ...string) error {
	for _, w := range words {
		if err := p.keyword(w); err != nil {
			return err
		}
	}
	return nil
}

// symbol moves over a symbol that must stand here.
func (p *parser) symbol(symbol string) error {
	if !p.acceptSymbol(symbol) {
		return p.expected("'" + symbol + "'")
	}
	return nil
}

// expected returns the error that something else stands here. Near keywords among the candidates are suggested.
func (p *parser) expected(what string, candidates ...string) error {
	t := p.tok()
	if t.kind == badToken {
		return p.broken
	}
	err := p.lex.fault(t.pos, "expected %s, found %s", what, t)
	if t.is("=") && p.prev.is("=") {
		return err.Do("write = once")
	}
	if t.kind != wordToken || isReserved(t.word) {
		return err
	}
	if near, ok := fault.Nearest(t.text, candidates); ok && near != t.word {
		return err.Do("did you mean %s?", near)
	}
	return err
}

// unsupported returns the error that a known form is not built yet.
func (p *parser) unsupported(at Pos, what string) *fault.Error {
	return p.lex.fault(at, "%s not supported yet", what)
}

// enter opens a level of nesting; the caller closes it with leave.
func (p *parser) enter() error {
	if p.nesting >= MaxNesting {
		return p.lex.fault(p.tok().pos, "this nests deeper than %d levels", MaxNesting)
	}
	p.nesting++
	return nil
}

func (p *parser) leave() { p.nesting-- }

// name reads a name. What says which, as in "a column name".
func (p *parser) name(what string) (Ident, error) {
	t := p.tok()
	if !t.isName() {
		err := p.expected(what)
		if f, ok := err.(*fault.Error); ok && t.kind == wordToken { //nolint:errorlint // made by expected just above
			return Ident{}, f.Do("a reserved word as a name is written in backticks: `%s`", t.text)
		}
		return Ident{}, err
	}
	p.advance()
	return Ident{At: t.pos, Name: t.text}, nil
}

// tableName reads the name of a table or view, which has one part.
func (p *parser) tableName(what string) (Ident, error) {
	name, err := p.name(what)
	if err == nil && p.tok().is(".") {
		return Ident{}, p.unsupported(p.tok().pos, "names of databases are").Do("a name with a dot in it is written in backticks")
	}
	return name, err
}

// names reads (name, …), each once.
func (p *parser) names() ([]Ident, error) {
	if err := p.symbol("("); err != nil {
		return nil, err
	}
	var names []Ident
	seen := map[string]bool{}
	for {
		name, err := p.name("a column name")
		if err != nil {
			return nil, err
		}
		if seen[name.Name] {
			return nil, p.lex.fault(name.At, "the column %s stands here twice", name)
		}
		seen[name.Name] = true
		names = append(names, name)
		if p.acceptSymbol(",") {
			continue
		}
		if !p.acceptSymbol(")") {
			return nil, p.expected("',' or ')'")
		}
		return names, nil
	}
}
