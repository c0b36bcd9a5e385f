package sql

// tableRef reads what stands in FROM.
func (p *parser) tableRef() (TableRef, error) {
	t := p.tok()
	switch {
	case t.is("("):
		return p.subquery(true)
	case t.word == "TABLE":
		return p.wrappedFunction()
	case t.word == "LATERAL" || t.word == "UNNEST" || t.word == "VALUES":
		return nil, p.unsupported(t.pos, t.word+" is")
	case t.isName() && p.ahead[1].is("("):
		f, err := p.tableFunction()
		if err != nil {
			return nil, err
		}
		f.Alias, err = p.tableAlias()
		return f, err
	}
	name, err := p.tableName("a table")
	if err != nil {
		return nil, err
	}
	alias, err := p.tableAlias()
	return &TableName{Name: name, Alias: alias}, err
}

// tableAlias reads [[AS] name], and refuses the list of columns that may follow.
func (p *parser) tableAlias() (*Ident, error) {
	if p.at("MATCH_RECOGNIZE") {
		return nil, p.unsupported(p.tok().pos, "MATCH_RECOGNIZE is")
	}
	alias, err := p.optionalAlias()
	if err == nil && alias != nil && p.tok().is("(") {
		return nil, p.unsupported(p.tok().pos, "a list of columns behind a table's alias is").Do("name the columns with AS in the SELECT")
	}
	return alias, err
}

func (p *parser) subquery(aliased bool) (TableRef, error) {
	n := &Subquery{At: p.advance().pos}
	if !p.at("SELECT") && !p.at("WITH") && !p.at("VALUES") && !p.tok().is("(") {
		return nil, p.expected("SELECT", "SELECT")
	}
	var err error
	if n.Query, err = p.query(); err != nil {
		return nil, err
	}
	if !p.acceptSymbol(")") {
		return nil, p.afterQuery("a clause or ')'")
	}
	if aliased {
		n.Alias, err = p.tableAlias()
	}
	return n, err
}

// wrappedFunction reads TABLE( function(…) ), the older way to write a table function.
func (p *parser) wrappedFunction() (TableRef, error) {
	p.advance()
	if err := p.symbol("("); err != nil {
		return nil, err
	}
	if !p.tok().isName() || !p.ahead[1].is("(") {
		return nil, p.expected("a table function such as TUMBLE(…)")
	}
	n, err := p.tableFunction()
	if err != nil {
		return nil, err
	}
	if err := p.symbol(")"); err != nil {
		return nil, err
	}
	n.Alias, err = p.tableAlias()
	return n, err
}

func (p *parser) tableFunction() (*TableFunction, error) {
	t := p.advance()
	n := &TableFunction{At: t.pos, Name: Ident{At: t.pos, Name: t.text}}
	p.advance() // the parenthesis, which the caller has seen
	if p.acceptSymbol(")") {
		return n, nil
	}
	seen := map[string]bool{}
	for {
		a, err := p.argument()
		if err != nil {
			return nil, err
		}
		if err := p.fits(n, a, seen); err != nil {
			return nil, err
		}
		n.Args = append(n.Args, a)
		if p.acceptSymbol(",") {
			continue
		}
		if p.at("ORDER") {
			return nil, p.unsupported(p.tok().pos, p.tok().word+" BY of a table argument is")
		}
		if !p.acceptSymbol(")") {
			return nil, p.expected("',' or ')'")
		}
		return n, nil
	}
}

// fits refuses a mix of named and positional arguments, and a name that stands twice.
func (p *parser) fits(n *TableFunction, a *Argument, seen map[string]bool) error {
	if len(n.Args) > 0 && (n.Args[0].Name == nil) != (a.Name == nil) {
		return p.lex.fault(a.At, "%s mixes named and positional arguments", n.Name).Do("name all of them or none")
	}
	if a.Name == nil {
		return nil
	}
	name := upper(a.Name.Name)
	if seen[name] {
		return p.lex.fault(a.At, "the argument %s stands here twice", a.Name.Name)
	}
	seen[name] = true
	return nil
}

func (p *parser) argument() (*Argument, error) {
	t := p.tok()
	n := &Argument{At: t.pos}
	if (t.kind == wordToken || t.kind == quotedToken) && p.ahead[1].is("=>") {
		p.advance()
		p.advance()
		n.Name = &Ident{At: t.pos, Name: t.text}
	}
	var err error
	n.Value, err = p.argumentValue()
	return n, err
}

func (p *parser) argumentValue() (ArgumentValue, error) {
	t := p.tok()
	switch {
	case t.word == "TABLE":
		return p.tableArg()
	case t.names("DESCRIPTOR") && p.ahead[1].is("("):
		p.advance()
		columns, err := p.names()
		return &Descriptor{At: t.pos, Columns: columns}, err
	}
	e, err := p.expr()
	if err != nil {
		return nil, err
	}
	return &ExprArg{Expr: e}, nil
}

func (p *parser) tableArg() (ArgumentValue, error) {
	n := &TableArg{At: p.advance().pos}
	if p.tok().is("(") {
		var err error
		if n.Table, err = p.subquery(false); err != nil {
			return nil, err
		}
		n.PartitionBy, err = p.partitionBy()
		return n, err
	}
	name, err := p.tableName("a table")
	if err != nil {
		return nil, err
	}
	if p.tok().is("(") {
		return nil, p.unsupported(name.At, "a table function as an argument is").Do("put it into a CREATE VIEW")
	}
	n.Table = &TableName{Name: name}
	n.PartitionBy, err = p.partitionBy()
	return n, err
}

// partitionBy reads [PARTITION BY column] or [PARTITION BY (column, …)]: without parentheses a comma ends the argument.
func (p *parser) partitionBy() ([]Ident, error) {
	if !p.at("PARTITION") {
		return nil, nil
	}
	p.advance()
	if err := p.keyword("BY"); err != nil {
		return nil, err
	}
	if p.tok().is("(") {
		return p.names()
	}
	name, err := p.name("a column name")
	return []Ident{name}, err
}
