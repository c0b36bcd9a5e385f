package sql

// WatermarkDef is WATERMARK FOR column AS expression in CREATE TABLE. The expression is any; which ones mean something
// is the planner's to say.
type WatermarkDef struct {
	At     Pos
	Column Ident
	Expr   Expr
}

// Pos returns where the clause starts.
func (n *WatermarkDef) Pos() Pos { return n.At }

// String returns the clause as canonical SQL.
func (n *WatermarkDef) String() string { return render(n) }
