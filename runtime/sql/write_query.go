package sql

func (n Ident) write(p *printer) {
	p.name(n.Name, isReserved(upper(n.Name)))
}

func (n *Select) write(p *printer) {
	p.text("SELECT ")
	list(p, n.Items)
	if n.From != nil {
		p.text(" FROM ")
		n.From.write(p)
	}
	if n.Where != nil {
		p.text(" WHERE ")
		n.Where.write(p)
	}
	if len(n.GroupBy) > 0 {
		p.text(" GROUP BY ")
		list(p, n.GroupBy)
	}
	if n.Having != nil {
		p.text(" HAVING ")
		n.Having.write(p)
	}
}

func (n *Star) write(p *printer) {
	if n.Table != nil {
		n.Table.write(p)
		p.text(".")
	}
	p.text("*")
}

func (n *SelectExpr) write(p *printer) {
	n.Expr.write(p)
	p.alias(n.Alias)
}

func (n *TableName) write(p *printer) {
	n.Name.write(p)
	p.alias(n.Alias)
}

func (n *TableFunction) write(p *printer) {
	n.Name.write(p)
	p.text("(")
	list(p, n.Args)
	p.text(")")
	p.alias(n.Alias)
}

func (n *Subquery) write(p *printer) {
	p.text("(")
	n.Query.write(p)
	p.text(")")
	p.alias(n.Alias)
}

func (n *Argument) write(p *printer) {
	if n.Name != nil {
		p.name(n.Name.Name, false) // Before => a reserved word needs no quotes.
		p.text(" => ")
	}
	n.Value.write(p)
}

func (n *TableArg) write(p *printer) {
	p.text("TABLE ")
	n.Table.write(p)
	switch len(n.PartitionBy) {
	case 0:
	case 1:
		p.text(" PARTITION BY ")
		list(p, n.PartitionBy)
	default:
		p.text(" PARTITION BY (")
		list(p, n.PartitionBy)
		p.text(")")
	}
}

func (n *Descriptor) write(p *printer) {
	p.text("DESCRIPTOR(")
	list(p, n.Columns)
	p.text(")")
}

func (n *ExprArg) write(p *printer) { n.Expr.write(p) }
