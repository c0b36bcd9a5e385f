package sql

// expr reads any expression. It is the only way down into a nested one, and so where nesting is counted; the outermost
// also checks the tree's depth, which chains of operators grow without nesting.
func (p *parser) expr() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	p.inExpr++
	e, err := p.or()
	p.inExpr--
	p.leave()
	if err != nil {
		return nil, err
	}
	if p.inExpr == 0 {
		if deep := tooDeep(e, MaxTreeDepth+1); deep != nil {
			return nil, p.lex.fault(deep.Pos(), "the expression is deeper than %d operators", MaxTreeDepth).
				Do("write a long chain of OR as IN (…), or split the expression with a CREATE VIEW")
		}
	}
	return e, nil
}

// chain reads operands joined by operators of one precedence, leaning to the left.
func (p *parser) chain(operand func() (Expr, error), operator func(token) (BinaryOp, bool)) (Expr, error) {
	left, err := operand()
	if err != nil {
		return nil, err
	}
	for {
		t := p.tok()
		op, ok := operator(t)
		if !ok {
			return left, nil
		}
		p.advance()
		right, err := operand()
		if err != nil {
			return nil, err
		}
		left = &Binary{OpAt: t.pos, Op: op, Left: left, Right: right}
	}
}

func (p *parser) or() (Expr, error) {
	return p.chain(p.and, func(t token) (BinaryOp, bool) { return Or, t.word == "OR" })
}

func (p *parser) and() (Expr, error) {
	return p.chain(p.not, func(t token) (BinaryOp, bool) { return And, t.word == "AND" })
}

func (p *parser) not() (Expr, error) {
	t := p.tok()
	if !p.accept("NOT") {
		return p.is()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	e, err := p.not()
	if err != nil {
		return nil, err
	}
	return &Unary{At: t.pos, Op: Not, Expr: e}, nil
}

func (p *parser) is() (Expr, error) {
	e, err := p.comparison()
	for err == nil && p.accept("IS") {
		e, err = p.isTest(e)
	}
	return e, err
}

// isTest reads what follows IS.
func (p *parser) isTest(e Expr) (Expr, error) {
	not := p.accept("NOT")
	test := IsTest(0)
	switch t := p.tok(); t.word {
	case "NULL":
		test = IsNull
	case "TRUE":
		test = IsTrue
	case "FALSE":
		test = IsFalse
	case "UNKNOWN":
		test = IsUnknown
	case "DISTINCT":
		p.advance()
		if err := p.keyword("FROM"); err != nil {
			return nil, err
		}
		right, err := p.comparison()
		if err != nil {
			return nil, err
		}
		return &IsDistinct{Not: not, Left: e, Right: right}, nil
	case "JSON", "NORMALIZED", "OF":
		return nil, p.unsupported(t.pos, "IS "+t.word+" is")
	default:
		if not {
			return nil, p.expected("NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM", "NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT")
		}
		return nil, p.expected("NOT, NULL, TRUE, FALSE, UNKNOWN or DISTINCT FROM", "NOT", "NULL", "TRUE", "FALSE", "UNKNOWN", "DISTINCT")
	}
	p.advance()
	return &Is{Expr: e, Not: not, Test: test}, nil
}

func (p *parser) comparison() (Expr, error) {
	return p.chain(p.rangeTest, func(t token) (BinaryOp, bool) {
		if t.kind != symbolToken {
			return 0, false
		}
		switch t.text {
		case "=":
			return Equal, true
		case "<>", "!=":
			return NotEqual, true
		case "<":
			return Less, true
		case "<=":
			return LessEqual, true
		case ">":
			return Greater, true
		case ">=":
			return GreaterEqual, true
		default:
			return 0, false
		}
	})
}

// rangeTest reads an operand with any [NOT] BETWEEN, IN and LIKE behind it.
func (p *parser) rangeTest() (Expr, error) {
	e, err := p.concat()
	for err == nil {
		t, not := p.tok(), p.at("NOT")
		if not {
			p.advance()
			t = p.tok()
		}
		switch t.word {
		case "BETWEEN":
			e, err = p.between(e, not)
		case "IN":
			e, err = p.in(e, not)
		case "LIKE":
			e, err = p.like(e, not)
		case "SIMILAR", "RLIKE", "REGEXP", "ILIKE":
			if t.word != "SIMILAR" || p.ahead[1].word == "TO" {
				return nil, p.unsupported(t.pos, t.word+" is")
			}
			fallthrough
		default:
			if not {
				return nil, p.expected("BETWEEN, IN or LIKE after NOT", "BETWEEN", "IN", "LIKE")
			}
			return e, nil
		}
	}
	return nil, err
}

func (p *parser) between(e Expr, not bool) (Expr, error) {
	p.advance()
	if p.at("SYMMETRIC") || p.at("ASYMMETRIC") {
		return nil, p.unsupported(p.tok().pos, "BETWEEN "+p.tok().word+" is")
	}
	low, err := p.concat()
	if err != nil {
		return nil, err
	}
	if err := p.keyword("AND"); err != nil {
		return nil, err
	}
	high, err := p.concat()
	if err != nil {
		return nil, err
	}
	return &Between{Expr: e, Not: not, Low: low, High: high}, nil
}

func (p *parser) in(e Expr, not bool) (Expr, error) {
	p.advance()
	if err := p.symbol("("); err != nil {
		return nil, err
	}
	if p.at("SELECT") {
		return nil, p.unsupported(p.tok().pos, "a query inside IN is")
	}
	items, err := p.exprs()
	if err != nil {
		return nil, err
	}
	return &In{Expr: e, Not: not, List: items}, nil
}

// exprs reads expressions with commas between them, and the closing parenthesis.
func (p *parser) exprs() ([]Expr, error) {
	var items []Expr
	for {
		e, err := p.expr()
		if err != nil {
			return nil, err
		}
		items = append(items, e)
		if p.acceptSymbol(",") {
			continue
		}
		if !p.acceptSymbol(")") {
			return nil, p.expected("an operator, ',' or ')'")
		}
		return items, nil
	}
}

func (p *parser) like(e Expr, not bool) (Expr, error) {
	p.advance()
	n := &Like{Expr: e, Not: not}
	var err error
	if n.Pattern, err = p.concat(); err != nil {
		return nil, err
	}
	if p.accept("ESCAPE") {
		if n.Escape, err = p.concat(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

func (p *parser) concat() (Expr, error) {
	return p.chain(p.additive, func(t token) (BinaryOp, bool) { return Concat, t.is("||") })
}

func (p *parser) additive() (Expr, error) {
	return p.chain(p.multiplicative, func(t token) (BinaryOp, bool) {
		if t.is("-") {
			return Subtract, true
		}
		return Add, t.is("+")
	})
}

func (p *parser) multiplicative() (Expr, error) {
	return p.chain(p.unary, func(t token) (BinaryOp, bool) {
		switch {
		case t.is("*"):
			return Multiply, true
		case t.is("/"):
			return Divide, true
		default:
			return Modulo, t.is("%")
		}
	})
}

// unary reads signs before an operand. A sign before a number becomes part of the number.
func (p *parser) unary() (Expr, error) {
	t := p.tok()
	if !t.is("-") && !t.is("+") {
		return p.primary()
	}
	p.advance()
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	op := Plus
	if t.is("-") {
		op = Minus
	}
	if p.tok().kind == numberToken {
		return p.number(t.pos, op == Minus)
	}
	e, err := p.unary()
	if err != nil {
		return nil, err
	}
	return &Unary{At: t.pos, Op: op, Expr: e}, nil
}
