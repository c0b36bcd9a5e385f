package sql

// primary reads what no operator takes apart.
func (p *parser) primary() (Expr, error) {
	e, err := p.atom()
	if err != nil {
		return nil, err
	}
	switch t := p.tok(); {
	case t.is("["):
		return nil, p.unsupported(t.pos, "access to an element with [ ] is")
	case t.is("::"):
		return nil, p.lex.fault(t.pos, "'::' is not an operator here").Do("write CAST(x AS type)")
	case t.word == "AT" && p.ahead[1].word == "TIME":
		return nil, p.unsupported(t.pos, "AT TIME ZONE is")
	}
	return e, nil
}

func (p *parser) atom() (Expr, error) {
	t := p.tok()
	switch t.kind {
	case numberToken:
		return p.number(t.pos, false)
	case stringToken:
		p.advance()
		return &StringLiteral{At: t.pos, Value: t.text}, nil
	case bytesToken:
		return p.bytesLiteral()
	case quotedToken:
		return p.named()
	case wordToken:
		return p.word()
	case symbolToken:
		if t.text == "(" {
			return p.parenthesised()
		}
		return nil, p.expected("an expression")
	case endToken, badToken:
		return nil, p.expected("an expression")
	default:
		return nil, p.expected("an expression")
	}
}

func (p *parser) parenthesised() (Expr, error) {
	open := p.advance()
	if p.at("SELECT") {
		return nil, p.unsupported(open.pos, "a query inside an expression is")
	}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	if p.tok().is(",") {
		return nil, p.unsupported(open.pos, "a row value (a, b) is")
	}
	if !p.acceptSymbol(")") {
		return nil, p.expected("an operator or ')'")
	}
	return e, nil
}

// word reads an expression that starts with a word: a keyword of its own, a typed literal, or a name.
func (p *parser) word() (Expr, error) {
	t, next := p.tok(), p.ahead[1]
	switch t.word {
	case "NULL":
		p.advance()
		return &NullLiteral{At: t.pos}, nil
	case "TRUE", "FALSE":
		p.advance()
		return &BoolLiteral{At: t.pos, Value: t.word == "TRUE"}, nil
	case "CASE":
		return p.caseExpr()
	case "CAST", "TRY_CAST":
		return p.cast()
	case "INTERVAL":
		return p.interval()
	case "EXISTS":
		return nil, p.unsupported(t.pos, "EXISTS is")
	case "TIMESTAMP", "DATE", "TIME":
		if next.kind == stringToken {
			return p.timeLiteral()
		}
	}
	if isBareFunction(t.word) && !next.is("(") {
		p.advance()
		return &Call{At: t.pos, Name: Ident{At: t.pos, Name: t.text}}, nil
	}
	if t.isName() || isFunctionWord(t.word) && next.is("(") {
		return p.named()
	}
	return nil, p.expected("an expression", "CASE", "CAST", "TRY_CAST", "INTERVAL")
}

// named reads a function call or a column.
func (p *parser) named() (Expr, error) {
	t := p.tok()
	name := Ident{At: t.pos, Name: t.text}
	switch next := p.ahead[1]; {
	case next.is("("):
		return p.function(name)
	case next.is("[") && (t.word == "ARRAY" || t.word == "MAP"):
		return nil, p.unsupported(t.pos, t.word+"[…] is")
	}
	p.advance()
	if !p.acceptSymbol(".") {
		return &ColumnRef{Name: name}, nil
	}
	column, err := p.name("a column name")
	if err != nil {
		return nil, err
	}
	switch t := p.tok(); {
	case t.is("."):
		return nil, p.unsupported(t.pos, "a field of a column is")
	case t.is("("):
		return nil, p.unsupported(name.At, "a function's name with a dot is")
	}
	return &ColumnRef{Table: &name, Name: column}, nil
}

// function reads a call. Some functions have a syntax of their own.
func (p *parser) function(name Ident) (Expr, error) {
	p.advance()
	p.advance() // the parenthesis, which the caller has seen
	switch upper(name.Name) {
	case "EXTRACT":
		return p.extract(name)
	case "TRIM":
		return p.trim(name)
	case "SUBSTRING":
		return p.substring(name)
	case "POSITION":
		return p.position(name)
	case "FLOOR", "CEIL", "CEILING":
		return p.timeRound(name)
	default:
		return p.call(name)
	}
}

func (p *parser) call(name Ident) (Expr, error) {
	n := &Call{At: name.At, Name: name}
	var err error
	switch {
	case p.tok().is("*") && p.ahead[1].is(")"):
		p.advance()
		p.advance()
		n.Star = true
	case p.acceptSymbol(")"):
	case p.at("SELECT"):
		return nil, p.unsupported(p.tok().pos, "a query inside an expression is")
	default:
		n.Distinct = p.accept("DISTINCT")
		if !n.Distinct {
			p.accept("ALL")
		}
		if n.Args, err = p.exprs(); err != nil {
			return nil, err
		}
	}
	return p.afterCall(n)
}

// afterCall reads what may stand behind a call's parenthesis.
func (p *parser) afterCall(n *Call) (Expr, error) {
	if p.at("FILTER") && p.ahead[1].is("(") {
		p.advance()
		p.advance()
		if err := p.keyword("WHERE"); err != nil {
			return nil, err
		}
		var err error
		if n.Filter, err = p.expr(); err != nil {
			return nil, err
		}
		if !p.acceptSymbol(")") {
			return nil, p.expected("an operator or ')'")
		}
	}
	switch t := p.tok(); {
	case t.word == "OVER":
		return nil, p.unsupported(t.pos, "OVER is")
	case t.word == "WITHIN" && p.ahead[1].word == "GROUP" && p.ahead[2].is("("):
		return nil, p.unsupported(t.pos, "WITHIN GROUP is")
	case (t.word == "IGNORE" || t.word == "RESPECT") && p.ahead[1].word == "NULLS":
		return nil, p.unsupported(t.pos, t.word+" NULLS is")
	}
	return n, nil
}

func (p *parser) caseExpr() (Expr, error) {
	n := &Case{At: p.advance().pos}
	var err error
	if !p.at("WHEN") {
		if n.Operand, err = p.expr(); err != nil {
			return nil, err
		}
	}
	for p.at("WHEN") || len(n.Whens) == 0 {
		w := &When{At: p.tok().pos}
		if err := p.keyword("WHEN"); err != nil {
			return nil, err
		}
		if w.Cond, err = p.expr(); err != nil {
			return nil, err
		}
		if err := p.keyword("THEN"); err != nil {
			return nil, err
		}
		if w.Result, err = p.expr(); err != nil {
			return nil, err
		}
		n.Whens = append(n.Whens, w)
	}
	if p.accept("ELSE") {
		if n.Else, err = p.expr(); err != nil {
			return nil, err
		}
	}
	if !p.accept("END") {
		return nil, p.expected("WHEN, ELSE or END", "WHEN", "ELSE", "END")
	}
	return n, nil
}

func (p *parser) cast() (Expr, error) {
	t := p.advance()
	n := &Cast{At: t.pos, Try: t.word == "TRY_CAST"}
	err := p.symbol("(")
	if err != nil {
		return nil, err
	}
	if n.Expr, err = p.expr(); err != nil {
		return nil, err
	}
	if err := p.keyword("AS"); err != nil {
		return nil, err
	}
	if n.Type, err = p.typeName(); err != nil {
		return nil, err
	}
	return n, p.symbol(")")
}
