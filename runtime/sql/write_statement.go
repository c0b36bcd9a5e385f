package sql

import "strconv"

func (n *CreateTable) write(p *printer) {
	p.text("CREATE TABLE ")
	n.Name.write(p)
	p.text(" (")
	list(p, n.Columns)
	if n.Watermark != nil {
		p.text(", ")
		n.Watermark.write(p)
	}
	if n.PrimaryKey != nil {
		p.text(", ")
		n.PrimaryKey.write(p)
	}
	p.text(")")
	if len(n.Options) > 0 {
		p.text(" WITH (")
		list(p, n.Options)
		p.text(")")
	}
}

func (n *ColumnDef) write(p *printer) {
	p.name(n.Name.Name, isReserved(upper(n.Name.Name)) || isElementWord(upper(n.Name.Name)))
	p.text(" ")
	n.Type.write(p)
}

func (n *WatermarkDef) write(p *printer) {
	p.text("WATERMARK FOR ")
	n.Column.write(p)
	p.text(" AS ")
	n.Expr.write(p)
}

func (n *PrimaryKey) write(p *printer) {
	p.text("PRIMARY KEY (")
	list(p, n.Columns)
	p.text(") NOT ENFORCED")
}

func (n *Option) write(p *printer) {
	p.quoted(n.Key, "'")
	p.text(" = ")
	p.quoted(n.Value, "'")
}

func (n *CreateView) write(p *printer) {
	p.text("CREATE VIEW ")
	n.Name.write(p)
	p.text(" AS ")
	n.Query.write(p)
}

func (n *Insert) write(p *printer) {
	p.text("INSERT INTO ")
	n.Table.write(p)
	if len(n.Columns) > 0 {
		p.text(" (")
		list(p, n.Columns)
		p.text(")")
	}
	p.text(" ")
	n.Query.write(p)
}

func (n *QueryStatement) write(p *printer) { n.Query.write(p) }

func (n *TypeName) write(p *printer) {
	p.name(n.Name, isReserved(n.Name))
	for i, v := range n.Params {
		if i == 0 {
			p.text("(")
		} else {
			p.text(", ")
		}
		p.text(strconv.Itoa(v))
	}
	if len(n.Params) > 0 {
		p.text(")")
	}
	if n.NotNull {
		p.text(" NOT NULL")
	}
}
