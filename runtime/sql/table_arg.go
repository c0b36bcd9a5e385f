package sql

// TableArg is TABLE t or TABLE (query) as an argument, with PARTITION BY behind it or not.
type TableArg struct {
	// At is where the word TABLE is.
	At Pos
	// Table is a *TableName or a *Subquery, without alias.
	Table TableRef
	// PartitionBy are the columns behind PARTITION BY.
	PartitionBy []Ident
}

// Pos returns where the argument starts.
func (n *TableArg) Pos() Pos { return n.At }

// String returns the argument as canonical SQL.
func (n *TableArg) String() string { return render(n) }

func (*TableArg) argumentValue() {}
