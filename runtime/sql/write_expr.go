package sql

import "strings"

func (n *ColumnRef) write(p *printer) {
	if n.Table != nil {
		n.Table.write(p)
		p.text(".")
	}
	n.Name.write(p)
}

func (n *Unary) write(p *printer) {
	if n.Op == Not {
		p.text("NOT ")
		p.operand(n.Expr, precNot)
		return
	}
	p.text(n.Op.String())
	var operand printer
	operand.operand(n.Expr, precUnary)
	text := operand.b.String()
	switch {
	case isNumber(n.Expr) && !strings.HasPrefix(text, "-"):
		text = "(" + text + ")" // A sign before a number would become the number's own.
	case n.Op == Minus && strings.HasPrefix(text, "-"):
		text = " " + text // Two minus signs would start a comment.
	}
	p.text(text)
}

// isNumber says whether an expression is a number.
func isNumber(e Expr) bool {
	switch e.(type) {
	case *IntegerLiteral, *DecimalLiteral, *DoubleLiteral:
		return true
	default:
		return false
	}
}

func (n *Binary) write(p *printer) {
	p.operand(n.Left, n.precedence())
	p.text(" " + n.Op.String() + " ")
	p.operand(n.Right, n.precedence()+1)
}

func (n *Is) write(p *printer) {
	p.operand(n.Expr, precIs)
	p.text(" IS ")
	p.not(n.Not)
	p.text(n.Test.String())
}

func (n *IsDistinct) write(p *printer) {
	p.operand(n.Left, precIs)
	p.text(" IS ")
	p.not(n.Not)
	p.text("DISTINCT FROM ")
	p.operand(n.Right, precComparison)
}

func (n *Between) write(p *printer) {
	p.operand(n.Expr, precRange)
	p.text(" ")
	p.not(n.Not)
	p.text("BETWEEN ")
	p.operand(n.Low, precConcat)
	p.text(" AND ")
	p.operand(n.High, precConcat)
}

func (n *In) write(p *printer) {
	p.operand(n.Expr, precRange)
	p.text(" ")
	p.not(n.Not)
	p.text("IN (")
	list(p, n.List)
	p.text(")")
}

func (n *Like) write(p *printer) {
	p.operand(n.Expr, precRange)
	p.text(" ")
	p.not(n.Not)
	p.text("LIKE ")
	p.operand(n.Pattern, precConcat)
	if n.Escape != nil {
		p.text(" ESCAPE ")
		p.operand(n.Escape, precConcat)
	}
}

func (n *Call) write(p *printer) {
	word := upper(n.Name.Name)
	p.name(n.Name.Name, isReserved(word) && !isFunctionWord(word))
	p.text("(")
	switch {
	case n.Star:
		p.text("*")
	case n.Distinct:
		p.text("DISTINCT ")
	}
	if word == "POSITION" && len(n.Args) > 0 {
		p.operand(n.Args[0], precConcat) // Its first operand ends at IN, so it reads no more than this.
		p.text(", ")
		list(p, n.Args[1:])
	} else {
		list(p, n.Args)
	}
	p.text(")")
	if n.Filter != nil {
		p.text(" FILTER (WHERE ")
		n.Filter.write(p)
		p.text(")")
	}
}

func (n *Case) write(p *printer) {
	p.text("CASE ")
	if n.Operand != nil {
		n.Operand.write(p)
		p.text(" ")
	}
	for _, w := range n.Whens {
		w.write(p)
		p.text(" ")
	}
	if n.Else != nil {
		p.text("ELSE ")
		n.Else.write(p)
		p.text(" ")
	}
	p.text("END")
}

func (n *When) write(p *printer) {
	p.text("WHEN ")
	n.Cond.write(p)
	p.text(" THEN ")
	n.Result.write(p)
}

func (n *Cast) write(p *printer) {
	if n.Try {
		p.text("TRY_")
	}
	p.text("CAST(")
	n.Expr.write(p)
	p.text(" AS ")
	n.Type.write(p)
	p.text(")")
}

func (n *Extract) write(p *printer) {
	p.text("EXTRACT(" + n.Unit.String() + " FROM ")
	n.Expr.write(p)
	p.text(")")
}

func (n *Trim) write(p *printer) {
	p.text("TRIM(" + n.Side.String() + " ")
	if n.Chars != nil {
		n.Chars.write(p)
		p.text(" ")
	}
	p.text("FROM ")
	n.Expr.write(p)
	p.text(")")
}

func (n *TimeRound) write(p *printer) {
	if n.Up {
		p.text("CEIL(")
	} else {
		p.text("FLOOR(")
	}
	n.Expr.write(p)
	p.text(" TO " + n.Unit.String() + ")")
}
