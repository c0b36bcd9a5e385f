package sql

// extract reads the rest of EXTRACT(unit FROM x).
func (p *parser) extract(name Ident) (Expr, error) {
	n := &Extract{At: name.At}
	var err error
	if n.Unit, err = p.unit(Year, DayOfYear); err != nil {
		return nil, err
	}
	if err := p.keyword("FROM"); err != nil {
		return nil, err
	}
	if n.Expr, err = p.expr(); err != nil {
		return nil, err
	}
	return n, p.symbol(")")
}

// trim reads the rest of TRIM([BOTH | LEADING | TRAILING] [characters] [FROM] x). The sides are no reserved words:
// before ) or a dot they are columns.
func (p *parser) trim(name Ident) (Expr, error) {
	n := &Trim{At: name.At, Side: TrimBoth}
	sided := false
	if next := p.ahead[1]; !next.is(")") && !next.is(".") {
		sided = true
		switch p.tok().word {
		case "BOTH":
		case "LEADING":
			n.Side = TrimLeading
		case "TRAILING":
			n.Side = TrimTrailing
		default:
			sided = false
		}
	}
	if sided {
		p.advance()
	}
	var err error
	if !sided || !p.at("FROM") {
		if n.Expr, err = p.expr(); err != nil {
			return nil, err
		}
		if !sided && p.acceptSymbol(")") {
			return n, nil
		}
		n.Chars = n.Expr
	}
	if !p.accept("FROM") {
		if sided {
			return nil, p.expected("an operator or FROM", "FROM")
		}
		return nil, p.expected("an operator, FROM or ')'", "FROM")
	}
	if n.Expr, err = p.expr(); err != nil {
		return nil, err
	}
	return n, p.symbol(")")
}

// substring reads the rest of SUBSTRING(s FROM a [FOR b]) or SUBSTRING(s, a [, b]).
func (p *parser) substring(name Ident) (Expr, error) {
	text, err := p.expr()
	if err != nil {
		return nil, err
	}
	n := &Call{At: name.At, Name: name, Args: []Expr{text}}
	switch {
	case p.acceptSymbol(","):
		rest, err := p.exprs()
		n.Args = append(n.Args, rest...)
		return n, err
	case p.accept("FROM"):
		return p.substringFrom(n)
	case p.at("FOR"):
		return nil, p.lex.fault(p.tok().pos, "expected FROM or ',', found %s", p.tok()).Do("write SUBSTRING(s FROM 1 FOR n)")
	default:
		return nil, p.expected("an operator, FROM or ','", "FROM")
	}
}

func (p *parser) substringFrom(n *Call) (Expr, error) {
	start, err := p.expr()
	if err != nil {
		return nil, err
	}
	n.Args = append(n.Args, start)
	if p.accept("FOR") {
		length, err := p.expr()
		if err != nil {
			return nil, err
		}
		n.Args = append(n.Args, length)
	}
	if !p.acceptSymbol(")") {
		return nil, p.expected("an operator, FOR or ')'", "FOR")
	}
	return n, nil
}

// position reads the rest of POSITION(a IN b) or POSITION(a, b). The first operand is one of ||, so that IN ends it.
func (p *parser) position(name Ident) (Expr, error) {
	first, err := p.nestedConcat()
	if err != nil {
		return nil, err
	}
	if !p.acceptSymbol(",") && !p.accept("IN") {
		return nil, p.expected("IN", "IN")
	}
	second, err := p.expr()
	if err != nil {
		return nil, err
	}
	return &Call{At: name.At, Name: name, Args: []Expr{first, second}}, p.symbol(")")
}

// nestedConcat is concat as a nested expression.
func (p *parser) nestedConcat() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	return p.concat()
}

// timeRound reads the rest of FLOOR(x TO unit), or of FLOOR(x), which is a plain call.
func (p *parser) timeRound(name Ident) (Expr, error) {
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.acceptSymbol(")") {
		return &Call{At: name.At, Name: name, Args: []Expr{e}}, nil
	}
	if !p.accept("TO") {
		return nil, p.expected("an operator, TO or ')'", "TO")
	}
	unit, err := p.unit(Year, Millisecond)
	if err != nil {
		return nil, err
	}
	return &TimeRound{At: name.At, Up: upper(name.Name) != "FLOOR", Expr: e, Unit: unit}, p.symbol(")")
}
