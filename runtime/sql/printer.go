package sql

import "strings"

// printer collects canonical SQL: keywords in upper case, one blank between words, only the parentheses that are needed.
// Its recursion is as deep as the tree, which the parser bounds.
type printer struct {
	b strings.Builder
}

// render returns a node's canonical SQL.
func render(n Node) string {
	var p printer
	n.write(&p)
	return p.b.String()
}

func (p *printer) text(s string) { p.b.WriteString(s) }

// operand writes an expression, in parentheses when it binds more loosely than its place asks.
func (p *printer) operand(e Expr, least precedence) {
	if e.precedence() >= least {
		e.write(p)
		return
	}
	p.text("(")
	e.write(p)
	p.text(")")
}

// not writes NOT and a blank when asked.
func (p *printer) not(yes bool) {
	if yes {
		p.text("NOT ")
	}
}

// alias writes an alias when there is one.
func (p *printer) alias(a *Ident) {
	if a != nil {
		p.text(" AS ")
		a.write(p)
	}
}

// quoted writes text between quote characters, each quote in it doubled.
func (p *printer) quoted(s, quote string) {
	p.text(quote)
	p.text(strings.ReplaceAll(s, quote, quote+quote))
	p.text(quote)
}

// name writes a name, in backticks when its place or its characters ask for them.
func (p *printer) name(name string, quote bool) {
	if quote || !isPlainName(name) {
		p.quoted(name, "`")
		return
	}
	p.text(name)
}

// list writes nodes with commas between them.
func list[N Node](p *printer, nodes []N) {
	for i, n := range nodes {
		if i > 0 {
			p.text(", ")
		}
		n.write(p)
	}
}
