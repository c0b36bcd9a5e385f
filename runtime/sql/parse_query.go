package sql

import "github.com/millrace/millrace/runtime/fault"

// query reads a SELECT, or a query in parentheses, which change nothing.
func (p *parser) query() (Query, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	if p.at("WITH") || p.at("VALUES") {
		return nil, p.unsupported(p.tok().pos, p.tok().word+" as a query is")
	}
	if !p.acceptSymbol("(") {
		return p.selectQuery()
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	if !p.acceptSymbol(")") {
		return nil, p.afterQuery("a clause or ')'")
	}
	return q, p.noMore()
}

func (p *parser) selectQuery() (Query, error) {
	n := &Select{At: p.tok().pos}
	if err := p.keyword("SELECT"); err != nil {
		return nil, err
	}
	if p.at("DISTINCT") {
		return nil, p.unsupported(p.tok().pos, "SELECT DISTINCT is").Do("group by the columns")
	}
	p.accept("ALL")
	if err := p.selectItems(n); err != nil {
		return nil, err
	}
	var err error
	if p.accept("FROM") {
		if n.From, err = p.tableRef(); err != nil {
			return nil, err
		}
		if err := p.noJoin(); err != nil {
			return nil, err
		}
	}
	if p.accept("WHERE") {
		if n.Where, err = p.expr(); err != nil {
			return nil, err
		}
	}
	if p.at("GROUP") {
		if err := p.groupBy(n); err != nil {
			return nil, err
		}
	}
	if p.accept("HAVING") {
		if n.Having, err = p.expr(); err != nil {
			return nil, err
		}
	}
	return n, p.noMore()
}

func (p *parser) selectItems(n *Select) error {
	for {
		item, err := p.selectItem()
		if err != nil {
			return err
		}
		n.Items = append(n.Items, item)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

func (p *parser) selectItem() (SelectItem, error) {
	t := p.tok()
	if p.acceptSymbol("*") {
		return &Star{At: t.pos}, nil
	}
	if t.isName() && p.ahead[1].is(".") && p.ahead[2].is("*") {
		p.advance()
		p.advance()
		p.advance()
		return &Star{At: t.pos, Table: &Ident{At: t.pos, Name: t.text}}, nil
	}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	alias, err := p.optionalAlias()
	if err != nil {
		return nil, err
	}
	return &SelectExpr{Expr: e, Alias: alias}, nil
}

// optionalAlias reads [[AS] name]. One without AS is remembered: it may be a misspelt keyword.
func (p *parser) optionalAlias() (*Ident, error) {
	if p.accept("AS") {
		name, err := p.name("an alias")
		return &name, err
	}
	t := p.tok()
	if !t.isName() {
		return nil, nil //nolint:nilnil // there is none, and that is no error
	}
	p.advance()
	p.alias = t
	return &Ident{At: t.pos, Name: t.text}, nil
}

func (p *parser) groupBy(n *Select) error {
	if err := p.keywords("GROUP", "BY"); err != nil {
		return err
	}
	for {
		t := p.tok()
		switch {
		case t.names("ROLLUP", "CUBE") && p.ahead[1].is("("):
			return p.unsupported(t.pos, "GROUP BY "+upper(t.text)+" is")
		case t.word == "GROUPING" && p.ahead[1].word == "SETS":
			return p.unsupported(t.pos, "GROUPING SETS is")
		case t.is("(") && p.ahead[1].is(")"):
			return p.unsupported(t.pos, "GROUP BY () is").Do("leave GROUP BY out")
		}
		e, err := p.expr()
		if err != nil {
			return err
		}
		if _, ok := e.(*IntegerLiteral); ok {
			return p.lex.fault(t.pos, "GROUP BY takes no ordinal numbers").Do("write the expression itself")
		}
		n.GroupBy = append(n.GroupBy, e)
		if !p.acceptSymbol(",") {
			return nil
		}
	}
}

// noJoin refuses what combines the table just read with another, until it is built.
func (p *parser) noJoin() error {
	t := p.tok()
	switch t.word {
	case "JOIN", "INNER", "LEFT", "RIGHT", "FULL", "CROSS", "NATURAL":
		return p.unsupported(t.pos, "JOIN is")
	case "MATCH_RECOGNIZE", "TABLESAMPLE":
		return p.unsupported(t.pos, t.word+" is")
	case "FOR":
		return p.unsupported(t.pos, "FOR SYSTEM_TIME AS OF is")
	}
	if t.is(",") {
		return p.unsupported(t.pos, "a second table in FROM is")
	}
	return nil
}

// noMore refuses the clauses behind a query that are not built yet.
func (p *parser) noMore() error {
	t := p.tok()
	switch t.word {
	case "UNION", "INTERSECT", "EXCEPT", "LIMIT", "OFFSET", "FETCH", "WINDOW", "QUALIFY":
		return p.unsupported(t.pos, t.word+" is")
	case "ORDER":
		return p.unsupported(t.pos, "ORDER BY is")
	}
	return nil
}

// afterQuery returns the error for what stands behind a query. When it follows an alias without AS that is nearly a
// keyword, the alias is the mistake: in SELECT a FORM t, FORM was read as the alias of a.
func (p *parser) afterQuery(end string) error {
	clauses := []string{"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "JOIN"}
	if a := p.alias; a.kind == wordToken && p.tok().kind != badToken && p.prev.pos == a.pos {
		if near, ok := fault.Nearest(a.text, clauses); ok {
			return p.lex.fault(a.pos, "expected %s, found %s", end, a).Do("did you mean %s?", near)
		}
	}
	return p.expected("an operator, "+end, clauses...)
}
