package sql

// TableArg is TABLE t or TABLE (query) as an argument.
type TableArg struct {
	// At is where the word TABLE is.
	At Pos
	// Table is a *TableName or a *Subquery, without alias.
	Table TableRef
}

// Pos returns where the argument starts.
func (n *TableArg) Pos() Pos { return n.At }

// String returns the argument as canonical SQL.
func (n *TableArg) String() string { return render(n) }

func (*TableArg) argumentValue() {}
