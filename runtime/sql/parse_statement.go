package sql

import "github.com/millrace/millrace/runtime/fault"

// script reads statements separated by semicolons; empty ones count for nothing.
func (p *parser) script() (*Script, error) {
	s := &Script{}
	for {
		for p.acceptSymbol(";") {
			p.alias = token{}
		}
		if p.tok().kind == endToken {
			break
		}
		stmt, err := p.statement()
		if err != nil {
			return nil, err
		}
		s.Statements = append(s.Statements, stmt)
		if !p.tok().is(";") && p.tok().kind != endToken {
			return nil, p.afterStatement(stmt)
		}
	}
	if len(s.Statements) == 0 {
		return nil, p.expected("CREATE, INSERT or SELECT")
	}
	return s, nil
}

// afterStatement returns the error for what stands behind a statement.
func (p *parser) afterStatement(stmt Statement) error {
	if _, ok := stmt.(*CreateTable); !ok {
		return p.afterQuery("a clause, ';' or the end of the text")
	}
	switch p.tok().word {
	case "AS", "LIKE", "PARTITIONED", "DISTRIBUTED", "COMMENT":
		return p.unsupported(p.tok().pos, "CREATE TABLE … "+p.tok().word+" is")
	default:
		return p.expected("WITH, ';' or the end of the text", "WITH")
	}
}

func (p *parser) statement() (Statement, error) {
	t := p.tok()
	switch t.word {
	case "CREATE":
		return p.create()
	case "INSERT":
		return p.insert()
	case "SELECT":
		return p.queryStatement()
	case "WITH":
		return nil, p.unsupported(t.pos, "WITH before a query is").Do("write CREATE VIEW name AS SELECT …")
	case "EXECUTE", "BEGIN":
		return nil, p.unsupported(t.pos, t.word+" is").Do("leave it out: the INSERTs of one text run as one job")
	case "VALUES", "DROP", "ALTER", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "SET", "RESET", "USE", "UPDATE", "DELETE", "TRUNCATE", "ANALYZE", "MERGE", "CALL", "ADD", "LOAD":
		return nil, p.unsupported(t.pos, t.word+" is")
	default:
		if t.is("(") {
			return p.queryStatement()
		}
		return nil, p.expected("CREATE, INSERT or SELECT", "CREATE", "INSERT", "SELECT")
	}
}

func (p *parser) queryStatement() (Statement, error) {
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return &QueryStatement{Query: q}, nil
}

func (p *parser) create() (Statement, error) {
	at := p.advance().pos
	p.accept("TEMPORARY") // Every table and view of a text lives as long as its job.
	switch t := p.tok(); t.word {
	case "TABLE":
		p.advance()
		return p.createTable(at)
	case "VIEW":
		p.advance()
		return p.createView(at)
	case "OR":
		return nil, p.unsupported(t.pos, "CREATE OR REPLACE is").Do("leave it out: a text declares each name once")
	case "FUNCTION", "CATALOG", "DATABASE", "MATERIALIZED", "MODEL", "SYSTEM":
		return nil, p.unsupported(t.pos, "CREATE "+t.word+" is")
	default:
		return nil, p.expected("TABLE or VIEW", "TABLE", "VIEW", "TEMPORARY")
	}
}

// declared reads the name that CREATE gives.
func (p *parser) declared(what string) (Ident, error) {
	if p.at("IF") && p.ahead[1].word == "NOT" {
		return Ident{}, p.unsupported(p.tok().pos, "IF NOT EXISTS is").Do("leave it out: a text declares each name once")
	}
	return p.tableName(what)
}

func (p *parser) createView(at Pos) (Statement, error) {
	name, err := p.declared("the view's name")
	if err != nil {
		return nil, err
	}
	if p.tok().is("(") {
		return nil, p.unsupported(p.tok().pos, "a view's column list is").Do("name the columns with AS in its SELECT")
	}
	if err := p.keyword("AS"); err != nil {
		return nil, err
	}
	q, err := p.query()
	if err != nil {
		return nil, err
	}
	return &CreateView{At: at, Name: name, Query: q}, nil
}

func (p *parser) insert() (Statement, error) {
	n := &Insert{At: p.advance().pos}
	if p.at("OVERWRITE") {
		return nil, p.unsupported(p.tok().pos, "INSERT OVERWRITE is")
	}
	err := p.keyword("INTO")
	if err != nil {
		return nil, err
	}
	if n.Table, err = p.tableName("the name of a table"); err != nil {
		return nil, err
	}
	if next := p.ahead[1]; p.tok().is("(") && next.word != "SELECT" && !next.is("(") {
		if n.Columns, err = p.names(); err != nil {
			return nil, err
		}
	}
	switch t := p.tok(); {
	case t.word == "VALUES" || t.word == "PARTITION":
		return nil, p.unsupported(t.pos, t.word+" in INSERT is")
	case t.word != "SELECT" && t.word != "WITH" && !t.is("("):
		return nil, p.expected("SELECT", "SELECT")
	}
	if n.Query, err = p.query(); err != nil {
		return nil, err
	}
	return n, nil
}

func (p *parser) createTable(at Pos) (Statement, error) {
	n := &CreateTable{At: at}
	var err error
	if n.Name, err = p.declared("the table's name"); err != nil {
		return nil, err
	}
	open := p.tok().pos
	if p.at("AS") || p.at("LIKE") {
		return nil, p.unsupported(open, "CREATE TABLE … "+p.tok().word+" is")
	}
	if err := p.symbol("("); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for {
		if err := p.tableElement(n, seen); err != nil {
			return nil, err
		}
		if p.acceptSymbol(",") {
			continue
		}
		if p.acceptSymbol(")") {
			break
		}
		return nil, p.afterElement()
	}
	if len(n.Columns) == 0 {
		return nil, p.lex.fault(open, "the table %s has no columns", n.Name)
	}
	if p.accept("WITH") {
		if n.Options, err = p.options(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// afterElement returns the error for what stands behind a column, watermark or key of a table.
func (p *parser) afterElement() error {
	t := p.tok()
	switch t.word {
	case "METADATA":
		return p.unsupported(t.pos, "METADATA columns are")
	case "COMMENT":
		return p.unsupported(t.pos, "COMMENT is").Do("write the comment after --")
	case "PRIMARY", "UNIQUE":
		return p.lex.fault(t.pos, "a key stands on its own").Do("write , PRIMARY KEY (column) NOT ENFORCED after the columns")
	default:
		return p.expected("',' or ')'", "METADATA")
	}
}

// tableElement reads a column, the watermark or the primary key into the table. Seen holds the names of the columns.
func (p *parser) tableElement(n *CreateTable, seen map[string]bool) error {
	t, next := p.tok(), p.ahead[1]
	switch {
	case t.word == "WATERMARK" && next.word == "FOR":
		return p.watermark(n)
	case t.word == "PRIMARY" && next.word == "KEY":
		return p.primaryKey(n)
	case t.word == "CONSTRAINT":
		return p.unsupported(t.pos, "naming a constraint is").Do("write PRIMARY KEY (…) NOT ENFORCED alone")
	case t.word == "UNIQUE" && next.is("("), t.word == "PERIOD" && next.word == "FOR", t.word == "LIKE":
		return p.unsupported(t.pos, t.word+" inside CREATE TABLE is")
	}
	c, err := p.column()
	if err != nil {
		return misspelt(err, p, t, next)
	}
	if seen[c.Name.Name] {
		return p.lex.fault(c.At, "the column %s stands here twice", c.Name)
	}
	seen[c.Name.Name] = true
	n.Columns = append(n.Columns, c)
	return nil
}

// misspelt returns a better error for a column that was meant as a clause: WATERMRK FOR …, PRIMRY KEY ….
func misspelt(err error, p *parser, t, next token) error {
	if t.kind == wordToken && (next.word == "FOR" || next.word == "KEY") {
		if near, ok := fault.Nearest(t.text, []string{"WATERMARK", "PRIMARY"}); ok && near != t.word {
			return p.lex.fault(t.pos, "expected a column, WATERMARK FOR or PRIMARY KEY, found %s", t).Do("did you mean %s?", near)
		}
	}
	return err
}

func (p *parser) column() (*ColumnDef, error) {
	name, err := p.name("a column, WATERMARK FOR or PRIMARY KEY")
	if err != nil {
		return nil, err
	}
	if p.at("AS") {
		return nil, p.unsupported(p.tok().pos, "computed columns are").Do("compute %s in a CREATE VIEW over the table", name)
	}
	t, err := p.typeName()
	if err != nil {
		return nil, err
	}
	if p.at("NOT") {
		if err := p.keywords("NOT", "NULL"); err != nil {
			return nil, err
		}
		t.NotNull = true
	} else {
		p.accept("NULL")
	}
	return &ColumnDef{At: name.At, Name: name, Type: t}, nil
}

func (p *parser) watermark(n *CreateTable) error {
	at := p.tok().pos
	if n.Watermark != nil {
		return p.lex.fault(at, "the table %s has a second watermark", n.Name).Do("keep one WATERMARK FOR")
	}
	err := p.keywords("WATERMARK", "FOR")
	if err != nil {
		return err
	}
	w := &WatermarkDef{At: at}
	if w.Column, err = p.name("a column name"); err != nil {
		return err
	}
	if err := p.keyword("AS"); err != nil {
		return err
	}
	if w.Expr, err = p.expr(); err != nil {
		return err
	}
	n.Watermark = w
	return nil
}

func (p *parser) primaryKey(n *CreateTable) error {
	at := p.tok().pos
	if n.PrimaryKey != nil {
		return p.lex.fault(at, "the table %s has a second primary key", n.Name).Do("name all columns of the key in one")
	}
	err := p.keywords("PRIMARY", "KEY")
	if err != nil {
		return err
	}
	k := &PrimaryKey{At: at}
	if k.Columns, err = p.names(); err != nil {
		return err
	}
	if !p.at("NOT") || p.ahead[1].word != "ENFORCED" {
		return p.keyNotEnforced()
	}
	p.advance()
	p.advance()
	n.PrimaryKey = k
	return nil
}

func (p *parser) keyNotEnforced() error {
	err := p.expected("NOT ENFORCED")
	if f, ok := err.(*fault.Error); ok && p.tok().kind != badToken { //nolint:errorlint // made by expected just above
		return f.Do("write NOT ENFORCED after PRIMARY KEY (…): a topic does not check its keys")
	}
	return err
}

// options reads ('key' = 'value', …).
func (p *parser) options() ([]*Option, error) {
	if err := p.symbol("("); err != nil {
		return nil, err
	}
	var options []*Option
	seen := map[string]bool{}
	for {
		key := p.tok()
		if key.kind != stringToken {
			return nil, p.expected("an option's name in single quotes")
		}
		if seen[key.text] {
			return nil, p.lex.fault(key.pos, "the option '%s' stands here twice", key.text)
		}
		seen[key.text] = true
		p.advance()
		if err := p.symbol("="); err != nil {
			return nil, err
		}
		value := p.tok()
		if value.kind != stringToken {
			return nil, p.expected("the option's value in single quotes")
		}
		p.advance()
		options = append(options, &Option{At: key.pos, ValueAt: value.pos, Key: key.text, Value: value.text})
		if p.acceptSymbol(",") {
			continue
		}
		if !p.acceptSymbol(")") {
			return nil, p.expected("',' or ')'")
		}
		return options, nil
	}
}
