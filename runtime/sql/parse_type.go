package sql

import (
	"strconv"
)

// typeName reads a type's name and parameters. NOT NULL belongs to the column and not to the type's own rule.
func (p *parser) typeName() (*TypeName, error) {
	t := p.tok()
	if !t.isName() {
		return nil, p.expected("a type")
	}
	p.advance()
	n := &TypeName{At: t.pos, Name: upper(t.text)}
	if p.tok().is("<") {
		return nil, p.unsupported(t.pos, "the type "+n.Name+"<…> is")
	}
	if n.Name == "DOUBLE" {
		p.accept("PRECISION")
	}
	var err error
	if p.tok().is("(") {
		if n.Params, err = p.typeParams(); err != nil {
			return nil, err
		}
	}
	if n.Name == "TIMESTAMP" && (p.at("WITH") || p.at("WITHOUT")) {
		err = p.timeZone(n)
	}
	return n, err
}

// typeParams reads (p) or (p, s).
func (p *parser) typeParams() ([]int, error) {
	const most = 2
	p.advance()
	var params []int
	for {
		t := p.tok()
		v, err := strconv.ParseInt(t.text, 10, 32)
		if t.kind != numberToken || err != nil {
			return nil, p.expected("a whole number")
		}
		p.advance()
		params = append(params, int(v))
		if len(params) < most && p.acceptSymbol(",") {
			continue
		}
		if !p.acceptSymbol(")") {
			return nil, p.expected("')'")
		}
		return params, nil
	}
}

// timeZone reads WITHOUT TIME ZONE, which changes nothing, or WITH LOCAL TIME ZONE.
func (p *parser) timeZone(n *TypeName) error {
	if p.accept("WITHOUT") {
		return p.keywords("TIME", "ZONE")
	}
	with := p.advance()
	if !p.accept("LOCAL") {
		return p.unsupported(with.pos, "TIMESTAMP WITH TIME ZONE is").Do("write TIMESTAMP, which is UTC")
	}
	n.Name = "TIMESTAMP_LTZ"
	return p.keywords("TIME", "ZONE")
}
