package sql

// Walk visits an expression and what is in it, each before its operands, and stays out of an expression's operands when
// visit answers false. A nil expression is not visited.
func Walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	e.operands(func(o Expr) { Walk(o, visit) })
}

// tooDeep returns an expression at a depth beyond the limit, or nil. Its recursion ends there.
func tooDeep(e Expr, limit int) Expr {
	if limit == 0 {
		return e
	}
	var deep Expr
	e.operands(func(o Expr) {
		if deep == nil {
			deep = tooDeep(o, limit-1)
		}
	})
	return deep
}

func (*ColumnRef) operands(func(Expr))        {}
func (*NullLiteral) operands(func(Expr))      {}
func (*BoolLiteral) operands(func(Expr))      {}
func (*IntegerLiteral) operands(func(Expr))   {}
func (*DecimalLiteral) operands(func(Expr))   {}
func (*DoubleLiteral) operands(func(Expr))    {}
func (*StringLiteral) operands(func(Expr))    {}
func (*BytesLiteral) operands(func(Expr))     {}
func (*TimestampLiteral) operands(func(Expr)) {}
func (*DateLiteral) operands(func(Expr))      {}
func (*IntervalLiteral) operands(func(Expr))  {}

func (n *Unary) operands(visit func(Expr))      { each(visit, n.Expr) }
func (n *Binary) operands(visit func(Expr))     { each(visit, n.Left, n.Right) }
func (n *Is) operands(visit func(Expr))         { each(visit, n.Expr) }
func (n *IsDistinct) operands(visit func(Expr)) { each(visit, n.Left, n.Right) }
func (n *Between) operands(visit func(Expr))    { each(visit, n.Expr, n.Low, n.High) }
func (n *Like) operands(visit func(Expr))       { each(visit, n.Expr, n.Pattern, n.Escape) }
func (n *Cast) operands(visit func(Expr))       { each(visit, n.Expr) }
func (n *Extract) operands(visit func(Expr))    { each(visit, n.Expr) }
func (n *Trim) operands(visit func(Expr))       { each(visit, n.Chars, n.Expr) }
func (n *TimeRound) operands(visit func(Expr))  { each(visit, n.Expr) }

func (n *In) operands(visit func(Expr)) {
	each(visit, n.Expr)
	each(visit, n.List...)
}

func (n *Call) operands(visit func(Expr)) {
	each(visit, n.Args...)
	each(visit, n.Filter)
}

func (n *Case) operands(visit func(Expr)) {
	each(visit, n.Operand)
	for _, w := range n.Whens {
		each(visit, w.Cond, w.Result)
	}
	each(visit, n.Else)
}

// each visits the expressions that are there.
func each(visit func(Expr), exprs ...Expr) {
	for _, e := range exprs {
		if e != nil {
			visit(e)
		}
	}
}
